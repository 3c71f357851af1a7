#!/bin/sh
# Becomes a node: the first process of namespaces of its own, with a root that is laid over the golden one and sshd in it.
# Killing this process removes all of it: processes, mounts, the network and every file that was written.
# Environment: GOLDEN, WORK (an empty folder), SIZE (of what it may write), NAME, ADDRESS, SP, GATEWAY, SETUP (shell text, run in the
# node), SSHD (options).
set -eu
. "${0%/*}/root.sh"
mount --make-rprivate /
# The network device comes from outside, into the namespace that this process already has.
echo namespaces
read -r word
[ "$word" = linked ]

mount -t tmpfs -o size=$SIZE,mode=0755 node "$WORK"
lay_over "$GOLDEN" "$WORK"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 dev dev
mknod -m 0666 dev/null c 1 3
mknod -m 0666 dev/zero c 1 5
mknod -m 0666 dev/full c 1 7
mknod -m 0666 dev/random c 1 8
mknod -m 0666 dev/urandom c 1 9
mknod -m 0666 dev/tty c 5 0
mknod -m 0600 dev/loop-control c 10 237
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
ln -s pts/ptmx dev/ptmx
enter

ip link set node0 name eth0
introduce eth0
[ "$SP" = 5 ] || cp "/etc/os-release.sp$SP" /etc/os-release
printf 'x\n' >/dev/null
mkdir -p -m 0700 /root/.ssh
umask 077
printf '%s\n' "$AUTHORIZED" >/root/.ssh/authorized_keys
for user in admin ops guest csher shut talker; do
  id "$user" >/dev/null 2>&1 || continue
  mkdir -p "/home/$user/.ssh"
  cp /root/.ssh/authorized_keys "/home/$user/.ssh/"
  chown -R "$user:$user" "/home/$user/.ssh"
done
printf '%s\n' "$HOST_KEY" >/etc/ssh/ssh_host_ed25519_key
umask 022
sh -euc "$SETUP"
unset AUTHORIZED HOST_KEY SETUP
# shellcheck disable=SC2086 # several options
exec /usr/sbin/sshd -D -e $SSHD

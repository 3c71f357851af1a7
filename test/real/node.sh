#!/bin/sh
# Becomes a node: the first process of namespaces of its own, with a root that is laid over the golden one and sshd in it.
# Killing this process removes all of it: processes, mounts, the network and every file that was written.
# Environment: GOLDEN, WORK (an empty folder), SIZE (of what it may write), NAME, ADDRESS, SP, GATEWAY, SETUP (shell text, run in the
# node), SSHD (options).
set -eu
mount --make-rprivate /
# The network device comes from outside, into the namespace that this process already has.
echo namespaces
read -r word
[ "$word" = linked ]

mount -t tmpfs -o size=$SIZE,mode=0755 node "$WORK"
mkdir "$WORK/upper" "$WORK/work" "$WORK/root"
mount -t overlay -o "lowerdir=$GOLDEN,upperdir=$WORK/upper,workdir=$WORK/work" node "$WORK/root"
cd "$WORK/root"
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
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=0755 run run
mkdir -p run/sshd run/lock .outside
pivot_root . .outside
cd /
umount -l /.outside
rmdir /.outside

hostname "$NAME"
ip link set lo up
ip link set node0 name eth0
ip address add "$ADDRESS/24" dev eth0
ip link set eth0 up
# Without it every short exchange waits for a delayed acknowledgement.
ip route change 10.92.100.0/24 dev eth0 proto kernel scope link src "$ADDRESS" quickack 1
printf '%s\n' "$NAME" >/etc/hostname
printf '127.0.0.1 localhost\n%s %s\n%s packages.local\n' "$ADDRESS" "$NAME" "$GATEWAY" >/etc/hosts
: >/etc/resolv.conf
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

#!/bin/sh
# The first process of a node that has a kernel of its own (user-mode Linux). Its root so far is the whole machine's, read-only;
# it lays a root in its memory over the golden one, so that a reboot forgets everything, as with a live image.
# The kernel's command line says TRUEUP_NODE, a folder with `settings` (GOLDEN, MODULES, NAME, ADDRESS, GATEWAY), the keys, and `setup`.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
. "$TRUEUP_NODE/settings"
. "$TRUEUP_NODE/root.sh"
mount -t tmpfs -o mode=0755,size=85% node /mnt
mkdir /mnt/golden
mount -t hostfs -o "$GOLDEN,ro" golden /mnt/golden
mount -t hostfs -o "$MODULES,ro" modules /mnt/golden/mnt
chroot /mnt/golden insmod /mnt/kernel/fs/overlayfs/overlay.ko
umount /mnt/golden/mnt
lay_over /mnt/golden /mnt
mkdir -p lib/modules "lib/modules/${MODULES##*/}" node
mount -t hostfs -o "$MODULES,ro" modules "lib/modules/${MODULES##*/}"
mount -t hostfs -o "$TRUEUP_NODE,ro" settings node
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t devtmpfs dev dev || mount -t tmpfs -o mode=0755 dev dev
[ -e dev/fd ] || ln -s /proc/self/fd dev/fd
enter
introduce vec0
mkdir -p -m 0700 /root/.ssh
install -m 0600 /node/authorized /root/.ssh/authorized_keys
install -m 0600 /node/host /etc/ssh/ssh_host_ed25519_key
# A root that has systemd is run by it.
if [ -x /lib/systemd/systemd ]; then
  sh -eu /node/setup
  umount /node
  exec /lib/systemd/systemd
fi
# Without it `rbd map` waits for ever.
/lib/systemd/systemd-udevd --daemon
sh -eu /node/setup
umount /node
/usr/sbin/sshd
# This process collects the orphans; when it ended the kernel would panic.
while :; do sleep 1000000 & wait; done

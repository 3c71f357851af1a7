#!/bin/sh
# The first process of a node that has a kernel of its own (user-mode Linux). Its root so far is the whole machine's, read-only;
# it lays a root in its memory over the golden one, so that a reboot forgets everything, as with a live image.
# The kernel's command line says TRUEUP_NODE, a folder with `settings` (GOLDEN, MODULES, NAME, ADDRESS, GATEWAY), the keys, and `setup`.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
. "$TRUEUP_NODE/settings"
mount -t tmpfs -o mode=0755,size=85% node /mnt
mkdir /mnt/golden /mnt/upper /mnt/work /mnt/root
mount -t hostfs -o "$GOLDEN,ro" golden /mnt/golden
mount -t hostfs -o "$MODULES,ro" modules /mnt/golden/mnt
chroot /mnt/golden insmod /mnt/kernel/fs/overlayfs/overlay.ko
umount /mnt/golden/mnt
mount -t overlay -o lowerdir=/mnt/golden,upperdir=/mnt/upper,workdir=/mnt/work node /mnt/root
cd /mnt/root
mkdir -p lib/modules "lib/modules/${MODULES##*/}" node
mount -t hostfs -o "$MODULES,ro" modules "lib/modules/${MODULES##*/}"
mount -t hostfs -o "$TRUEUP_NODE,ro" settings node
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t devtmpfs dev dev || mount -t tmpfs -o mode=0755 dev dev
mkdir -p dev/pts dev/shm
mount -t devpts -o mode=0620 devpts dev/pts
[ -e dev/fd ] || ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=0755 run run
mkdir -p run/sshd run/lock .outside
pivot_root . .outside
cd /
umount -l /.outside
rmdir /.outside

hostname "$NAME"
ip link set lo up
ip address add "$ADDRESS/24" dev vec0
ip link set vec0 up
ip route change 10.92.100.0/24 dev vec0 proto kernel scope link src "$ADDRESS" quickack 1
printf '%s\n' "$NAME" >/etc/hostname
printf '127.0.0.1 localhost\n%s %s\n%s packages.local\n' "$ADDRESS" "$NAME" "$GATEWAY" >/etc/hosts
: >/etc/resolv.conf
mkdir -p -m 0700 /root/.ssh
install -m 0600 /node/authorized /root/.ssh/authorized_keys
install -m 0600 /node/host /etc/ssh/ssh_host_ed25519_key
# Without it `rbd map` waits for ever.
/lib/systemd/systemd-udevd --daemon
sh -eu /node/setup
umount /node
/usr/sbin/sshd
# This process collects the orphans; when it ended the kernel would panic.
while :; do sleep 1000000 & wait; done

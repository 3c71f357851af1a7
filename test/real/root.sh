# What nodes of both kinds do on their way into a root of their own; node.sh and uml.sh read it.

# lay_over GOLDEN FOLDER: a root in the folder's memory over the golden one; goes there.
lay_over() {
  mkdir "$2/upper" "$2/work" "$2/root"
  mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" node "$2/root"
  cd "$2/root"
}

# Makes the folder where it stands the root; proc, sys and dev are mounted there already.
enter() {
  mkdir -p dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
  mount -t tmpfs -o mode=1777 shm dev/shm
  mount -t tmpfs -o mode=0755 run run
  mkdir -p run/sshd run/lock .outside
  pivot_root . .outside
  cd /
  umount -l /.outside
  rmdir /.outside
}

# introduce DEVICE: the node has NAME, ADDRESS and a way to GATEWAY, by this device.
introduce() {
  hostname "$NAME"
  ip link set lo up
  ip address add "$ADDRESS/24" dev "$1"
  ip link set "$1" up
  # Without it every short exchange waits for a delayed acknowledgement.
  ip route change 10.92.100.0/24 dev "$1" proto kernel scope link src "$ADDRESS" quickack 1
  printf '%s\n' "$NAME" >/etc/hostname
  printf '127.0.0.1 localhost\n%s %s\n%s packages.local\n' "$ADDRESS" "$NAME" "$GATEWAY" >/etc/hosts
  : >/etc/resolv.conf
}

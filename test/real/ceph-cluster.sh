# Run in the master before its sshd: a Ceph cluster of one monitor and one OSD, whose objects lie in memory.
# Every key is in the monitor's first keyring, so that nothing waits for `ceph auth` later. Nothing here needs a manager daemon.
fsid=3f6a1d3e-5b0b-4c0e-9a59-2d0f64c8c0a2
osd=7b1d2c58-0f67-4a7c-8d36-0a9a3a2b9c11
address=$(cat /etc/hosts | sed -n "s/ $(hostname)$//p")
rm -rf /etc/ceph /var/lib/ceph
mkdir -p /etc/ceph /run/ceph /var/lib/ceph/mon/ceph-a /var/lib/ceph/osd/ceph-0
# Nodes get this file: what concerns daemons alone stands in their sections.
cat >/etc/ceph/ceph.conf <<END
[global]
fsid = $fsid
mon host = [v2:$address:3300,v1:$address:6789]
auth cluster required = cephx
auth service required = cephx
auth client required = cephx

[mon]
mon initial members = a
mon allow pool size one = true
mon warn on pool no redundancy = false
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
log file = /var/log/ceph/mon.log

[osd]
osd objectstore = memstore
memstore device bytes = 4294967296
memstore page set = true
osd max object name len = 256
osd max object namespace len = 64
log file = /var/log/ceph/osd.log
END
key() {
  name=$1
  shift
  ceph-authtool /etc/ceph/all --gen-key --name "$name" "$@" >/dev/null
}
ceph-authtool --create-keyring /etc/ceph/all >/dev/null
key mon. --cap mon 'allow *'
key osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
key client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
key client.kube --cap mon 'profile rbd' --cap osd 'profile rbd pool=kube'
key client.admin-tools --cap mon 'allow *' --cap osd 'allow *'
only() {
  { printf '[%s]\n' "$1"; printf '\tkey = %s\n' "$(ceph-authtool /etc/ceph/all --print-key --name "$1")"; } >"$2"
}
only client.admin /etc/ceph/ceph.client.admin.keyring
only osd.0 /var/lib/ceph/osd/ceph-0/keyring
monmaptool --create --fsid $fsid --addv a "[v2:$address:3300,v1:$address:6789]" /etc/ceph/monmap >/dev/null
ceph-mon --mkfs -i a --monmap /etc/ceph/monmap --keyring /etc/ceph/all >/dev/null 2>&1
ceph-mon -i a
ceph osd create $osd 0 >/dev/null
ceph-osd -i 0 --mkfs --osd-uuid $osd >/dev/null 2>&1
ceph-osd -i 0 >/dev/null 2>&1
ceph osd pool create kube 8 >/dev/null 2>&1
rbd pool init kube
rm /etc/ceph/all /etc/ceph/monmap

#!/bin/sh
# Builds the root that every node lays its own changes over: Debian's programs under the name of SLES 15 SP5.
# golden.sh ROOT BUILT: ROOT is made; BUILT is what repositories.sh made, of which it takes sles-release and the key that SLES knows.
set -eu
root=$1
rpms=$2/rpms
key=$2/suse.key

mmdebstrap --quiet --variant=minbase \
  --include=openssh-server,openssh-client,zypper,rpm,e2fsprogs,xfsprogs,udev,kmod,sudo,tcsh,iproute2,curl,ca-certificates,procps,hostname,mount,util-linux,passwd,gnupg \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root" http://deb.debian.org/debian

release() {
  printf 'NAME="SLES"\nVERSION="15-SP%s"\nVERSION_ID="15.%s"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP%s"\nID="sles"\nID_LIKE="suse"\nANSI_COLOR="0;32"\nCPE_NAME="cpe:/o:suse:sles:15:sp%s"\n' "$1" "$1" "$1" "$1"
}
rm -f "$root/etc/os-release"
release 5 >"$root/etc/os-release"
release 6 >"$root/etc/os-release.sp6"
# What a node of SLES does not have.
rm -f "$root"/usr/bin/apt-get "$root"/usr/bin/dpkg-query "$root"/etc/ssh/ssh_host_*
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*

# Debian's rpm keeps its database in the home, where zypper does not look.
mkdir -p "$root/etc/rpm" "$root/etc/zypp/repos.d" "$root/var/lib/rpm"
printf '%%_dbpath /var/lib/rpm\n' >"$root/etc/rpm/macros"
cp "$rpms"/sles-release-*.rpm "$key" "$root/tmp/"
chroot "$root" rpm --initdb
chroot "$root" sh -c 'rpm --install --nodeps /tmp/sles-release-*.rpm 2>/dev/null; rpm --import /tmp/suse.key; rm /tmp/sles-release-*.rpm /tmp/suse.key; rpm -q sles-release gpg-pubkey'

chroot "$root" sh -c '
  useradd --create-home --shell /bin/bash admin
  useradd --create-home --shell /bin/bash ops
  useradd --create-home --shell /bin/bash guest
  useradd --create-home --shell /bin/tcsh csher
  useradd --create-home --shell /usr/sbin/nologin shut
  useradd --create-home --shell /bin/bash talker
  for user in admin ops guest csher shut talker; do echo "$user:rehearsal"; done | chpasswd
'
cat >"$root/etc/sudoers.d/nodes" <<'SUDO'
Defaults:admin lecture=always
admin ALL=(ALL:ALL) ALL
ops ALL=(ALL:ALL) NOPASSWD: ALL
csher ALL=(ALL:ALL) NOPASSWD: ALL
talker ALL=(ALL:ALL) NOPASSWD: ALL
SUDO
chmod 0440 "$root/etc/sudoers.d/nodes"
# What it prints comes before everything, and some of it has no end of line.
printf 'echo "Welcome to the system."\nprintf "no end of line"\necho noise >&2\n' | tee "$root/home/talker/.bashrc" >"$root/home/talker/.profile"
printf 'UsePAM yes\nHostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin prohibit-password\nSubsystem sftp /usr/lib/openssh/sftp-server\nPrintMotd no\nUseDNS no\nAcceptEnv LANG LC_*\n' >"$root/etc/ssh/sshd_config"
# As SLES has it: the group of an account outlives it.
sed -i 's/^USERGROUPS_ENAB.*/USERGROUPS_ENAB no/' "$root/etc/login.defs"

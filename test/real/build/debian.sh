#!/bin/sh
# Builds the root of a node that calls itself what it is: Debian, with systemd as its first process, apt, git and Podman; and the
# repository of its apt.
# debian.sh OUT: OUT is made.
set -eu
out=$1
root=$out/debian
mkdir -p "$out"

mmdebstrap --quiet --variant=minbase \
  --include=systemd-sysv,dbus,udev,kmod,openssh-server,iproute2,procps,hostname,passwd,e2fsprogs,util-linux,mount,git,podman,busybox-static \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root" http://deb.debian.org/debian
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/etc/apt/sources.list* "$root"/etc/ssh/ssh_host_*
mkdir -p "$root/etc/apt/sources.list.d" "$root/var/lib/containers"
printf 'UsePAM yes\nHostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin prohibit-password\nSubsystem sftp /usr/lib/openssh/sftp-server\nPrintMotd no\nUseDNS no\n' >"$root/etc/ssh/sshd_config"
# Without an id this would be its first boot each time; and what a node does not need makes its boot longer.
printf '5d0a6f1e8c4b4f5d9a3e7b2c1d4f6a80\n' >"$root/etc/machine-id"
chroot "$root" systemctl --quiet mask systemd-udev-trigger.service systemd-networkd.service systemd-logind.service systemd-timesyncd.service getty.target podman-restart.service \
  podman-auto-update.service podman-auto-update.timer podman.socket podman.service e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer
# The store of Podman, which cannot lie on an overlay.
printf 'store /var/lib/containers tmpfs mode=0755 0 0\n' >"$root/etc/fstab"

package=$out/package
mkdir -p "$package/DEBIAN" "$package/usr/bin" "$out/apt"
printf 'Package: tool\nVersion: 1.0\nArchitecture: all\nMaintainer: site <site@packages.local>\nDescription: tool\n' >"$package/DEBIAN/control"
printf '#!/bin/sh\necho tool version 1.0\n' >"$package/usr/bin/tool"
chmod 0755 "$package/usr/bin/tool"
dpkg-deb --root-owner-group --build "$package" "$out/apt/tool_1.0_all.deb" >/dev/null
cd "$out/apt"
hash() { sha256sum "$1" | cut -d ' ' -f 1; }
{
  dpkg-deb --field tool_1.0_all.deb
  printf 'Filename: ./tool_1.0_all.deb\nSize: %s\nSHA256: %s\n' "$(stat -c %s tool_1.0_all.deb)" "$(hash tool_1.0_all.deb)"
} >Packages
printf 'Suite: stable\nDate: %s\nSHA256:\n %s %s Packages\n' "$(date -uR)" "$(hash Packages)" "$(stat -c %s Packages)" >Release
GNUPGHOME=$out/gnupg
export GNUPGHOME
mkdir -m 0700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key 'site <site@packages.local>' rsa2048 sign never
gpg --batch --quiet --clearsign --output InRelease Release
gpg --batch --quiet --armor --export --output site.asc site@packages.local
gpgconf --kill all || true
rm -rf "$GNUPGHOME" "$package"

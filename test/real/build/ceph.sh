#!/bin/sh
# Builds what the storage tests need: the root of the master, which is a whole Ceph 16 cluster on one host, with sshd beside it; the
# repository in which nodes find `ceph-common`; and what lets user-mode Linux run on processors with AMX.
# ceph.sh OUT BUILT GOLDEN: OUT is made; BUILT and GOLDEN are those of the other nodes.
set -eu
here=$(dirname "$0")
out=$1
built=$2
golden=$3
root=$out/ceph
mkdir -p "$out"

tcc -shared -nostdlib -o "$out/ptrace.so" "$here/ptrace.c"

mmdebstrap --quiet --variant=minbase \
  --include=openssh-server,ceph-mon,ceph-osd,ceph-common,iproute2,procps,hostname,mount,util-linux,passwd,e2fsprogs \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root" http://deb.debian.org/debian
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/etc/ssh/ssh_host_*
printf 'UsePAM yes\nHostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin prohibit-password\nSubsystem sftp /usr/lib/openssh/sftp-server\nPrintMotd no\nUseDNS no\n' >"$root/etc/ssh/sshd_config"

# Of ceph-common, what a node needs: rbd, and the libraries that the golden root lacks. One package installs in a fraction of the
# time of the fifty that Debian makes of it.
files=$out/files
mkdir -p "$files/usr/bin" "$files/usr/lib/x86_64-linux-gnu" "$files/usr/lib/udev/rules.d"
cp "$root"/usr/bin/rbd "$root"/usr/bin/ceph-rbdnamer "$root"/usr/bin/rbdmap "$files/usr/bin/"
cp "$root"/lib/udev/rules.d/50-rbd.rules "$files/usr/lib/udev/rules.d/"
mkdir -p "$files/usr/lib/x86_64-linux-gnu/ceph"
chroot "$root" ldd /usr/bin/rbd | sed -n 's/.*=> \([^ ]*\) .*/\1/p' | while read -r library; do
  name=${library##*/}
  [ -e "$golden/usr/lib/x86_64-linux-gnu/$name" ] && continue
  real=$(chroot "$root" readlink -f "$library")
  case $library in */ceph/*) folder=usr/lib/x86_64-linux-gnu/ceph ;; *) folder=usr/lib/x86_64-linux-gnu ;; esac
  cp "$root$real" "$files/$folder/$name"
done
cat >"$out/ceph-common.spec" <<'SPEC'
Name: ceph-common
Version: 16.2.15
Release: 1
Summary: What a client of Ceph needs
License: LGPL-2.1
AutoReqProv: no

%description
What a client of Ceph needs.

%install
cp -a %{payload}/. %{buildroot}/

%files
/usr/bin/*
/usr/lib/udev/rules.d/*
/usr/lib/x86_64-linux-gnu/*
SPEC
rpmbuild --quiet -bb --define "_topdir $out/top" --define "_rpmdir $out/rpms" --define "payload $files" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
  --define '_binary_payload w1.gzdio' --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' --define '_dbpath /var/lib/rpm' "$out/ceph-common.spec" >"$out/rpmbuild.log" 2>&1 || {
  cat "$out/rpmbuild.log" >&2
  exit 1
}

GNUPGHOME=$out/gnupg
export GNUPGHOME
mkdir -m 0700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key 'storage <storage@packages.local>' rsa2048 sign never
gpg --batch --quiet --armor --export --output "$out/storage.key" storage@packages.local
# repository NAME RPMS…
repository() {
  at=$out/storage/$1
  shift
  mkdir -p "$at"
  cp "$@" "$at/"
  createrepo_c --quiet "$at"
  gpg --batch --quiet --yes --armor --detach-sign --output "$at/repodata/repomd.xml.asc" "$at/repodata/repomd.xml"
  cp "$out/storage.key" "$at/repodata/repomd.xml.key"
}
repository SUSE-SLE-Module-Basesystem-15-SP5-x86_64-Pool "$out"/rpms/ceph-common-*.rpm "$built"/rpms/conmon-*.rpm
repository SUSE-SLE-Module-Containers-15-SP5-x86_64-Pool "$built"/rpms/podman-*.rpm
gpgconf --kill all || true
rm -rf "$GNUPGHOME" "$out/top" "$files" "$out/rpms"

#!/bin/sh
# Builds the RPMs, the repositories of the nodes, and the private authority of packages.local.
# repositories.sh FOLDER: makes FOLDER/{rpms,repository,tls}.
set -eu
out=$1
mkdir -p "$out/rpms" "$out/repository" "$out/tls" "$out/spec"

# make NAME VERSION LINES-OF-HEADER FILES-AND-SCRIPTLETS INSTALL
make() {
  {
    printf 'Name: %s\nVersion: %s\nRelease: 1\nSummary: %s\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n%s\n\n%%description\n%s.\n\n%%install\nmkdir -p %%{buildroot}\n%s\n\n%s\n' "$1" "$2" "$1" "$3" "$1" "$5" "$4"
  } >"$out/spec/$1-$2.spec"
  rpmbuild --quiet -bb --define "_topdir $out/top" --define "_rpmdir $out/rpms" --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' --define '_dbpath /var/lib/rpm' "$out/spec/$1-$2.spec" >"$out/spec/$1.log" 2>&1 || {
    cat "$out/spec/$1.log" >&2
    exit 1
  }
}
program() {
  printf 'mkdir -p %%{buildroot}/usr/bin\nprintf "#!/bin/sh\\necho %s version %s\\n" >%%{buildroot}/usr/bin/%s\nchmod 0755 %%{buildroot}/usr/bin/%s' "$1" "$2" "$1" "$1"
}

make sles-release 15.5 'Provides: /bin/sh
Provides: /bin/bash
Provides: /sbin/ldconfig
Provides: product() = SLES' '%files
/etc/products.d/SLES.prod
/etc/products.d/baseproduct' 'mkdir -p %{buildroot}/etc/products.d
printf "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<product schemeversion=\"0\"><vendor>SUSE</vendor><name>SLES</name><version>15.5</version><release>0</release><arch>x86_64</arch><summary>SUSE Linux Enterprise Server 15 SP5</summary></product>\n" >%{buildroot}/etc/products.d/SLES.prod
ln -s SLES.prod %{buildroot}/etc/products.d/baseproduct'
make podman 4.4.4 'Requires: conmon' '%files
/usr/bin/podman' "$(program podman 4.4.4)"
make conmon 2.1.5 '' '%files
/usr/bin/conmon' "$(program conmon 2.1.5)"
make tool 1.0 '' '%files
/usr/bin/tool' "$(program tool 1.0)"
make tool 1.1 '' '%files
/usr/bin/tool' "$(program tool 1.1)"
make rival 1.0 '' '%files
/usr/bin/tool' "$(program tool 9)"
make late 1.0 '' '%post
echo "late: the scriptlet gives up" >&2
exit 1
%files
/usr/bin/late' "$(program late 1.0)"
make early 1.0 '' '%pre
exit 1
%files
/usr/bin/early' "$(program early 1.0)"
make needy 1.0 'Requires: nothing-has-it' '%files
/usr/bin/needy' "$(program needy 1.0)"
make gone 1.0 '' '%files
/usr/bin/gone' "$(program gone 1.0)"

GNUPGHOME=$out/gnupg
export GNUPGHOME
mkdir -m 0700 "$GNUPGHOME"
# repository NAME KEY PACKAGES…: KEY `none` leaves it unsigned
repository() {
  at=$out/repository/$1
  key=$2
  shift 2
  mkdir -p "$at"
  for one in "$@"; do cp "$out"/rpms/"$one".noarch.rpm "$at/"; done
  createrepo_c --quiet "$at"
  [ "$key" = none ] && return
  gpg --batch --quiet --list-keys "$key@packages.local" >/dev/null 2>&1 || gpg --batch --quiet --passphrase '' --quick-generate-key "$key <$key@packages.local>" rsa2048 sign never
  gpg --batch --quiet --yes --local-user "$key@packages.local" --armor --detach-sign --output "$at/repodata/repomd.xml.asc" "$at/repodata/repomd.xml"
  gpg --batch --quiet --yes --armor --export --output "$at/repodata/repomd.xml.key" "$key@packages.local"
  gpg --batch --quiet --yes --armor --export --output "$out/$key.key" "$key@packages.local"
}
for sp in 5 6; do
  repository SUSE-SLE-Module-Basesystem-15-SP$sp-x86_64-Pool suse conmon-2.1.5-1 tool-1.0-1
  repository SUSE-SLE-Module-Containers-15-SP$sp-x86_64-Pool suse podman-4.4.4-1
done
repository updates suse tool-1.1-1
repository odd suse late-1.0-1 early-1.0-1 needy-1.0-1 gone-1.0-1 rival-1.0-1
rm "$out/repository/odd/gone-1.0-1.noarch.rpm"
repository unsigned none tool-1.0-1
repository foreign stranger tool-1.0-1
gpgconf --kill all || true

cd "$out/tls"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Platform CA' -keyout ca.key -out ca.crt 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj '/CN=packages.local' -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:packages.local\n' >san
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile san -out server.crt 2>/dev/null
rm -rf "$out/top" "$GNUPGHOME"

/**
 * How an archive is unpacked. It is extracted in a private folder of its destination, whatever it holds; the result is checked
 * there, where no other user can change it, and then put into its place name by name.
 */
export const unpacking: Readonly<Record<string, string>> = {
  /** `Unpack archive sha256 folder mark format seconds`: the mark is the path below the folder that says it was done; it comes last. */
  Unpack: `Unpack() { Walk "$3" && Enter "$n" || { echo "$3 cannot be entered" >&2; return 1; }
n=unpack
Private || return 1
Extract "$@" && Inspect "$1" && ( Place "$4" ); s=$?
Leave; return $s; }
`,
  /**
   * `Extract`: from the archive itself where no other user can change or exchange it, else from a copy whose hash is checked. Its members
   * are listed first; a listing that fails ends it.
   */
  Extract: `Extract() { if Sure "$1" && u=$z1 && case $($St -c '%f %u' "$u") in 8*[2367abef]" "*|8*[13579bdf]?" "*) false;; *" 0"|*" $I") ;; *) false;; esac; then :
else ( Walk "$1" && Take 9223372036854775807 ) >a || { echo "$1 cannot be read" >&2; return 1; }
z=$($Sh <a); if [ "\${z%% *}" != "$2" ]; then echo "$1 changed since it was read" >&2; return 1; fi
u=a; fi
mkdir t || return 1
case $5 in
zip) K $6 unzip -Z1 -- "$u" >l || { echo "$1 cannot be listed; nothing was unpacked" >&2; return 1; };;
*) K $6 tar -tf "$u" >l && K $6 tar -tvf "$u" >v || { echo "$1 cannot be listed to its end; nothing was unpacked" >&2; return 1; }
if grep -qE '^[bcpsu]' v; then echo "$1 has devices or FIFOs among its members; nothing was unpacked" >&2; return 1; fi
if grep -qE '^h.* link to (/|([^ ]*/)?[.][.](/|$))' v; then echo "$1 links to what lies outside its folder; nothing was unpacked" >&2; return 1; fi;;
esac
if grep -qE '^/|(^|/)[.][.](/|$)' l; then echo "$1 has members that would lie outside its folder; nothing was unpacked" >&2; return 1; fi
case $5 in
zip) K $6 unzip -q -o "$u" -d t >&2;;
*) K $6 tar -xof "$u" -C t >&2;;
esac || { echo "$1 cannot be extracted to its end; nothing was unpacked" >&2; return 1; }; }
`,
  /** `Inspect`: files, folders and links that stay inside are taken, and of their modes what does not let other users in. */
  Inspect: `Inspect() { z=$(find t ! -type f ! -type d ! -type l 2>&1 | head -n 1)
if [ -n "$z" ]; then echo "$1 has devices or FIFOs among its members; nothing was unpacked" >&2; return 1; fi
case $St in stat) set -- "$1" -c '%i %h';; *) set -- "$1" -f '%i %l';; esac
find t -type f -links +1 -exec stat "$2" "$3" {} + | sort | uniq -c | while read -r z i h; do if [ $z != $h ]; then echo $i; fi; done >l
find t -type l -exec sh -c '${leadsOut('for p; do p=${p#t/} l=$(readlink "t/$p"; echo .)')}' sh {} + >>l || return 1
if [ -s l ]; then echo "$1 links to what lies outside its folder; nothing was unpacked" >&2; return 1; fi
find t ! -type l -exec chmod go-w,ug-s,-t {} + || return 1
if [ "$I" != 0 ]; then find t -type d ! -perm -200 -exec chmod u+w {} +; fi; }
`,
  /**
   * `Place mark`: what was extracted goes into the folder above, which the shell stands in; it is held by a descriptor meanwhile, for the
   * private folder can be renamed. No link that lies there already is followed.
   */
  Place: `Place() { cd t || return 1
if [ -d /proc/self/fd ]; then exec 9<. ; y=/proc/self/fd/9; else y=$(pwd -P); fi
cd ../.. || return 1
Trust $($St -c '%f %u %d:%i' .)
Merge '' "$1"; }
Merge() { if [ -z "$t" ] && [ "$($St -c %d .)" != "$($St -L -c %d "$y/.")" ]; then
echo "$w is another file system, which others may write to" >&2; return 1; fi
for e in "$y/$1"* "$y/$1".[!.]* "$y/$1"..?*; do
if { [ -e "$e" ] || [ -L "$e" ]; } && [ "\${e##*/}" != "\${2%%/*}" ]; then Put "$1" "\${e##*/}" '' || return 1; fi; done
e=\${2%%/*}
if [ -n "$e" ] && { [ -e "$y/$1$e" ] || [ -L "$y/$1$e" ]; }; then Put "$1" "$e" "\${2#"$e"}"; fi; }
Put() { if [ ! -d "$y/$1$2" ] || [ -L "$y/$1$2" ]; then
if [ -d "./$2" ] && [ ! -L "./$2" ]; then echo "$w/$2 is a folder in the place of a file; not all was unpacked" >&2; return 1; fi
elif [ -L "./$2" ]; then echo "$w/$2 is a link in the place of a folder; not all was unpacked" >&2; return 1
elif [ -d "./$2" ]; then ( mk=; Enter "$2" && Merge "$1$2/" "\${3#/}" ); return
elif [ -e "./$2" ]; then echo "$w/$2 is in the way of a folder; not all was unpacked" >&2; return 1; fi
if [ "$St" = stat ]; then mv -fT -- "$y/$1$2" "./$2"; return; fi
if [ -z "$t" ]; then echo "the mv of this host cannot replace a name in a folder that others may write to" >&2; return 1; fi
if [ -L "./$2" ]; then rm -f -- "./$2" || return 1; fi
mv -f -- "$y/$1$2" "./$2"; }
`,
}

/** A loop that prints what of `$p` leads out of the tree by its target `$l`. No `..` may stand behind a name: that could be a link. */
function leadsOut(loop: string): string {
  const quoted = `${loop}
l=\${l%??}
k=\${p%"\${p##*/}"}
while case $l in ../*|..) ;; *) false;; esac; do l=\${l#..} l=\${l#/}
case $k in ?*) k=\${k%/}; case $k in */*) k=\${k%/*}/;; *) k=;; esac;; *) echo "$p"; l=;; esac; done
case /$l/ in //*/|*/../*) if [ -n "$l" ]; then echo "$p"; fi;; esac; done`
  return quoted.replaceAll("'", `'\\''`)
}

/** What each of them calls. */
export const unpackingNeeds: Readonly<Record<string, readonly string[]>> = {
  Unpack: ['Walk', 'Private', 'Extract', 'Inspect', 'Place'],
  Extract: ['Take'],
}

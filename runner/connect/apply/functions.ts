/** The functions of a script that acts, by the name that units call them. */
export const functions: Readonly<Record<string, string>> = {
  /** `$I` is the number of this user; `id` is asked where the kernel does not tell it. */
  I: `I=
if [ -r /proc/self/status ]; then while read -r a b c d; do case $a in Uid:) I=$c; break;; esac; done </proc/self/status; fi
case $I in ''|*[!0-9]*) I=$(id -u);; esac
`,
  /**
   * `K seconds argv…`: runs a command in a group of its own. The group is killed at the time limit, and when the script's
   * own input ends, which means that the controller is gone; the shell is stopped first then, so that no action follows.
   * A shell without `kill` has no processes to kill either.
   */
  K: `if kill -0 $$ 2>/dev/null; then
V=
if [ "$O" != g ] && command -v setsid >/dev/null; then V=setsid; fi
if [ -n "$O" ]; then V="$V timeout -k 5"; fi
case $V in *timeout*) ;; *) L() { t=$1; shift; { "$@" <&6 6<&- & } 6<&0; q=$!
{ sleep $t; kill -TERM $q; sleep 5; kill -KILL $q; } >/dev/null 2>&1 & w=$!
wait $q; s=$?; { kill $w; wait $w; } 2>/dev/null; return $s; }; V=L;; esac
K() { { $V "$@" <&6 6<&- 7<&- 8>&- & } 6<&0; p=$!
{ read x <&7; trap '' TERM; kill -STOP $$; kill -TERM -$p || kill -TERM $p; sleep 1
kill -KILL -$p || kill -KILL $p; kill -KILL $$; } >/dev/null 2>&1 & w=$!
{ wait $p; } 2>/dev/null; s=$?; { kill $w; wait $w; } 2>/dev/null
case $s in 124|137|143) kill -KILL -$p 2>/dev/null;; esac; return $s; }
else K() { timeout -k 5 "$@"; }
fi
`,
  /** `T folder`: nobody but root and this user can make a name in it. */
  T: `T() { m=$(stat -L -c '%u %a' "$1") || return 1
case \${m%% *} in 0|$I) ;; *) return 1;; esac
case $m in *[2367]|*[2367]?) return 1;; esac; }
`,
  /**
   * `P path`: sets `$d` and `$n`, its folder and name, with links followed. A link is followed only where nobody but root
   * and this user could have made it: anyone else could aim it at /etc/shadow between two runs.
   */
  P: `P() { t=$1 j=0
while [ $j -lt 40 ]; do c= r=\${t#/} f=
while [ -n "$r" ]; do f=$c c=$c/\${r%%/*}
case $r in */*) r=\${r#*/};; *) r=;; esac
if [ -L "$c" ]; then break; fi; done
if [ -L "$c" ]; then
T "$f/" || { echo "$c is a link in a folder that others may write to" >&2; return 1; }
l=$(readlink "$c"); case $l in /*) ;; *) l=$f/$l;; esac
t=$l\${r:+/$r}; j=$((j+1))
else d=\${c%/*} n=\${c##*/}; return 0; fi; done
echo "too many links: $1" >&2; return 1; }
`,
  /**
   * `Z path size sha256 owner group mode default backup`: replaces a file by what the function `C` writes to `f`. It is written
   * in a private folder beside the target, where nobody can put a link in the way of chown and chmod, and renamed.
   */
  Z: `Z() { case $1 in /*) ;; *) echo "no home folder is known for it" >&2; return 1;; esac
P "$1" || return 1
if [ ! -d "$d/" ]; then echo "no folder" >&2; return 1; fi
cd -P "$d/" || return 1
case $d in *..*|*//*|'') ;; *) if [ "$(pwd -P)" != "$d" ]; then echo "$d became a link" >&2; return 1; fi;; esac
if [ -d "$n" ]; then echo "$1 is a directory" >&2; return 1; fi
o=
if [ -e "$n" ]; then
if [ ! -f "$n" ]; then echo "$1 is not a regular file" >&2; return 1; fi
o=$(stat -c '%u:%g %a' "$n") || return 1; fi
umask 077 2>/dev/null
x=.$n.$M
case \${#x} in ?|??|1??|2[0-4]?) ;; *) x=.$M;; esac
mkdir "./$x" || return 1
cd "./$x" || return 1
fill "$@"; s=$?
if [ -e f ]; then rm -f f; fi; cd .. && rmdir "./$x"; return $s; }
fill() { if [ ! -O . ]; then echo "another has taken $x" >&2; return 1; fi
C || return 1
if [ -n "$2" ]; then z=$(wc -c <f); if [ $((z)) -ne $2 ]; then echo "$((z)) bytes arrived of $2" >&2; return 1; fi; fi
if [ -n "$3" ]; then z=$(sha256sum <f); if [ "\${z%% *}" != "$3" ]; then echo "the hash differs" >&2; return 1; fi; fi
if [ -n "$4$5" ]; then chown "$4\${5:+:$5}" f || return 1
elif [ -n "$o" ] && [ "$I" = 0 ]; then chown "\${o% *}" f || return 1; fi
m=\${6:-\${o#* }}; chmod "\${m:-$7}" f || return 1
sync f 2>/dev/null
if [ -n "$8" ] && [ -n "$o" ]; then rm -f "../$8"; ln "../$n" "../$8" 2>/dev/null || cp -p "../$n" "../$8" || return 1; fi
mv -f f "../$n" || return 1
sync .. 2>/dev/null; return 0; }
`,
  /** `Y path recursive`: removes. A tree in which anything is mounted is refused, not emptied. */
  Y: `Y() { case $1 in /*) ;; *) echo "no home folder is known for it" >&2; return 1;; esac
if [ -L "$1" ] || [ ! -d "$1" ]; then rm -f "$1"; return; fi
q=$(cd -P "$1" && pwd -P) || return 1
if [ "$q" = / ]; then echo "$1 is the root of the file system" >&2; return 1; fi
if [ -r /proc/self/mountinfo ]; then
e=$(printf %s "$q" | sed 's/\\\\/\\\\134/g; s/ /\\\\040/g')
while read -r a b c f m r; do case $m in "$e"|"$e"/*) echo "$m is a mount point" >&2; return 1;; esac; done </proc/self/mountinfo
elif [ "$(stat -c %d "$q")" != "$(stat -c %d "$q/..")" ]; then echo "$1 is a mount point" >&2; return 1; fi
if [ -z "$2" ]; then rmdir "$1"; return; fi
if rm --one-file-system -f 2>/dev/null; then rm -rf --one-file-system "$1"; else rm -rf "$1"; fi; }
`,
}

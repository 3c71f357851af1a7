import { receiving } from './receiving.ts'
import { unpacking, unpackingNeeds } from './unpacking.ts'

/** The functions of a script that acts, by the name that units call them. */
export const functions: Readonly<Record<string, string>> = {
  /**
   * `K seconds argv…`: runs a command in a group of its own; `Clear` empties the private folder that it runs in, if it does. The group is killed at the time limit, and when the script's
   * own input ends, which means that the controller is gone; the shell is stopped first then, so that no action follows.
   * A shell without `kill` has no processes to kill either.
   */
  K: `px=
Clear() { for e in f b t a l v; do if [ -e $e ] || [ -L $e ]; then rm -rf ./$e; fi; done; }
if kill -0 $$ 2>/dev/null; then
V=
if [ "$O" != g ] && command -v setsid >/dev/null; then V=setsid; fi
if [ -n "$O" ]; then V="$V timeout -k 5"; fi
case $V in *timeout*) ;; *) L() { t=$1; shift; { "$@" <&6 6<&- & } 6<&0; q=$!
{ sleep $t; kill -TERM $q; sleep 5; kill -KILL $q; } >/dev/null 2>&1 & w=$!
wait $q; s=$?; { kill $w; wait $w; } 2>/dev/null; return $s; }; V=L;; esac
K() { { $V "$@" <&6 6<&- 7<&- 8>&- & } 6<&0; p=$!
{ read x <&7; trap '' TERM; kill -STOP $$; kill -TERM -$p || kill -TERM $p; sleep 1
kill -KILL -$p || kill -KILL $p
if [ -n "$px" ]; then Clear; cd .. && rmdir "./$px"; fi; kill -KILL $$; } >/dev/null 2>&1 & kw=$!
{ wait $p; } 2>/dev/null; s=$?; { kill $kw; wait $kw; } 2>/dev/null
case $s in 124|137|143) kill -KILL -$p 2>/dev/null;; esac; return $s; }
else K() { timeout -k 5 "$@"; }
fi
`,
  /**
   * `Private` makes a folder in this one that only this user can enter, and goes into it; `Leave` removes it. Another may
   * exchange its name while it is made: what was entered must be our own, closed, empty, and lie in the folder that was left.
   */
  Private: `Private() { px=.$n.$M
case \${#px} in ?|??|1??|2[0-4]?) ;; *) px=.$M;; esac
mkdir -m 700 "./$px" && cd -P "./$px" || return 1
if [ -n "$t" ]; then return 0; fi
set -- $($St -c '%f %u %d:%i' . ..) *
case $1$2 in 41c0$I|45c0$I) if [ "$6" = "$g" ] && [ ! -e "$7" ] && [ ! -L "$7" ]; then
set -- .[!.]*
if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi; fi;; esac
echo "another has taken $px" >&2; return 1; }
Leave() { Clear; cd .. && rmdir "./$px"; }
`,
  /** `Own file owner group mode`. Five digits take the upper bits from a folder too; the mode comes last, for chown takes them away. */
  Own: `Own() { if [ -n "$2$3" ]; then chown "$2\${3:+:$3}" "$1" || return 1; fi
if [ -n "$4" ]; then chmod "0$4" "$1" || return 1; fi; }
`,
  /**
   * `Replace path size sha256 owner group mode default backup`: replaces a file by what the function `C` writes to `f`. It is written
   * in a private folder beside the target, where no other user can put a link in the way of chown and chmod, and renamed.
   */
  Replace: `Replace() { Walk "$1" || return 1
if [ -d "./$n" ] && [ ! -L "./$n" ]; then echo "$1 is a directory" >&2; return 1; fi
if [ -e "./$n" ] || [ -L "./$n" ]; then
if [ ! -f "./$n" ]; then echo "$1 is not a regular file" >&2; return 1; fi; fi
Private || return 1
umask 077 2>/dev/null
Fill "$@"; s=$?
Leave; return $s; }
Fill() { C || return 1
if [ ! -f f ] || [ -L f ]; then echo "no file was made for it" >&2; return 1; fi
if [ -n "$2" ]; then z=$(wc -c <f); if [ $((z)) -ne $2 ]; then echo "$((z)) bytes arrived of $2" >&2; return 1; fi; fi
if [ -n "$3" ]; then z=$($Sh <f); if [ "\${z%% *}" != "$3" ]; then echo "the hash differs" >&2; return 1; fi; fi
Old || return 1
if [ -n "$4$5" ]; then Own f "$4" "$5" '' || return 1
elif [ -n "$o" ] && [ "$I" = 0 ]; then Own f "\${o% *}" '' '' || return 1; fi
if [ -n "$o" ] && [ -n "$t" ] && [ "$O" = g ]; then cp --attributes-only --preserve=xattr -- "$b" f 2>/dev/null; fi
m=\${6:-\${o#* }}; m=\${m:-$7}
if [ -z "$6$t" ]; then case $m in ????) m=0\${m#?};; esac; fi
chmod "0$m" f || return 1
sync f 2>/dev/null
if [ -n "$8" ] && [ -n "$o" ]; then Keep "$8" || return 1; fi
if [ -n "$t" ]; then mv -f f "../$n"; else mv -fT f "../$n"; fi || return 1
sync .. 2>/dev/null; return 0; }
`,
  /**
   * `Old` sets `$o`, owner and mode of the file that will be replaced, and `$b`, a name for it. Where another may exchange it, the
   * name is one of the private folder: what is looked at, and kept, is then one and the same file.
   */
  Old: `Old() { o= b=../$n
if [ ! -e "$b" ] && [ ! -L "$b" ]; then return 0; fi
if [ -z "$t" ] && { ln "../$n" b || cp -pP "../$n" b; } 2>/dev/null; then b=b; fi
if [ -L $b ] || [ ! -f "$b" ]; then echo "$n is not a regular file, but a moment ago it was" >&2; return 1; fi
o=$($St -c '%u:%g %a' "$b"); }
`,
  /** `Keep name`: the old file stands under this name too. */
  Keep: `Keep() { if [ -d "../$1" ] && [ ! -L "../$1" ]; then echo "$1, where the old file would be kept, is a directory" >&2; return 1; fi
if [ -z "$t" ]; then if [ "$b" = b ]; then mv -fT b "../$1"; else echo "the old file cannot be kept in a folder that others may write to" >&2; return 1; fi
else rm -f "../$1"; ln "$b" "../$1" 2>/dev/null || cp -p "$b" "../$1"; fi; }
`,
  /**
   * `Attributes path inode owner group mode [make]`: owner, group and mode of what is there; with `make` a folder is made where nothing
   * is. Where another may exchange it, a folder is held by standing in it, and a file by a second name in a private folder.
   */
  Attributes: `Attributes() { Walk "$1" '' "$6" || return 1
if [ ! -e "./$n" ] && [ ! -L "./$n" ]; then
if [ -z "$6" ]; then echo "it is gone" >&2; return 1; fi
if [ -n "$t" ]; then mkdir "./$n" && Own "./$n" "$3" "$4" "$5"; return; fi
Private || return 1
mkdir f && Own f "$3" "$4" "$5" && mv -fT f "../$n"; s=$?
Leave; return $s; fi
if [ -n "$6" ] && [ ! -d "./$n" ]; then echo "it is not a folder" >&2; return 1; fi
if [ "$n" = . ] || Steady; then Own "./$n" "$3" "$4" "$5"; return; fi
if [ -d "./$n" ]; then mk=; Enter "$n" && Same . "$1" "$2" && Own . "$3" "$4" "$5"; return; fi
Private || return 1
Hold "$1" "$2" && Own b "$3" "$4" "$5"; s=$?
Leave; return $s; }
Hold() { if ! ln "../$n" b; then echo "it lies in a folder that others may write to, and cannot be held there" >&2; return 1; fi
if [ -L b ] || [ ! -f b ]; then echo "$1 is a link or no plain file, in a folder that others may write to" >&2; return 1; fi
Same b "$1" "$2" || return 1
set -- "$1" $($St -c '%h %u' b)
case $3 in 0|$I) if [ $2 -gt 2 ]; then echo "$1 has other names, in a folder that others may write to" >&2; return 1; fi;; esac; }
Same() { if [ -z "$3" ] || [ "$($St -c '%d:%i' "$1")" = "$3" ]; then return 0; fi
echo "$2 is another one than a moment ago, in a folder that others may write to" >&2; return 1; }
`,
  /** `Install path owner group mode`: the folder that the function `C` makes as `f` stands there, where nothing or an empty one is. */
  Install: `Install() { Walk "$1" own || return 1
if [ -L "./$n" ] || { [ -e "./$n" ] && [ ! -d "./$n" ]; }; then echo "$1 is in the way" >&2; return 1; fi
Private || return 1
C && if [ -L f ] || [ ! -d f ]; then echo "no folder was made for it" >&2; false; fi && Own f "$2" "$3" "$4" && mv -fT f "../$n"; s=$?
Leave; return $s; }
`,
  /** `Inside path`: goes into a folder that only root and this user can write to. */
  Inside: `Inside() { Walk "$1" && Enter "$n" || return 1
if [ -n "$t" ]; then return 0; fi
echo "$w is a folder that others may write to" >&2; return 1; }
`,
  /** `Symlink path target`: a link in the place of nothing, or of another link. */
  Symlink: `Symlink() { Walk "$1" own || return 1
if [ -e "./$n" ] && [ ! -L "./$n" ]; then echo "$1 is not a link" >&2; return 1; fi
if [ ! -L "./$n" ] && [ -n "$t" ]; then ln -s -- "$2" "./$n"; return; fi
Private || return 1
ln -s -- "$2" f && mv -fT f "../$n"; s=$?
Leave; return $s; }
`,
  /**
   * `Remove path recursive inode`. A tree in which anything is mounted is refused, not emptied. A tree that another may exchange is
   * taken into a private folder first, so that what was looked at is what goes; rm of coreutils follows no link on its way.
   */
  Remove: `Remove() { Walk "$1" own || return 1
if [ -L "./$n" ] || [ ! -d "./$n" ]; then rm -f "./$n"; return; fi
q=$(cd -P "./$n" && pwd -P) || return 1
if [ "$q" = / ]; then echo "$1 is the root of the file system" >&2; return 1; fi
if [ -r /proc/self/mountinfo ]; then
e=$(printf %s "$q" | sed 's/\\\\/\\\\134/g; s/ /\\\\040/g')
while read -r a b c f m r; do case $m in "$e"|"$e"/*) echo "$m is a mount point" >&2; return 1;; esac; done </proc/self/mountinfo
elif [ "$($St -c %d "$q")" != "$($St -c %d "$q/..")" ]; then echo "$1 is a mount point" >&2; return 1; fi
if [ -z "$2" ]; then rmdir "./$n"; return; fi
if Steady; then Sweep "$n"; return; fi
Private || return 1
mv -fT "../$n" f && Same f "$1" "$3"; s=$?
if [ $s = 0 ]; then Trust $($St -c '%f %u %d:%i' .); Sweep f; s=$?
elif [ -e f ]; then mv -nT f "../$n"; fi
if [ -e f ]; then echo "what is left of it lies in $px" >&2; return 1; fi
Leave; return $s; }
Sweep() { if rm --one-file-system -f 2>/dev/null; then rm -rf --one-file-system "./$1"; return; fi
if [ -L "./$1" ] || [ ! -d "./$1" ]; then rm -f "./$1"; return; fi
( mk=; Enter "$1" || exit 1
for e in * .[!.]* ..?*; do if [ -e "./$e" ] || [ -L "./$e" ]; then Sweep "$e" || exit 1; fi; done ) && rmdir "./$1"; }
`,
  ...unpacking,
  ...receiving,
}

/** What each of them calls. */
export const needs: Readonly<Record<string, readonly string[]>> = {
  ...unpackingNeeds,
  Private: ['I'],
  Replace: ['Walk', 'Private', 'Own', 'Old', 'Keep', 'O'],
  Attributes: ['Walk', 'Steady', 'Private', 'Own'],
  Install: ['Walk', 'Private', 'Own'],
  Inside: ['Walk'],
  Symlink: ['Walk', 'Private'],
  Remove: ['Walk', 'Steady', 'Private', 'Attributes'],
}

/**
 * How a script reaches a path: it walks there, and holds the folder. A name says nothing by itself, since another user may exchange
 * what it stands for between two looks. A folder that the shell stands in is the same whatever happens to its name, and everything
 * below is done with a name in that folder.
 */

/** The fields of a stat; colons, because names of groups may hold blanks. The path comes last. */
export const statFields = '%f:%u:%g:%s:%d:%i:%t:%T:%U:%G'

/** `$I` is the number of this user; `id` is asked where the kernel does not tell it. */
const user = `I=
if [ -r /proc/self/status ]; then while read -r a b c d; do case $a in Uid:) I=$c; break;; esac; done </proc/self/status; fi
case $I in ''|*[!0-9]*) I=$(id -u);; esac
`

/**
 * `Trust mode user inode` looks at a folder: `$t` is set where only root and this user can make or move a name in it, `$k` says
 * `s` where others can make names, and move none of root's and this user's (the sticky bit). Modes are hexadecimal, as stat's %f, with digits of either case.
 */
const trust = `Trust() { g=$3 t= k=n
case $2 in 0|$I) case $1 in
4[2367abefABEF]?[2367abefABEF]|4[2367abefABEF][13579bdfBDF]?) k=s;; 4*[2367abefABEF]|4*[13579bdfBDF]?) ;; 4*) t=y k=y;; esac;; esac; }
`

/**
 * `Sure path…` holds where no other user can exchange any name on the way: each folder belongs to root or this user, and so does what
 * lies in a sticky one; a link belongs to them too, and lies in a folder where only they can make names. `$z1`, `$z2` … are then the
 * paths without links. One process looks at all names, and one more reads each link: `$e` says of each name whether it is a link
 * (`l`), a folder to begin at (`/`) or neither. Links of /proc mean something else to each process that reads them. The last name is a
 * file or a folder; with `$dv` it may be a device. Where /etc/os-release leads is known on most systems, and is the same file then:
 * every script reads it.
 *
 * `Prove frame seconds count path…` is the same of the first `count` paths, and gives the stats of the others, as `G` does, in the
 * frame: the same process looks at all of them. It gives nothing where one of them is a link or absent.
 */
const sure = `Sure() { Prove '' '' $# "$@"; }
Prove() { lf=$1 lt=$2 k=$3; shift 3; ns=$(($#-k)) e= i=0
for p in "$@"; do i=$((i+1)); if [ $i -gt $k ] && [ -L "$p" ]; then return 1; fi; done
i=0
while [ $k -gt 0 ]; do k=$((k-1)) i=$((i+1)) j=0 c= r=$1; shift; set -- "$@" /; e="$e /"
while [ -n "$r" ]; do
case $r in */*) l=\${r%%/*} r=\${r#*/};; *) l=$r r=;; esac
case $l in ''|.) continue;; esac
c=$c/$l
set -- "$@" "$c"
if [ ! -L "$c" ]; then e="$e ."; continue; fi
j=$((j+1))
case $j$c in 9*|*/proc/*) return 1;; esac
l=; if [ "$c" = /etc/os-release ] && [ $c -ef /usr/lib/os-release ] 2>/dev/null; then l=/usr/lib/os-release; fi
l=\${l:-$(readlink "$c")} && [ -n "$l" ] || return 1
case $l in /*) c=;; *) c=\${c%/*};; esac
set -- "$@" "\${c:-/}"; e="$e l /" r=$l\${r:+/$r}; done
eval "z$i=\\\${c:-/}"; done
if [ -z "$lf" ]; then l=$($St -c '%f:%u:%d:%i' "$@" 2>/dev/null) || return 1
else l=$($St -c '${statFields}:%n' "$@" 2>/dev/null) || return 1; fi
set -f; IFS='
'; set -- $l; unset IFS; set +f
sl=; while [ $ns -gt 0 ]; do ns=$((ns-1)) sl="$sl$1
"; shift; done
for e in $e; do
c=\${1%%:*} r=\${1#*:}; l=\${r%%:*}
case $e in /) k=y;; esac
case $k in y) ;; s) case $l in 0|$I) ;; *) return 1;; esac;; *) return 1;; esac
case $e$c\${dv-} in [./]8*|[./][26]*y) k=y;; [./]4*) Trust $c $l \${r#*:};; l[aA]*) case $k$l in y0|y$I) ;; *) return 1;; esac;; *) return 1;; esac
shift; done
if [ -n "$lf" ]; then printf %s "$sl"; E $lf 0; fi; }
`

/**
 * `Walk path [own] [make]` goes to the folder that holds the last name of the path, which is `$n`; `$t`, `$k` and `$g` tell of that folder.
 * A link is followed only where no other user could have made it; with `own` the last name is not followed,
 * with `make` folders that are missing are made. It moves the shell: its caller runs in a subshell.
 */
const walk = `Walk() { j=0 w= n= mk=$3
case $1 in /*) ;; *) echo "no home folder is known for it" >&2; return 1;; esac
d=\${1%/*}
if Sure "\${d:-/}"; then cd -P "$z1" || return 1; w=$d r=\${1##*/}
else r=\${1#/}; Top || return 1; fi
while :; do
case $r in */*) c=\${r%%/*} r=\${r#*/};; *) c=$r r=;; esac
while case $r in /*) ;; *) false;; esac; do r=\${r#/}; done
case $c in ''|.) n=.; if [ -n "$r" ]; then continue; fi; return 0;; esac
if [ -L "./$c" ] && { [ -n "$r" ] || [ -z "$2" ]; }; then
if [ -z "$t" ]; then echo "$w/$c is a link in a folder that others may write to" >&2; return 1; fi
j=$((j+1)); if [ $j -gt 40 ]; then echo "too many links: $1" >&2; return 1; fi
case $w/$c in /proc/self) l=$$;; *) l=$(readlink "./$c") || return 1;; esac
r=$l\${r:+/$r}
case $l in /*) Top || return 1;; esac
elif [ -n "$r" ] || [ "$c" = .. ]; then Enter "$c" || return 1; n=.
if [ -z "$r" ]; then return 0; fi
else n=$c; return 0; fi; done; }
Top() { cd / && w= && Trust $($St -c '%f %u %d:%i' .); }
`

/**
 * `Enter name` goes into a folder of this one, and proves it: the folder above is still the one that was left. Who put a link
 * elsewhere into its place is found out, whenever that was.
 */
const enter = `Enter() { if [ ! -d "./$1" ]; then
if [ -z "$mk" ] || [ -L "./$1" ]; then echo "no folder" >&2; return 1; fi
mkdir "./$1" || return 1; fi
e=$g v=$t w=$w/$1
cd -P "./$1" || return 1
set -- "$1" $($St -c '%f %u %d:%i' . ..)
if [ -z "$v" ] && [ "$1" != .. ] && [ "$7" != "$e" ]; then echo "$w became a link in a folder that others may write to" >&2; return 1; fi
Trust $2 $3 $4; }
`

/** `Steady` holds where no other user can exchange what `$n` stands for in this folder. */
const steady = `Steady() { if [ -n "$t" ]; then return 0; fi
if [ $k != s ]; then return 1; fi
set -- $($St -c '%f %u' "./$n" 2>/dev/null)
case $1 in [aA]*|'') return 1;; esac
case $2 in 0|$I) return 0;; esac; return 1; }
`

/**
 * `Take bytes` prints the first bytes of the file `$n`; exit 97 says that it is not a plain file. Where another may exchange it, root
 * has it opened once, without following a link and without waiting: only dd of coreutils can.
 */
const take = `Take() { if [ ! -f "./$n" ] && { [ -e "./$n" ] || [ -L "./$n" ]; }; then return 97; fi
if Steady || [ "$I" != 0 ]; then head -c $1 "./$n"
else dd if="./$n" iflag=nofollow,nonblock,fullblock,count_bytes bs=65536 count=$1 status=none; fi; }
`

/**
 * `Open path` holds where a file may be opened by the name `$z1`. The kernel's own files are so: /proc/self is another one to each process
 * that looks it up.
 */
const open = `Open() { case $1 in /proc/self/*/*) ;; /proc/self/*|/proc/sys/*|/sys/*) z1=$1; return 0;; esac; Sure "$1"; }
`

/** The functions that walk, in the order in which they are defined. */
export const walking: Readonly<Record<string, string>> = {
  I: user,
  Trust: trust,
  Sure: sure,
  Open: open,
  Enter: enter,
  Walk: walk,
  Steady: steady,
  Take: take,
}

/** What each of them calls. */
export const walkingNeeds: Readonly<Record<string, readonly string[]>> = {
  Trust: ['I'],
  Sure: ['Trust'],
  Open: ['Sure'],
  Enter: ['Trust'],
  Walk: ['Sure', 'Enter'],
  Steady: ['I'],
  Take: ['Walk', 'Steady'],
}

/** Whether a path leads to the kernel's own files, which no user can exchange. */
export function isKernels(path: string): boolean {
  return /^\/(?:proc\/self\/[^/]+$|proc\/sys\/|sys\/)/.test(path)
}

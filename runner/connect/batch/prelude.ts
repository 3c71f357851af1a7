import { statFields } from './walk.ts'

/**
 * macOS has the tools of BSD: its `stat` takes other words, and what `sha256sum` does is done by `shasum`. The folder tells it apart
 * without a process. `Stat` knows `-L`, `-c` and the fields that scripts ask for; the mode is in hexadecimal digits of either case. A task's own command is the system's `stat`.
 */
const bsd = `St=stat Sh=sha256sum
if [ -d /System/Library/CoreServices ]; then St=Stat
Stat() { Bl= Bo= Bf=
while :; do case $1 in -L) Bl=-L;; -c) Bf=$2; shift;; *) break;; esac; shift; done
while [ -n "$Bf" ]; do case $Bf in
%f*) Bo=$Bo%Xp;; %s*) Bo=$Bo%z;; %t*) Bo=$Bo%XHr;; %T*) Bo=$Bo%XLr;; %U*) Bo=$Bo%Su;; %G*) Bo=$Bo%Sg;;
%n*) Bo=$Bo%N;; %h*) Bo=$Bo%l;; %a*) Bo=$Bo%OMp%OLp;;
%[udgi]*) Bx=\${Bf#%?} Bo=$Bo\${Bf%"$Bx"};;
*) Bx=\${Bf#?} Bo=$Bo\${Bf%"$Bx"} Bf=$Bx; continue;; esac
Bf=\${Bf#%?}; done
stat $Bl -f "$Bo" "$@"; }
if ! command -v sha256sum >/dev/null 2>&1; then Sh='shasum -a 256'; fi
fi
`

/**
 * What every script begins with: the system's own tools come first. Of the login's PATH only folders count that can be
 * searched: one that cannot turns "no such command" into "permission denied".
 */
export function opening(mark: string, keepInput: boolean): string {
  return `M=${mark}
P=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
IFS=:
for d in $PATH; do case $P: in *:"$d":*) ;; *) case $d in /*) if [ -x "$d" ]; then P=$P:$d; fi;; esac;; esac; done
PATH=$P LC_ALL=C
export PATH LC_ALL
unset ENV BASH_ENV CDPATH IFS
umask 022 2>/dev/null
exec ${keepInput ? '7<&0 ' : ''}</dev/null
E() { printf '\\n%s %s %s\\n' $M $1 \${2-$?}; }
D() { printf '\\n%s %s\\n' $M $1 >&2; }
Q() { E $1 $2; if [ $2 != 0 ]; then D $1; fi; }
${bsd}E b 0
D b
`
}

/** What every script ends with. */
export const closing = 'E e 0\nD e\n'

/** The end of the watcher, before the end mark: after it the controller ends the input. */
export const unwatch = 'if [ -n "$v" ]; then { kill $v; wait $v; } 2>/dev/null; fi\n'

/**
 * Marks of life, so that a silent command differs from a dead host: one process sends a mark every few seconds
 * as long as the script's shell is there. They go to standard error, where each mark is one write. A shell without processes sends none.
 */
export const beat = (every: number): string => `hb=
if kill -0 $$ 2>/dev/null; then
{ trap 'kill $hz; exit' TERM; while kill -0 $$; do sleep ${every} 3>&- & hz=$!; wait $hz; D h 2>&3; done; } 3>&2 >/dev/null 2>&1 7<&- 8>&- &
hb=$!; D h
fi
`

/** The end of the marks of life, before the end mark. */
export const unbeat = 'if [ -n "$hb" ]; then { kill $hb; wait $hb; } 2>/dev/null; fi\n'

/**
 * `R` hands on a command's output up to its mark and then lets go, so that a daemon which keeps the pipe open holds nothing
 * up and can never write into a later frame. Its memory is bounded against endless lines. `F` is the mark of what is relayed,
 * with one more line behind it: sed of busybox reads a line ahead before it obeys `q`.
 */
export const relay = `F() { printf '\\n%s %s %s\\n\\n' $M $1 \${2-$?}; }
R() { ulimit -v 524288 2>/dev/null; exec sed "/^$M /q"; }
`

/**
 * `$O` is set where `timeout` knows `-k`: that of busybox may not, and is asked, once, for each question costs two processes.
 * A file that is neither a link nor busybox itself is that of coreutils (`g`), which makes a process group of its own.
 */
export const timed = `O= t=/usr/bin/timeout
if [ -f $t ] && [ ! -L $t ] && [ ! $t -ef /bin/busybox ] && [ "$(command -v timeout)" = $t ]; then O=g
elif timeout -k 1 9 true 2>/dev/null; then O=y; fi
`

/** `L` runs a command with a time limit: by `timeout`, and without it by a shell that waits beside it. `timeout` cannot run what is a function here. */
export const limiter = `if [ -n "$O" ]; then L() { case $2 in Stat) shift 2; Stat "$@"; return;; esac; timeout -k 1 "$@"; }
else L() { t=$1; shift; { "$@" <&6 6<&- & } 6<&0; p=$!
{ sleep $t; kill -TERM $p; sleep 1; kill -KILL $p; } >/dev/null 2>&1 & w=$!
wait $p; s=$?; { kill $w; wait $w; } 2>/dev/null; return $s; }
fi
`

/**
 * `N seconds argv…` runs what has the usual time limit, without a `timeout` for each command. The controller keeps the limit: where
 * it gives up it ends the script's input, and one process that waits for that kills the whole group. The shell is stopped until
 * the last, so that nothing follows and no process takes its end for that of the group; it has a trap because a TERM that kills
 * overtakes a STOP. To each line that the controller sends meanwhile the process answers with a mark of life. `N` is `L` in a script that acts, whose input is not free for this, in a shell without processes, and in one
 * that does not lead its group (behind sudo, or under a server that makes none for a session): others share it then.
 * No shell but bash knows `--` in `kill`. A `timeout` of coreutils leads a group of its own, which that would not reach: where /proc tells
 * of it (its parent is of the group, and it is not), it is ended first, and ends what it started.
 */
export const watched = (every: number): string => `v=
if kill -0 -$$ 2>/dev/null; then
{ while read x <&7; do D h; done
{ trap '' TERM; kill -STOP $$; W=' ' C=
for f in /proc/[0-9]*/stat; do if read -r l; then f=\${f#/proc/}; set -- \${l##*) }
if [ "$3" = $$ ]; then W="$W\${f%/*} "; else C="$C $2:\${f%/*}"; fi; fi <$f; done
for f in $C; do case $W in *" \${f%:*} "*) kill -TERM \${f#*:};; esac; done
kill -TERM -$$; sleep 1; kill -KILL -$$; } 2>&1; } >/dev/null & v=$!
trap 'exit 143' TERM
N() { shift; "$@"; }
if [ -z "$hb" ]; then D p; fi
else ${timed}${limiter}N() { L "$@"; }
if [ -z "$hb" ]; then
${beat(every)}fi
fi
exec 7<&-
`
/** The same in a script that acts. */
export const timedInstead = 'v=;N() { L "$@"; }\n'

/** `A` proves that a path is absent: its nearest parent that exists can be searched, or is not a folder at all. */
export const absence = `A() { if [ -e "$1" ] || [ -L "$1" ]; then return 1; fi
d=\${1%/*}
while [ -n "$d" ] && [ ! -e "$d" ] && [ ! -L "$d" ]; do d=\${d%/*}; done
d=\${d:-/}
if [ -d "$d" ]; then [ -x "$d" ]; else [ -e "$d" ]; fi; }
`

/** `U` makes `$h` a home where the shell's own tilde found none, or else no absolute path. */
export const homes = `U() { case $h in /*) return;; esac; h=$(getent passwd "$1" 2>/dev/null); h=\${h%:*}; h=\${h##*:}
case $h in /*) ;; *) h=none;; esac; }
`

/** `S frame path option seconds runner`: one path's stat, and where it points. */
export const statOne = `S() { case $2 in /*) ;; *) E $1 h; D $1; return;; esac
if A "$2"; then E $1 a
else $5 $4 $St $3 -c '${statFields}' "$2"; s=$?
if [ $s = 0 ] && [ -z "$3" ] && [ -L "$2" ]; then readlink "$2"; fi
Q $1 $s; fi; }
`

/**
 * `G frame count seconds path…`: many paths in one process, of which the first `count` are not followed; the links' targets come
 * first, as frames of their own. Only where one that is to be followed is a link there are two processes.
 */
export const statMany = `G() { k=$1 o=$2 t=$3; shift 3; i=0 b= c= l=
for p in "$@"; do i=$((i+1))
if [ $i -gt $o ]; then c="$c \\"\\\${$i}\\""; if [ -L "$p" ]; then l=y; fi
else b="$b \\"\\\${$i}\\""; if [ -L "$p" ]; then readlink "$p"; E $k.$((i-1)); fi; fi; done
s=0
if [ -z "$l" ]; then N $t $St -c '${statFields}:%n' "$@" || s=$?
else if [ -n "$b" ]; then eval "N $t $St -c '${statFields}:%n'$b" || s=$?; fi
eval "N $t $St -L -c '${statFields}:%n'$c" || s=$?; fi
Q $k $s; }
`

/**
 * `X frame path bytes`: a file's text; one byte more than the cap shows that there was more. What another user may exchange is
 * walked to, and opened once.
 */
export const textOf = `X() { case $2 in /*) ;; *) E $1 h; D $1; return;; esac
if A "$2"; then E $1 a
elif Open "$2"; then if [ -f "$2" ] || [ ! -e "$2" ]; then head -c $3 "$z1"; Q $1 $?; else E $1 k; fi
else ( Walk "$2" && Take $3 ); z=$?
if [ $z = 97 ]; then E $1 k; else Q $1 $z; fi; fi; }
`

/** `H frame path seconds runner`: a file's SHA-256; it is opened as `X` opens it. */
export const hashOf = `H() { case $2 in /*) ;; *) E $1 h; D $1; return;; esac
if A "$2"; then E $1 a
elif Open "$2"; then if [ -f "$2" ] || [ ! -e "$2" ]; then $4 $3 $Sh <"$z1"; Q $1 $?; else E $1 k; fi
else ( Walk "$2" || exit 1
if [ ! -f "./$n" ] && { [ -e "./$n" ] || [ -L "./$n" ]; }; then exit 97; fi
if Steady || [ "$I" != 0 ]; then $4 $3 $Sh <"./$n"; exit; fi
{ y=$( { { dd if="./$n" iflag=nofollow,nonblock bs=65536 status=none; echo $? >&4; } | $4 $3 $Sh >&5 4>&-; } 4>&1 ); } 5>&1
[ "$y" = 0 ] ); z=$?
if [ $z = 97 ]; then E $1 k; else Q $1 $z; fi; fi; }
`

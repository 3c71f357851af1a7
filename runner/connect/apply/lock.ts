import type { Apply, Interrupt } from '../../model/session.ts'
import type { Frame } from '../batch/frame-readings.ts'
import type { Unit } from '../batch/units.ts'
import { word } from '../batch/quote.ts'

/** How two runs keep out of each other's way on a host. */
export interface HostLocks {
  /** The holder of the lock, shown to runs that wait: `run ID of user@controller`. */
  readonly who: string
  /** Seconds that an apply waits for another run's. */
  readonly patience: number
  /** Takes the lock of a host that has no `flock`, on this controller. Rejects with DiagnosticError when another run keeps it. */
  takeHere(host: string, after: readonly string[], drain?: Interrupt): Promise<LockHeld>
  /** Another run is at work on the host. */
  waiting(host: string, holder: string): void
  /** The folder of locks on a host belongs to another user, as `ls` shows it: that user could keep this run out. */
  foreign?(host: string, listed: string): void
  /** Where the lock of a host was. */
  locked(host: string, where: 'host' | 'controller'): void
}

/** A lock of this controller. */
export interface LockHeld {
  /** The mark of a change by another run that was not known when the change was decided. */
  readonly overtaken: string | null
  /** Lets go of the lock; `acted` leaves a mark, for runs that decided before. */
  release(acted: boolean): void
}

/** How the lock of a script ended: taken, not to be had there, kept by another run, or taken behind a change of another run. */
export type Locked =
  | { readonly taken: boolean; readonly foreign?: string }
  | { readonly busy: string }
  | { readonly overtaken: string }

/**
 * Seconds for which a change of another run counts as one that a decision may not know of. A reading is good for a minute, but the
 * script may come late: a controller sleeps, or a network stands still for as long as TCP holds a connection.
 */
export const recent = 900

/** Takes the lock of a host before anything is repeated or done. */
export function lockUnit(
  { who, patience }: Pick<HostLocks, 'who' | 'patience'>,
  { own = '', after = [] }: Pick<Apply, 'own' | 'after'>,
): Unit {
  const args = [who, own, ...after].map(word).join(' ')
  return {
    calls: ['W'],
    limit: patience + 10,
    cap: 4096,
    text: (frame) => `W ${frame} ${Math.ceil(patience)} ${args}\n`,
  }
}

/** Leaves the mark of this change, and lets go of the lock: what only reads needs none, and a probe that is left behind must not keep it. */
export const unlock = `if [ -n "$lo" ]; then printf '%s;%s;%s\\n' "$lo" $M "$(date +%s)" 2>/dev/null >"$lw/lock"; fi
exec 8>&-
`

/** Reads the frame of a lock. */
export function lockedOf(frame: Frame): Locked {
  if (frame.status === 'b') return { busy: holderOf(frame.content) }
  if (frame.status === 'f') return { taken: false, foreign: holderOf(frame.content) }
  return frame.status === 'o'
    ? { overtaken: frame.content.toString('utf8') }
    : { taken: frame.status === '0' }
}

/** Who a lock file names, fit to be shown. */
export function holderOf(content: Buffer): string {
  return (
    content
      .toString('utf8')
      // Behind it stand the mark and the time of the change.
      .replace(/;.*/s, '')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim() || 'a run that does not say which'
  )
}

export const lockFunctions: Readonly<Record<string, string>> = {
  /**
   * `W frame seconds who own marks…`: this shell holds the lock through descriptor 8, and with it what kills its commands when the
   * controller is gone; the commands themselves do not get it, for a service that one of them starts would keep it. It lies in
   * a folder that no other user can write to: XDG_RUNTIME_DIR is not the same in all sessions of a user. flock of busybox has no
   * time limit. While it waits, the end of the script's input ends it, before anything is done.
   *
   * The file names the run that changed something here last, as `who;mark;time`, with `-` for the time while it works. What was
   * decided before another run's change is not done (`o`), unless that change's mark is known to the run that decided. A change of
   * this run of which no answer came, for its connection was lost, is like one of another run: its script may have gone on.
   */
  W: `W() { lo= lf=$1 lp=$2 lm=$3 lk=$4 lw=/run/trueup i=0; shift 4
if [ "$I" != 0 ] || [ ! -d /run ]; then lw=/tmp/trueup-$I; fi
if command -v flock >/dev/null 2>&1; then if [ ! -d "$lw" ]; then mkdir -m 700 "$lw" 2>/dev/null; fi; else lw=; fi
if [ -n "$lw" ] && { [ -e "$lw" ] || [ -L "$lw" ]; } && [ ! -O "$lw" ]; then ls -ld "$lw" | head -c 300; E $lf f; D $lf; return; fi
if [ -z "$lw" ] || [ -L "$lw" ] || [ ! -d "$lw" ] || [ ! -O "$lw" ] || ! true 2>/dev/null 8>>"$lw/lock"; then E $lf n; D $lf; return; fi
exec 8>>"$lw/lock"
lz=
while ! flock -n 8 2>/dev/null; do
if [ $i = 0 ]; then head -c 300 "$lw/lock"; E l $lf
if kill -0 $$ 2>/dev/null; then { while read x <&7; do :; done; kill -KILL $$; } >/dev/null 2>&1 8>&- & lz=$!; fi; fi
if [ $i -ge $lp ]; then a=1; head -c 300 "$lw/lock"; E $lf b; D $lf; exec 8>&-; if [ -n "$lz" ]; then { kill $lz; wait $lz; } 2>/dev/null; fi; return; fi
sleep 1; i=$((i+1)); done
if [ -n "$lz" ]; then { kill $lz; wait $lz; } 2>/dev/null; fi
lc= ls=$i
{ IFS= read -r lc <"$lw/lock"; } 2>/dev/null
case $lc in ''|"$lm;$lk;"*) ls=0;; "$lm;"*) ls=1;;
*\\;*\\;-) ls=1;;
*\\;*\\;*[!0-9]*) ;;
*\\;*\\;?*) if [ $(($(date +%s)-\${lc##*;})) -lt ${recent} ]; then ls=1; fi;; esac
for e in "$@"; do if [ "$e" = "$lc" ]; then ls=0; fi; done
if [ $ls != 0 ]; then a=1; printf '%s' "$lc"; E $lf o; D $lf; exec 8>&-; return; fi
lo=$lm
printf '%s;%s;-\\n' "$lo" $M 2>/dev/null >"$lw/lock"
E $lf 0; D $lf; }
`,
}

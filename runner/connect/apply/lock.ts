import type { Frame } from '../batch/readings.ts'
import type { Unit } from '../batch/units.ts'
import { word } from '../batch/quote.ts'

/** How two runs keep out of each other's way on a host. */
export interface HostLocks {
  /** Who holds the lock, for whoever waits: `run ID of user@controller`. */
  readonly who: string
  /** Seconds that an apply waits for another run's. */
  readonly patience: number
  /** Takes the lock of a host that has no `flock`, on this controller. Rejects with DiagnosticError when another run keeps it. */
  takeHere(host: string): Promise<() => void>
  /** Another run is at work on the host. */
  waiting(host: string, holder: string): void
  /** Where the lock of a host was. */
  locked(host: string, where: 'host' | 'controller'): void
}

/** What a script's lock came to: taken, not to be had there, or kept by another run (and which). */
export type Locked = { readonly taken: boolean } | { readonly busy: string }

/** Takes the lock of a host before anything is repeated or done. */
export function lockUnit({ who, patience }: Pick<HostLocks, 'who' | 'patience'>): Unit {
  return {
    calls: ['W'],
    limit: patience + 10,
    cap: 4096,
    text: (frame) => `W ${frame} ${Math.ceil(patience)} ${word(who)}\n`,
  }
}

/** Lets go of the lock: what only reads needs none, and a probe that is left behind must not keep it. */
export const unlock = 'exec 8>&-\n'

/** Reads the frame of a lock. */
export function lockedOf(frame: Frame): Locked {
  return frame.status === 'b' ? { busy: holderOf(frame.content) } : { taken: frame.status === '0' }
}

/** Who a lock file names, fit to be shown. */
export function holderOf(content: Buffer): string {
  return (
    content
      .toString('utf8')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim() || 'a run that does not say which'
  )
}

export const lockFunctions: Readonly<Record<string, string>> = {
  /**
   * `W frame seconds who`: this shell holds the lock through descriptor 8, and with it what kills its commands when the
   * controller is gone; the commands themselves do not get it, for a service that one of them starts would keep it. It lies in
   * a folder that nobody else can write to: XDG_RUNTIME_DIR is not the same in all sessions of a user. flock of busybox has no
   * time limit.
   */
  W: `W() { w=/run/trueup i=0
if [ "$I" != 0 ] || [ ! -d /run ]; then w=/tmp/trueup-$I; fi
if command -v flock >/dev/null 2>&1; then if [ ! -d "$w" ]; then mkdir -m 700 "$w" 2>/dev/null; fi; else w=; fi
if [ -z "$w" ] || [ -L "$w" ] || [ ! -d "$w" ] || [ ! -O "$w" ] || ! true 2>/dev/null 8>>"$w/lock"; then E $1 n; D $1; return; fi
exec 8>>"$w/lock"
while ! flock -n 8 2>/dev/null; do
if [ $i = 0 ]; then head -c 300 "$w/lock"; E l $1; fi
if [ $i -ge $2 ]; then a=1; head -c 300 "$w/lock"; E $1 b; D $1; exec 8>&-; return; fi
sleep 1; i=$((i+1)); done
printf '%s\\n' "$3" 2>/dev/null >"$w/lock"
E $1 0; D $1; }
`,
}

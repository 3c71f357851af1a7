import { countOf } from '../../text/count.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { HostLocks } from './lock.ts'
import { lockHere } from './lock-here.ts'

/** What the locks of a run need to know. */
export interface HostLockOptions {
  /** Who holds the locks, as another run shows it: `run ID of user@controller`. */
  readonly who: string
  /** Seconds that an apply waits for another run's lock. */
  readonly patience: number
  /** The folder of this controller for hosts that have no `flock`. */
  readonly folder: string
  /** Hears of each wait, and of a folder that cannot be used. */
  warn(diagnostic: Diagnostic): void
}

/** The locks of one run, and where they were held. */
export interface RunLocks extends HostLocks {
  /** Where the locks of this run were, in words; null when the run took no lock. */
  text(): string | null
}

/** Makes the locks that keep two runs from changing one host at the same time. */
export function createHostLocks({ who, patience, folder, warn }: HostLockOptions): RunLocks {
  const places = new Map<string, 'host' | 'controller'>()
  let isUnusable = false
  const waiting = (host: string, holder: string): void =>
    warn({
      code: 'connect/lock-waiting',
      severity: 'warning',
      host,
      message: `waiting for another run that works on this host: ${holder}`,
      hint: `trueup waits for ${patience}s; --lock-timeout changes that`,
    })
  const unusable = (why: string): void => {
    if (isUnusable) return
    isUnusable = true
    warn({
      code: 'connect/lock-none',
      severity: 'warning',
      message: `this controller cannot keep a lock: ${why}`,
      hint: 'hosts that have flock are locked all the same; name another folder with --state-dir',
    })
  }
  return {
    who,
    patience,
    waiting,
    takeHere: (host, after, drain) =>
      lockHere(host, { folder, who, patience, after, drain, waiting, unusable }),
    foreign: (host, listed) =>
      warn({
        code: 'connect/lock-foreign',
        severity: 'warning',
        host,
        message: `the folder of locks on this host belongs to another user, so the lock is held on this controller: ${listed}`,
        hint: 'as root, remove that folder on the host; until then, runs from other controllers can act at the same time',
      }),
    locked: (host, where) => void places.set(host, where),
    text: () => placesText([...places.values()]),
  }
}

function placesText(places: readonly ('host' | 'controller')[]): string | null {
  const there = places.filter((place) => place === 'host').length
  const here = places.length - there
  const parts = [
    ...(there > 0 ? [`on ${countOf(there, 'host')}, by flock`] : []),
    ...(here > 0 ? [`on this controller for ${countOf(here, 'host')} without flock`] : []),
  ]
  return parts.length > 0 ? `locks were held ${parts.join('; ')}` : null
}

import { isFailed, type Answered } from '../../contract/probe.ts'
import type { Guard } from '../../model/session.ts'
import { bootProbe } from '../decide/boot-probe.ts'
import type { Where } from '../model.ts'

/**
 * Hosts that this run has booted, and the boot that each was last read in. A host may boot once more
 * by itself (a service retries, a watchdog fires), so a reading from one boot says nothing about the next.
 */
export interface Boots {
  /** From now on every script of this connection says in which boot it ran. */
  watch(connection: string): void
  /** Whether scripts of this connection are to say their boot. */
  watches(where: Where): boolean
  /** What an apply must find before it acts: the boot that it was decided in. */
  guard(where: Where): Guard | null
  /** Takes what a script said of its boot; true when it is another one than before. */
  isOther(where: Where, said: Answered): boolean
}

/** No host has booted yet. */
export function createBoots(): Boots {
  const known = new Map<string, Answered | null>()
  return {
    watch: (connection) => void known.set(connection, null),
    watches: ({ connection }) => known.has(connection),
    guard({ connection }) {
      const expected = known.get(connection)
      return expected ? { probe: bootProbe, expected } : null
    },
    isOther({ connection }, said) {
      const before = known.get(connection)
      const boot = bootOf(said)
      if (boot === null) return false
      known.set(connection, said)
      return before !== null && before !== undefined && bootOf(before) !== boot
    },
  }
}

// Where the kernel shows no boot, or it could not be read, nothing can be held against it.
function bootOf(said: Answered): string | null {
  return !isFailed(said) &&
    'text' in said &&
    typeof said.text === 'string' &&
    said.text.trim() !== ''
    ? said.text.trim()
    : null
}

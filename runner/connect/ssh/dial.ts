import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'ssh2'
import { hopText, type Hop } from './hop.ts'
import type { KeyWorld } from './host-key.ts'
import type { Keyring } from './keyring.ts'
import { dialOnce } from './dial-once.ts'
import type { LoginEnd, Pace } from './pace.ts'

/** What dialling needs of the run. */
export interface DialWorld extends KeyWorld {
  readonly keys: Keyring
  /** How many logins are under way at once. */
  readonly pace: Pace
  /** Ends every dialling at once, when the run ends. */
  readonly stop?: AbortSignal
}
/** The way to a hop that lies behind another. */
export interface Way {
  readonly jump: Hop
  open(): Promise<Duplex>
}

/** The first wait after sshd hung up before its banner, in milliseconds; it doubles, with as much jitter. */
const firstPause = 250
const mostTries = 6

/** Connect and sign in. Tries again while sshd hangs up before its banner (MaxStartups). Rejects with Unreachable, or DiagnosticError for a refused host key. */
export async function dial(hop: Hop, world: DialWorld, way: Way | null): Promise<SignedIn> {
  let deadline = Date.now() + hop.connectTimeout * 1000
  for (let attempt = 1; ; attempt++) {
    const came = Date.now()
    const leave = await world.pace.enter(
      { through: way && hopText(way.jump), to: hopText(hop) },
      world.stop,
    )
    // Its patience is for the host, not for the others before it.
    deadline += Date.now() - came
    const outcome = await dialOnce(hop, world, way, Math.max(1, deadline - Date.now()))
    leave(endOf(outcome))
    if ('client' in outcome) return outcome
    const pause = firstPause * 2 ** (attempt - 1) * (1 + Math.random())
    if (
      !outcome.again ||
      world.stop?.aborted ||
      attempt === mostTries ||
      Date.now() + pause >= deadline
    )
      throw outcome.error
    // An abort ends the pause too; the next try then says so.
    await sleep(pause, undefined, { signal: world.stop }).catch(() => {})
  }
}

/** A client that is signed in, over its socket. */
export interface SignedIn {
  readonly client: Client
  readonly socket: Duplex
  /** Why no secret may be sent over it. */
  readonly withheld: string | null
}

/** How one try to sign in ended. */
export type Outcome =
  | SignedIn
  | { readonly error: Error; /** sshd hung up before its banner. */ readonly again: boolean }

function endOf(outcome: Outcome): LoginEnd {
  if ('client' in outcome) return 'in'
  return outcome.again ? 'refused' : 'other'
}

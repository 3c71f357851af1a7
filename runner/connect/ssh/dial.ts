import { setTimeout as sleep } from 'node:timers/promises'
import { hopText, type Hop } from './hop.ts'
import { dialOnce } from './dial-once.ts'
import type { DialOutcome, DialWorld, SignedIn, Way } from './dial-world.ts'
import type { LoginEnd } from './login-pace.ts'

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

function endOf(outcome: DialOutcome): LoginEnd {
  if ('client' in outcome) return 'in'
  return outcome.again ? 'refused' : 'other'
}

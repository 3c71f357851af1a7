import type { Diagnostic } from '../../model/diagnostic.ts'
import { Unreachable, type Session } from '../../model/session.ts'
import type { Hop } from '../ssh/hop.ts'
import type { Dialer } from '../ssh/ssh2-dialer.ts'
import type { SshTransport } from '../ssh/ssh2-transport.ts'
import type { Transport } from '../transport.ts'
import type { Keeper, KeptTransport } from './client.ts'
import { mayKeep } from './may-keep.ts'

/** Finds the keeper of this user's connections. `dial` logs in by this run itself. */
export type KeeperFinder = (
  warn: (diagnostic: Diagnostic) => void,
  dial: Dialer['open'],
) => Promise<Keeper | null>

/** Gives the kept connection to a host where there may be one; else it logs in. */
export function keptOrDialled(keeper: Promise<Keeper | null> | null, dial: Dialer['open']) {
  return async (name: string, hops: readonly Hop[]): Promise<SshTransport> => {
    const kept =
      keeper !== null && mayKeep(hops) ? await (await keeper)?.open(name, hops) : undefined
    return kept ?? dial(name, hops)
  }
}

/** A session that asks again where the keeper ended while it only read: the host is well, and the run logs in by itself. */
export function askedAgain(
  session: Session,
  transport: Transport,
  again: () => Promise<Session>,
): Session {
  if (!isKept(transport)) return session
  return {
    async exchange(exchange) {
      try {
        return await session.exchange(exchange)
      } catch (error) {
        if (exchange.apply || !transport.keeperGone || !(error instanceof Unreachable)) throw error
        return (await again()).exchange(exchange)
      }
    },
  }
}

function isKept(transport: Transport): transport is KeptTransport {
  return 'keeperGone' in transport
}

import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Host } from '../../model/host.ts'
import { Unreachable, type Session } from '../../model/session.ts'
import type { Hop } from '../ssh/hop.ts'
import type { SshTransport } from '../ssh/ssh2-transport.ts'
import type { Transport } from '../transport.ts'
import type { Keeper, KeptTransport } from './keeper-client.ts'
import { mayKeep, wayText } from './may-keep.ts'
import { opensshWayText, type OpensshRun } from './openssh-way.ts'

/** Finds the keeper of this user's connections. */
export type KeeperFinder = (warn: (diagnostic: Diagnostic) => void) => Promise<Keeper | null>

/** The keeper of a run, looked for when a first host may be kept: a play on this machine alone starts none. */
export interface RunKeeper {
  find(): Promise<Keeper | null>
  close(): Promise<void>
}

/** A keeper that is not looked for before it is wanted. */
export function keeperOnDemand(
  finder: KeeperFinder | undefined,
  warn: (diagnostic: Diagnostic) => void,
): RunKeeper {
  let found: Promise<Keeper | null> | null = null
  return {
    find: () => (found ??= finder?.(warn) ?? Promise.resolve(null)),
    close: async () => (await found)?.close(),
  }
}

/** The kept connection to a host where there may be one; else a login. */
export async function keptOrDialled(
  find: RunKeeper['find'],
  name: string,
  hops: readonly Hop[],
  dial: () => Promise<SshTransport>,
): Promise<SshTransport> {
  const found = mayKeep(hops) ? await find() : null
  if (!found) return dial()
  return (await found.open(name, wayText(name, hops), dial)) ?? dial()
}

/** The same for a host that the system's ssh reaches. */
export async function keptOrByOpenssh(
  find: RunKeeper['find'],
  host: Host,
  run: OpensshRun,
  dial: () => Promise<SshTransport>,
): Promise<SshTransport> {
  const found = await find()
  const way = found ? await opensshWayText(host, run) : null
  if (!found || way === null) return dial()
  return (await found.open(host.name, way, dial)) ?? dial()
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

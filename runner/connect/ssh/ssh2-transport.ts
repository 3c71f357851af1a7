import type { Duplex } from 'node:stream'
import type { Interrupt } from '../../model/session.ts'
import { Unreachable } from '../../model/session.ts'
import {
  withheldError,
  type RemoteProcess,
  type StartedAhead,
  type Transport,
} from '../transport.ts'
import { dial } from './dial.ts'
import type { DialWorld } from './dial-world.ts'
import type { Hop } from './hop.ts'
import { jumpLinks, type HeldLink, type Jumps } from './jumps.ts'
import { linkOver, type Link } from './link.ts'
import { processOf } from './ssh-process.ts'
import { tunnelSocket } from './tunnel.ts'

/** A transport over SSH. It lives as long as its connection: after a loss a new one must be opened. */
export interface SshTransport extends Transport {
  readonly lost: boolean
  /** A stream to an address as seen from the host. */
  forward(address: string, port: number): Promise<Duplex>
}

/** Connect to the last of the hops through the others. */
export async function openSshTransport(
  name: string,
  hops: readonly Hop[],
  world: DialWorld,
  jumps: Jumps = jumpLinks(world),
): Promise<SshTransport> {
  const way = hops.slice(0, -1)
  const target = hops.at(-1)!
  for (const diagnostic of hops.flatMap(({ undone }) => undone ?? [])) world.warn(diagnostic)
  const held = way.length === 0 ? null : await holdFor(name, way, jumps)
  let link: Link
  try {
    link = linkOver(
      await dial(
        target,
        world,
        held && { jump: held.link.hop, open: () => held.link.forward(target.address, target.port) },
      ),
      target,
    )
  } catch (error) {
    await held?.letGo()
    throw error
  }
  link.onLost(() => void held?.letGo())
  return {
    name,
    withheld: link.withheld,
    get lost() {
      return link.lost
    },
    start: (command, signal) => start(link, command, signal),
    startAhead: (command) => startAhead(link, command),
    async forward(address, port) {
      // What goes through carries tokens. OpenSSH forwards no port in this place either.
      if (link.withheld !== null) throw withheldError(name, link.withheld, 'nothing is forwarded')
      return tunnelSocket(await link.forward(address, port))
    },
    async close() {
      await link.close()
      await held?.letGo()
    },
  }
}

async function holdFor(name: string, way: readonly Hop[], jumps: Jumps): Promise<HeldLink> {
  try {
    return await jumps.hold(way)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    // It is the host behind the jump that cannot be reached.
    throw new Unreachable(
      name,
      `on the way to ${name}: ${error.message}`,
      error.hint === undefined ? {} : { hint: error.hint },
    )
  }
}

async function startAhead(link: Link, command: string): Promise<StartedAhead | null> {
  const started = await link.execAhead(
    command,
    (channel) => processOf(channel, link),
    (process) => process.end(),
  )
  if (!started) return null
  const { made: process, keep } = started
  let isOver = false
  const end = (): void => void (isOver = true)
  process.ended.then(end, end)
  return { process, use: () => keep() && !isOver }
}

async function start(
  link: Link,
  command: string,
  signal: Interrupt | undefined,
): Promise<RemoteProcess> {
  const exec = (): Promise<RemoteProcess> =>
    link.exec(command, (channel) => processOf(channel, link))
  if (signal === undefined) return exec()
  const stopped = (): Unreachable =>
    new Unreachable(link.hop.name, `${link.hop.name}: interrupted before the command began`)
  if (signal.aborted) throw stopped()
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => (abort = () => reject(stopped())))
  signal.addEventListener('abort', abort, { once: true })
  // It may wait for its turn; an abort does not.
  const opening = exec()
  try {
    return await Promise.race([opening, aborted])
  } catch (error) {
    opening.then(
      (late) => late.kill(),
      () => {},
    )
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

import type { Duplex } from 'node:stream'
import type { Interrupt } from '../../core/session.ts'
import { Unreachable } from '../../core/session.ts'
import type { RemoteProcess, Transport } from '../transport.ts'
import { dial, type DialWorld } from './dial.ts'
import type { Hop } from './hop.ts'
import { jumpLinks, type Jumps } from './jumps.ts'
import { linkOver, type Link } from './link.ts'
import { processOf } from './process.ts'
import { tunnelSocket } from './tunnel.ts'

/** A transport over SSH. It lives as long as its connection: after a loss a new one must be opened. */
export interface SshTransport extends Transport {
  readonly lost: boolean
  /** A stream to an address as seen from the host. */
  forward(address: string, port: number): Promise<Duplex>
}

/** Connect to the last of the hops through the others. */
export async function openSshTransport(name: string, hops: readonly Hop[], world: DialWorld, jumps: Jumps = jumpLinks(world)): Promise<SshTransport> {
  const way = hops.slice(0, -1)
  const target = hops.at(-1)!
  const held = way.length === 0 ? null : await jumps.hold(way)
  let link: Link
  try {
    link = linkOver(await dial(target, world, held === null ? null : () => held.link.forward(target.address, target.port)), target)
  } catch (error) {
    await held?.letGo()
    throw error
  }
  link.onLost(() => void held?.letGo())
  return {
    name,
    get lost() {
      return link.lost
    },
    start: (command, signal) => start(link, command, signal),
    forward: async (address, port) => tunnelSocket(await link.forward(address, port)),
    async close() {
      await link.close()
      await held?.letGo()
    },
  }
}

async function start(link: Link, command: string, signal: Interrupt | undefined): Promise<RemoteProcess> {
  const stopped = (): Unreachable => new Unreachable(link.hop.name, `${link.hop.name}: interrupted before the command began`)
  if (signal?.aborted) throw stopped()
  const channel = await link.exec(command)
  const running = processOf(channel, link)
  if (signal === undefined) return running
  if (signal.aborted) {
    running.kill()
    throw stopped()
  }
  const kill = (): void => running.kill()
  signal.addEventListener('abort', kill, { once: true })
  const forget = (): void => signal.removeEventListener('abort', kill)
  running.ended.then(forget, forget)
  return running
}

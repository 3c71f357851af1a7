import type { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { Unreachable } from '../../model/session.ts'
import { hopText, type Hop } from './hop.ts'

/** A signed-in connection: sessions over it are counted, forwarded streams are not, as sshd does it (MaxSessions). */
export interface Link {
  readonly hop: Hop
  readonly lost: boolean
  /** Called once, when the connection is lost or closed. */
  onLost(listener: () => void): void
  /**
   * Runs a command; waits while as many run as the server takes. The slot is free again when its channel has closed.
   * `opened` gets the channel before anything of it can be missed: a command that ends at once sends all its events together.
   */
  exec<T>(command: string, opened: (channel: ClientChannel) => T): Promise<T>
  /** A stream to an address as seen from there. */
  forward(address: string, port: number): Promise<Duplex>
  close(): Promise<void>
}

/** sshd's own limit, unless its MaxSessions says less. */
const mostSessions = 10
/** How long a server that refuses the only session is asked again: it may not have noticed the last one's end. */
const refusalPatience = 2000

/** A connection over a signed-in client. `whenLost` hears of a loss that nobody asked for. */
export function linkOver(client: Client, hop: Hop): Link {
  let limit = mostSessions
  let open = 0
  let lost = false
  const waiting: (() => void)[] = []
  const listeners: (() => void)[] = []
  const closed = new Promise<void>((resolve) => {
    client.on('close', () => {
      lost = true
      for (const listener of listeners.splice(0)) listener()
      for (const resume of waiting.splice(0)) resume()
      resolve()
    })
  })

  function lostError(): Unreachable {
    return new Unreachable(hop.name, `${hopText(hop)}: the connection was lost`, {
      hint: 'the host may have rebooted or the network failed',
    })
  }

  function freed(): void {
    open--
    waiting.shift()?.()
  }

  async function exec<T>(command: string, opened: (channel: ClientChannel) => T): Promise<T> {
    const since = Date.now()
    for (;;) {
      while (open >= limit && !lost) await new Promise<void>((resolve) => waiting.push(resolve))
      if (lost) throw lostError()
      open++
      const outcome = await tryExec(command, (channel) => {
        channel.on('close', freed)
        return opened(channel)
      })
      if (!('refused' in outcome)) return outcome.made
      open--
      if (lost) throw lostError()
      if (!outcome.full)
        throw new Unreachable(hop.name, `${hopText(hop)} runs no commands: ${outcome.refused}`, {
          hint: 'is the user limited to something else there (ForceCommand, internal-sftp)?',
        })
      if (open > 0) {
        // Its MaxSessions is lower than ours: as many as run now is what it takes.
        limit = Math.min(limit, open)
      } else {
        if (Date.now() - since > refusalPatience)
          throw new Unreachable(hop.name, `${hopText(hop)} opens no session: ${outcome.refused}`, {
            hint: 'its MaxSessions may be 0',
          })
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100))
      }
    }
  }

  type Tried<T> =
    | { readonly made: T }
    | {
        readonly refused: string
        /** The channel itself was refused: too many run. */ readonly full: boolean
      }

  function tryExec<T>(command: string, opened: (channel: ClientChannel) => T): Promise<Tried<T>> {
    return new Promise((resolve) => {
      try {
        client.exec(command, (error, channel) => {
          if (!error) return resolve({ made: opened(channel) })
          const { reason } = error as Error & { reason?: number }
          resolve({ refused: error.message, full: reason === 2 || reason === 4 })
        })
      } catch (error) {
        resolve({ refused: (error as Error).message, full: false })
      }
    })
  }

  function forward(address: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      if (lost) return reject(lostError())
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (!error) return resolve(stream)
        const { reason } = error as Error & { reason?: number }
        const why = lost
          ? 'the connection was lost'
          : reason === 1
            ? 'it forbids forwarding (AllowTcpForwarding, PermitOpen)'
            : `it cannot reach it: ${error.message.replace('(SSH) Channel open failure: ', '')}`
        reject(
          new Unreachable(
            hop.name,
            `${hop.name} (${hopText(hop)}) opens no way to ${address}:${port}: ${why}`,
          ),
        )
      })
    })
  }

  return {
    hop,
    get lost() {
      return lost
    },
    onLost(listener) {
      if (lost) listener()
      else listeners.push(listener)
    },
    exec,
    forward,
    async close() {
      if (lost) return
      client.end()
      // A peer that is gone never answers the end.
      const timer = setTimeout(() => client.destroy(), 500)
      await closed
      clearTimeout(timer)
    },
  }
}

import type { SshTransport } from '../ssh/ssh2-transport.ts'
import type { Destination } from './destination.ts'
import type { RemoteProcess } from '../transport.ts'

/** How long a connection that was idle may take to open a channel before it counts as dead, in milliseconds. */
const revival = 3000
/** For so long after its last sign of life a connection is not doubted. */
const trusted = 1000

/** A connection that is kept. */
export interface KeptLink {
  readonly name: string
  /** `user@address:port` of the host. */
  readonly to: string
  /** What its login rested on. */
  readonly state: string
  /** How many clients use it now. */
  users: number
  lastUse: number
  /** For how long it is kept after its last use, in milliseconds. */
  keep: number
  readonly lost: boolean
  /** Runs a command. A connection that turns out to be dead before the command began is replaced without a word. */
  start(command: string): Promise<RemoteProcess>
  forward: SshTransport['forward']
  onClose(hear: () => void): void
  close(): Promise<void>
}

/** A kept link over a transport to a destination. */
export function keptLink(
  about: Pick<KeptLink, 'state' | 'keep'>,
  first: SshTransport,
  { name, to, dial, answers }: Destination,
): KeptLink {
  let transport = first
  let renewing: Promise<SshTransport> | null = null
  let active = 0
  let heardAt = Date.now()
  let closed = false
  const closing: (() => void)[] = []

  function renew(dead: SshTransport): Promise<SshTransport> {
    if (dead !== transport) return Promise.resolve(transport)
    void dead.close()
    renewing ??= dial()
      .then((made) => {
        transport = made
        if (closed) void made.close()
        return made
      })
      .finally(() => (renewing = null))
    return renewing
  }

  async function begin(command: string): Promise<RemoteProcess> {
    const now = renewing ? await renewing : transport
    if (now.lost) return (await renew(now)).start(command)
    if (active > 1 || Date.now() - heardAt < trusted) return now.start(command)
    if (answers) return ((await answers(now)) ? now : await renew(now)).start(command)
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), revival)
    try {
      return await now.start(command, late.signal)
    } catch {
      // Nothing of the command ran: its script had not been sent.
      return (await renew(now)).start(command)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    ...about,
    name,
    to,
    users: 0,
    lastUse: Date.now(),
    get lost() {
      return closed
    },
    async start(command) {
      active++
      try {
        const process = await begin(command)
        heardAt = Date.now()
        const over = (): void => {
          active--
          heardAt = Date.now()
        }
        process.ended.then(over, () => void active--)
        return process
      } catch (error) {
        active--
        throw error
      }
    },
    forward: (address, port) => transport.forward(address, port),
    onClose: (hear) => void closing.push(hear),
    async close() {
      closed = true
      for (const hear of closing.splice(0)) hear()
      await transport.close()
    },
  }
}

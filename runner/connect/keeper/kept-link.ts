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
  onClose(hear: () => void): void
  close(): Promise<void>
}

class Link implements KeptLink {
  readonly name: string
  readonly to: string
  readonly state: string
  users = 0
  lastUse = Date.now()
  keep: number
  readonly #destination: Destination
  readonly #closing: (() => void)[] = []
  #transport: SshTransport
  #renewing: Promise<SshTransport> | null = null
  #active = 0
  #heardAt = Date.now()
  #closed = false

  constructor(
    { state, keep }: Pick<KeptLink, 'state' | 'keep'>,
    transport: SshTransport,
    destination: Destination,
  ) {
    this.name = destination.name
    this.to = destination.to
    this.state = state
    this.keep = keep
    this.#transport = transport
    this.#destination = destination
  }

  get lost(): boolean {
    return this.#closed
  }

  async start(command: string): Promise<RemoteProcess> {
    this.#active++
    try {
      const process = await this.#begin(command)
      this.#heardAt = Date.now()
      const over = (): void => {
        this.#active--
        this.#heardAt = Date.now()
      }
      process.ended.then(over, () => void this.#active--)
      return process
    } catch (error) {
      this.#active--
      throw error
    }
  }

  onClose(hear: () => void): void {
    this.#closing.push(hear)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const hear of this.#closing.splice(0)) hear()
    await this.#transport.close()
  }

  async #begin(command: string): Promise<RemoteProcess> {
    const { answers } = this.#destination
    const now = this.#renewing ? await this.#renewing : this.#transport
    if (now.lost) return (await this.#renew(now)).start(command)
    if (this.#active > 1 || Date.now() - this.#heardAt < trusted) return now.start(command)
    if (answers) return ((await answers(now)) ? now : await this.#renew(now)).start(command)
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), revival)
    try {
      return await now.start(command, late.signal)
    } catch {
      // Nothing of the command ran: its script had not been sent.
      return (await this.#renew(now)).start(command)
    } finally {
      clearTimeout(timer)
    }
  }

  #renew(dead: SshTransport): Promise<SshTransport> {
    if (dead !== this.#transport) return Promise.resolve(this.#transport)
    void dead.close()
    this.#renewing ??= this.#destination
      .dial()
      .then((made) => {
        this.#transport = made
        if (this.#closed) void made.close()
        return made
      })
      .finally(() => (this.#renewing = null))
    return this.#renewing
  }
}

/** A kept link over a transport to a destination. */
export function keptLink(
  about: Pick<KeptLink, 'state' | 'keep'>,
  transport: SshTransport,
  destination: Destination,
): KeptLink {
  return new Link(about, transport, destination)
}

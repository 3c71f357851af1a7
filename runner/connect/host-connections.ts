import type { Host } from '../model/host.ts'
import type { Become, Session } from '../model/session.ts'
import type { HostLocks } from './apply/lock.ts'
import { openSession } from './batch/script-session.ts'
import type { Becoming } from './become.ts'
import { askedAgain } from './keeper/kept-host.ts'
import { localTransport } from './local.ts'
import type { SshTransport } from './ssh/ssh2-transport.ts'
import type { Transport } from './transport.ts'

interface OpenHost {
  readonly transport: Promise<Transport>
  readonly sessions: Map<string, Session>
  lost(): boolean
}

/** The connections to hosts: one per host, shared by all become users. */
export class HostConnections {
  readonly #connect: (host: Host) => Promise<SshTransport>
  readonly #locks: HostLocks | null
  readonly #hosts = new Map<string, OpenHost>()

  constructor(connect: (host: Host) => Promise<SshTransport>, locks: HostLocks | null) {
    this.#connect = connect
    this.#locks = locks
  }

  /** Begins to connect to a host, unless its connection is open. */
  open(host: Host): OpenHost {
    const held = this.#hosts.get(host.name)
    if (held && !held.lost()) return held
    let connected: SshTransport | null = null
    const transport: Promise<Transport> =
      host.connection.kind === 'local'
        ? Promise.resolve(localTransport({ name: host.name }))
        : Promise.resolve()
            .then(() => this.#connect(host))
            .then((opened) => (connected = opened))
    const entry: OpenHost = { transport, sessions: new Map(), lost: () => connected?.lost === true }
    this.#hosts.set(host.name, entry)
    transport.catch(() => {})
    return entry
  }

  /** The connection to a host, opened where it is not open. */
  async connected(
    host: Host,
  ): Promise<{ readonly entry: OpenHost; readonly transport: Transport }> {
    const entry = this.open(host)
    try {
      return { entry, transport: await entry.transport }
    } catch (error) {
      // Forget the failed connection only after its error was delivered, so that concurrent callers share one login attempt.
      if (this.#hosts.get(host.name) === entry) this.#hosts.delete(host.name)
      throw error
    }
  }

  /** The session of a user on a host; null: the login user. */
  async session(host: Host, become: Become | null): Promise<Session> {
    const { entry, transport } = await this.connected(host)
    const key = become === null ? '' : `as ${become.user}`
    let session = entry.sessions.get(key)
    if (session === undefined) {
      const opened = openSession(
        transport,
        become && becomingOf(become, host, transport.withheld),
        this.#locks,
      )
      session = askedAgain(opened, transport, () => this.session(host, become))
      entry.sessions.set(key, session)
    }
    return session
  }

  /** Closes the connection to a host. */
  async close(name: string): Promise<void> {
    const entry = this.#hosts.get(name)
    this.#hosts.delete(name)
    const transport = await entry?.transport.catch(() => null)
    await transport?.close()
  }

  /** Closes all connections. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#hosts.keys()].map((name) => this.close(name)))
  }
}

/** The user to become, with the password of the host unless it may not be sent. */
function becomingOf(
  { user }: Become,
  { connection: { becomePassword } }: Host,
  withheld: string | null | undefined,
): Becoming {
  if (becomePassword === undefined) return { user }
  return withheld ? { user, withheld } : { user, password: becomePassword }
}

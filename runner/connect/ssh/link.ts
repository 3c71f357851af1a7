import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { Unreachable } from '../../model/session.ts'
import type { SignedIn } from './dial-world.ts'
import { hopText, type Hop } from './hop.ts'

/** A signed-in connection: sessions over it are counted, forwarded streams are not, as sshd does it (MaxSessions). */
export interface Link {
  readonly hop: Hop
  readonly lost: boolean
  /** Why no secret may be sent over it, or null. */
  readonly withheld: string | null
  /** Called once, when the connection is lost or closed. */
  onLost(listener: () => void): void
  /**
   * Runs a command; waits while as many run as the server takes. The slot is free again when its channel has closed.
   * `opened` gets the channel before anything of it can be missed: a command that ends at once sends all its events together.
   */
  exec<T>(command: string, opened: (channel: ClientChannel) => T): Promise<T>
  /**
   * Runs a command that nothing waits for yet, where there is a place for it and for others. `yields` is called when its place is
   * wanted; what comes back says whether it was not, and keeps the place.
   */
  execAhead<T>(
    command: string,
    opened: (channel: ClientChannel) => T,
    yields: (made: T) => void,
  ): Promise<{ readonly made: T; keep(): boolean } | null>
  /** A stream to an address as seen from there. */
  forward(address: string, port: number): Promise<Duplex>
  close(): Promise<void>
}

/** sshd's own limit, unless its MaxSessions says less. */
const mostSessions = 10
/** How long a server that refuses the only session is asked again: it may not have noticed the last one's end. */
const refusalPatience = 2000
/** How long a server may take to open a channel and to start a command in it. */
const openingSeconds = 30
/** How long the goodbye of a connection may take. */
const goodbye = 500

/** A connection over a signed-in client. */
export function linkOver(signedIn: SignedIn, hop: Hop, openingLimit = openingSeconds): Link {
  return new SignedInLink(signedIn, hop, openingLimit)
}

class SignedInLink implements Link {
  readonly hop: Hop
  readonly withheld: string | null
  readonly #signedIn: SignedIn
  readonly #openingLimit: number
  readonly #waiting: (() => void)[] = []
  readonly #listeners: (() => void)[] = []
  readonly #closed: Promise<void>
  /** What runs ahead, each with what ends it. */
  readonly #ahead = new Set<() => void>()
  #over = (): void => {}
  #limit = mostSessions
  #open = 0
  #lost = false

  constructor(signedIn: SignedIn, hop: Hop, openingLimit: number) {
    this.hop = hop
    this.withheld = signedIn.withheld
    this.#signedIn = signedIn
    this.#openingLimit = openingLimit
    this.#closed = new Promise<void>((resolve) => (this.#over = resolve))
    signedIn.client.on('close', this.#lose)
    signedIn.client.on('error', (error: Error & { readonly level?: string }) => {
      if (error.level === 'client-timeout') this.#lose()
    })
  }

  get lost(): boolean {
    return this.#lost
  }

  onLost(listener: () => void): void {
    if (this.#lost) listener()
    else this.#listeners.push(listener)
  }

  async exec<T>(command: string, opened: (channel: ClientChannel) => T): Promise<T> {
    const since = Date.now()
    for (;;) {
      while (this.#open >= this.#limit && !this.#lost) {
        this.#endAhead()
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
      if (this.#lost) throw lostError(this.hop)
      const outcome = await this.#try(command, opened)
      if ('made' in outcome) return outcome.made
      // A peer that hung up counts as lost at once, not when its socket says so: the next session must not get this connection.
      if (outcome.late || hungUp.test(outcome.refused)) this.#lose()
      else if (this.#lost) throw lostError(this.hop)
      if (!outcome.full) throw refusedCommand(this.hop, outcome, this.#openingLimit)
      this.#endAhead()
      await this.#afterFull(outcome, since)
    }
  }

  async execAhead<T>(
    command: string,
    opened: (channel: ClientChannel) => T,
    yields: (made: T) => void,
  ): Promise<{ readonly made: T; keep(): boolean } | null> {
    // One place stays free for a command that is needed now.
    if (this.#lost || this.#open + 2 > this.#limit) return null
    const outcome = await this.#try(command, opened)
    if (!('made' in outcome)) {
      if (outcome.full && this.#open > 0) this.#limit = Math.min(this.#limit, this.#open)
      return null
    }
    const { made } = outcome
    const end = (): void => yields(made)
    this.#ahead.add(end)
    return { made, keep: () => this.#ahead.delete(end) && !this.#lost }
  }

  #endAhead(): void {
    for (const end of this.#ahead) end()
    this.#ahead.clear()
  }

  forward(address: string, port: number): Promise<Duplex> {
    if (this.#lost) return Promise.reject(lostError(this.hop))
    const isLost = (): boolean => this.#lost
    return forwardOver(this.#signedIn, this.hop, address, port, this.#openingLimit, isLost)
  }

  async close(): Promise<void> {
    if (this.#lost) return
    this.#signedIn.client.end()
    // A peer that is gone never answers the goodbye.
    const timer = setTimeout(this.#lose, goodbye)
    await this.#closed
    clearTimeout(timer)
  }

  /** Asks for a channel; its slot is free again when it has closed, or was refused. */
  async #try<T>(
    command: string,
    opened: (channel: ClientChannel) => T,
  ): Promise<{ readonly made: T } | Refused> {
    this.#open++
    const outcome = await tryExec(this.#signedIn, command, this.#openingLimit, (channel) => {
      channel.on('close', () => {
        this.#open--
        this.#waiting.shift()?.()
      })
      return opened(channel)
    })
    if ('refused' in outcome) this.#open--
    return outcome
  }

  /** The server takes no more channels: the limit is lowered, or, where none is open, it is asked again for a while. */
  async #afterFull({ refused }: Refused, since: number): Promise<void> {
    if (this.#open > 0) {
      // Its MaxSessions is lower than ours: as many as run now is what it takes.
      this.#limit = Math.min(this.#limit, this.#open)
      return
    }
    if (Date.now() - since > refusalPatience)
      throw new Unreachable(this.hop.name, `${hopText(this.hop)} opens no session: ${refused}`, {
        hint: 'check MaxSessions in the sshd_config of the host: it may be 0',
      })
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100))
  }

  readonly #lose = (): void => {
    if (this.#lost) return
    this.#lost = true
    // The socket itself: after its goodbye ssh2 destroys nothing any more, and a dead peer would hold this process for minutes.
    this.#signedIn.socket.destroy()
    for (const listener of this.#listeners.splice(0)) listener()
    for (const resume of this.#waiting.splice(0)) resume()
    this.#over()
  }
}

function lostError(hop: Hop): Unreachable {
  return new Unreachable(hop.name, `${hopText(hop)}: the connection was lost`, {
    hint: 'the host may have rebooted, or the network failed: run again when it answers',
  })
}

/** What ssh2 says of a connection that its server has ended. */
const hungUp = /^Not connected|no response from server/i

interface Refused {
  readonly refused: string
  /** The channel itself was refused: too many run. */
  readonly full: boolean
  /** There was no answer at all. */
  readonly late: boolean
}

function refusedCommand(hop: Hop, { refused, late }: Refused, seconds: number): Unreachable {
  if (late)
    return new Unreachable(
      hop.name,
      `${hopText(hop)}: the server opened no channel for a command within ${seconds}s`,
      {
        hint: `something that sshd starts there may hang (PAM, a home folder that does not answer); try it: ${sshLine(hop)}`,
      },
    )
  if (hungUp.test(refused))
    return new Unreachable(hop.name, `${hopText(hop)}: the server hung up after the login`, {
      hint: `the account may be limited, or PAM ends its session; try it: ${sshLine(hop)}`,
    })
  return new Unreachable(hop.name, `${hopText(hop)} runs no commands: ${refused}`, {
    hint: 'sshd may limit this user to something else: look for ForceCommand and internal-sftp in its sshd_config',
  })
}

function sshLine(hop: Hop): string {
  return `try ssh -v -p ${hop.port} ${hop.user}@${hop.address} true`
}

function tryExec<T>(
  { client }: SignedIn,
  command: string,
  seconds: number,
  opened: (channel: ClientChannel) => T,
): Promise<{ readonly made: T } | Refused> {
  return new Promise((resolve) => {
    const refuse = (refused: string, more: Partial<Refused> = {}): void => {
      clearTimeout(timer)
      resolve({ refused, full: false, late: false, ...more })
    }
    const timer = setTimeout(() => refuse('no answer', { late: true }), seconds * 1000)
    try {
      client.exec(command, (error, channel) => {
        if (error) {
          const { reason } = error as Error & { reason?: number }
          return refuse(error.message, { full: reason === 2 || reason === 4 })
        }
        clearTimeout(timer)
        resolve({ made: opened(channel) })
      })
    } catch (error) {
      refuse((error as Error).message)
    }
  })
}

function forwardOver(
  { client }: SignedIn,
  hop: Hop,
  address: string,
  port: number,
  seconds: number,
  isLost: () => boolean,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(
        new Unreachable(
          hop.name,
          `${hop.name} could not reach ${address}:${port}: ${isLost() ? 'the connection was lost' : why}`,
        ),
      )
    }
    const timer = setTimeout(() => fail(`no answer within ${seconds}s`), seconds * 1000)
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (!error) {
          clearTimeout(timer)
          return resolve(stream)
        }
        const { reason } = error as Error & { reason?: number }
        fail(
          reason === 1
            ? 'it forbids forwarding (AllowTcpForwarding, PermitOpen)'
            : error.message.replace('(SSH) Channel open failure: ', ''),
        )
      })
    } catch (error) {
      fail((error as Error).message)
    }
  })
}

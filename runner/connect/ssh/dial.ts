import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2 from 'ssh2'
import type { Client } from 'ssh2'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { Unreachable } from '../../model/session.ts'
import { hopText, type Hop } from './hop.ts'
import { checkKeyOf, type KeyWorld } from './host-key.ts'
import type { Keyring } from './keyring.ts'
import { login } from './login.ts'
import type { LoginEnd, Pace } from './pace.ts'
import { plainText } from './plain-text.ts'
import { quieten } from './ssh2-internals.ts'

/** What dialling needs of the run. */
export interface DialWorld extends KeyWorld {
  readonly keys: Keyring
  /** How many logins are under way at once. */
  readonly pace: Pace
  /** Ends every dialling at once, when the run ends. */
  readonly stop?: AbortSignal
}
/** The way to a hop that lies behind another. */
export interface Way {
  readonly jump: Hop
  open(): Promise<Duplex>
}

/** The first wait after sshd hung up before its banner, in milliseconds; it doubles, with as much jitter. */
const firstPause = 250
const mostTries = 6

/** Connect and sign in. Tries again while sshd hangs up before its banner (MaxStartups). Rejects with Unreachable, or DiagnosticError for a refused host key. */
export async function dial(hop: Hop, world: DialWorld, way: Way | null): Promise<Client> {
  let deadline = Date.now() + hop.connectTimeout * 1000
  for (let attempt = 1; ; attempt++) {
    const came = Date.now()
    const leave = await world.pace.enter(
      { through: way && hopText(way.jump), to: hopText(hop) },
      world.stop,
    )
    // Its patience is for the host, not for the others before it.
    deadline += Date.now() - came
    const outcome = await tryOnce(hop, world, way, Math.max(1, deadline - Date.now()))
    leave(endOf(outcome))
    if ('client' in outcome) return outcome.client
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

type Outcome =
  | { readonly client: Client }
  | { readonly error: Error; /** sshd hung up before its banner. */ readonly again: boolean }

function endOf(outcome: Outcome): LoginEnd {
  if ('client' in outcome) return 'in'
  return outcome.again ? 'refused' : 'other'
}

async function tryOnce(
  hop: Hop,
  world: DialWorld,
  way: Way | null,
  patience: number,
): Promise<Outcome> {
  let socket: Duplex
  try {
    socket = way === null ? directSocket(hop) : await inTime(way.open(), hop, patience, world.stop)
  } catch (error) {
    return { error: error as Error, again: false }
  }
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    const check = checkKeyOf(hop, world)
    const clock = stoppableClock(patience, () =>
      fail({
        message: `no login within ${hop.connectTimeout} seconds`,
        hint: seen.banner ? undefined : 'is the host up, and is what listens there an SSH server?',
      }),
    )
    const attempt = login(hop, world.keys, (busy) => (busy ? clock.stop() : clock.go()))
    const seen = {
      banner: '',
      ident: false,
      handshake: [] as string[],
      connected: false,
      start: Buffer.alloc(0),
    }
    let settled = false

    function settle(outcome: Outcome): void {
      if (settled) return
      settled = true
      clock.end()
      world.stop?.removeEventListener('abort', stopped)
      if ('error' in outcome) {
        // Errors that follow the first say less; without a listener they would end the process.
        client.on('error', () => {})
        client.destroy()
        socket.destroy()
      }
      resolve(outcome)
    }
    function fail(
      why: { readonly message: string; readonly hint?: string | undefined },
      again = false,
    ): void {
      const refusal = check.refusal()
      if (refusal) return settle({ error: new DiagnosticError(refusal), again: false })
      const said = seen.banner === '' ? '' : ` (it said: ${plainText(seen.banner)})`
      const text = why.message.startsWith(hopText(hop))
        ? why.message
        : `${hopText(hop)}: ${why.message}`
      settle({
        error: new Unreachable(
          hop.name,
          text + said,
          why.hint === undefined ? {} : { hint: why.hint },
        ),
        again,
      })
    }

    function hungUp(): void {
      const said = plainText(seen.start.toString('latin1'), 80)
      // Newer sshd says why it hangs up.
      if (/MaxStartups|not allowed at this time/i.test(said))
        return fail(
          {
            message: `it takes no more connections now ("${said}")`,
            hint: 'raise MaxStartups (or PerSourcePenalties) there, or use fewer forks',
          },
          true,
        )
      if (said !== '')
        return fail({
          message: `what answers there is no SSH server: it said "${said}"`,
          hint: `check the port (${hop.port})`,
        })
      fail(hangUpText(hop), true)
    }

    const stopped = (): void => fail({ message: 'interrupted while connecting' })
    world.stop?.addEventListener('abort', stopped)
    if (world.stop?.aborted) return stopped()

    client.on('connect', () => (seen.connected = true))
    client.on('banner', (text) => (seen.banner = text))
    client.on('handshake', () => check.settled())
    client.on('change password', () =>
      fail({
        message: 'the password has expired',
        hint: `change it: ssh -p ${hop.port} ${hop.user}@${hop.address}`,
      }),
    )
    client.on('error', (error: Error & { level?: string; code?: string | number }) => {
      // A key that did not sign is no end: the next one is tried.
      if (error.level === 'agent') return attempt.signingFailed(error.message)
      if (error.level === 'client-authentication') return fail(attempt.refusal())
      if (error.code === 2 && /too many authentication failures/i.test(error.message)) {
        const { message } = attempt.refusal()
        return fail({
          message: `${message}; the server then hung up: ${plainText(error.message)}`,
          hint: 'name the right key with IdentityFile and set IdentitiesOnly yes, so that the agent does not offer others first',
        })
      }
      if (!seen.ident && seen.connected && isHangUp(error)) return hungUp()
      fail(describe(hop, error, seen.handshake))
    })
    client.on('close', () => {
      if (!seen.ident) return hungUp()
      fail({
        message: 'the server ended the connection before the login was done',
        hint: seen.banner
          ? 'the account may be closed, or the host is still booting (/run/nologin)'
          : 'see its journal: journalctl -u sshd',
      })
    })
    client.on('ready', () => {
      quieten(client)
      client.removeAllListeners()
      client.on('error', () => {})
      settle({ client })
    })
    try {
      client.connect({
        host: hop.address,
        port: hop.port,
        username: hop.user,
        sock: socket as never,
        // The clock is ours, because it stands still while a person types a passphrase.
        readyTimeout: 0,
        keepaliveInterval: hop.keepalive.seconds * 1000,
        keepaliveCountMax: hop.keepalive.count,
        algorithms: { serverHostKey: [...check.algorithms], ...hop.offer } as never,
        hostVerifier: (key: Buffer) => check.verify(key),
        authHandler: ((left: never, _partial: boolean, next: (method: never) => void) =>
          attempt.next(left, next as never)) as never,
        debug: (line) => {
          if (settled) return
          if (!seen.ident) seen.ident = line.startsWith('Remote ident')
          else if (line.startsWith('Handshake: (')) seen.handshake.push(line)
          else attempt.hear(line)
        },
      })
      // ssh2 has paused the socket, so listening takes nothing away from it.
      socket.on('data', function peek(bytes: Buffer) {
        if (seen.ident || seen.start.length > 200) socket.off('data', peek)
        else seen.start = Buffer.concat([seen.start, bytes])
      })
    } catch (error) {
      fail({ message: (error as Error).message })
    }
  })
}

/** A jump may try for minutes to reach what does not answer. */
async function inTime(
  opening: Promise<Duplex>,
  hop: Hop,
  patience: number,
  stop: AbortSignal | undefined,
): Promise<Duplex> {
  const enough = new AbortController()
  const late = sleep(patience, undefined, {
    signal: stop ? AbortSignal.any([stop, enough.signal]) : enough.signal,
  }).then(
    () => null,
    () => null,
  )
  const socket = await Promise.race([opening, late])
  enough.abort()
  if (socket !== null) return socket
  opening.then(
    (unwanted) => unwanted.destroy(),
    () => {},
  )
  throw new Unreachable(
    hop.name,
    `${hopText(hop)}: ${stop?.aborted ? 'interrupted while connecting' : `the jump before it opened no way within ${hop.connectTimeout} seconds`}`,
    { hint: 'is it powered on, and can the jump reach it?' },
  )
}

function directSocket(hop: Hop): Duplex {
  // From the first packet on: in a login many small ones follow each other, and Nagle's algorithm holds each back for a round trip.
  return connect({
    host: hop.address,
    port: hop.port,
    noDelay: true,
    ...(hop.family === undefined ? {} : { family: hop.family }),
    ...(hop.bindAddress === undefined ? {} : { localAddress: hop.bindAddress }),
  })
}

function isHangUp(error: Error & { code?: string | number }): boolean {
  return (
    error.code === 'ECONNRESET' ||
    error.code === 'EPIPE' ||
    error.message === 'Connection lost before handshake'
  )
}

function hangUpText(hop: Hop): { message: string; hint: string } {
  return {
    message: 'what answers there hung up before it said that it is an SSH server',
    hint: `sshd may be at its limit (MaxStartups) or shutting down; or port ${hop.port} is not SSH: try ssh -v -p ${hop.port} ${hop.address}`,
  }
}

function describe(
  hop: Hop,
  error: Error & { code?: string | number; level?: string },
  handshake: readonly string[],
): { message: string; hint?: string | undefined } {
  const words = networkWords[String(error.code)]
  if (words !== undefined) return { message: words[0], hint: words[1] }
  if (/^Handshake failed: no matching/i.test(error.message)) {
    const pair = handshake.slice(-2).map((line) => plainText(line.replace('Handshake: ', ''), 400))
    return {
      message: `${plainText(error.message)}: ${pair.join('; ')}`,
      hint: 'the two sides share no algorithm: the server must allow one of ours, or KexAlgorithms, Ciphers and MACs of ssh_config more of them',
    }
  }
  if (
    /greeting|Invalid identification|Bad (packet|header)|Invalid header|before handshake/i.test(
      error.message,
    )
  )
    return {
      message: `what answers there is no SSH server (${plainText(error.message)})`,
      hint: `check the port (${hop.port})`,
    }
  return { message: plainText(error.message) }
}

const networkWords: Readonly<Record<string, readonly [string, string | undefined]>> = {
  ECONNREFUSED: [
    'nothing listens there (connection refused)',
    'is sshd running, and is the port right?',
  ],
  EHOSTUNREACH: ['no route to it', 'is it powered on, and is this network the right one?'],
  ENETUNREACH: ['no route to its network', undefined],
  ETIMEDOUT: [
    'no answer (connection timed out)',
    'is it powered on, and does a firewall stand between?',
  ],
  ENOTFOUND: [
    'its name cannot be found',
    'give its address in the inventory (`address:`), or HostName in ssh_config',
  ],
  EAI_AGAIN: ['the name server did not answer', undefined],
  ECONNRESET: ['it cut the connection', undefined],
}

function stoppableClock(
  milliseconds: number,
  ring: () => void,
): { stop(): void; go(): void; end(): void } {
  let deadline = Date.now() + milliseconds
  let stopped = 0
  let stops = 0
  let ended = false
  let timer: NodeJS.Timeout | undefined = setTimeout(look, milliseconds)
  // Most stops are over at once, so the timer is left alone: when it goes off, what was stopped is added.
  function look(): void {
    timer = undefined
    if (stops > 0) return
    const left = deadline - Date.now()
    if (left <= 0) ring()
    else timer = setTimeout(look, left)
  }
  return {
    stop() {
      if (stops++ === 0) stopped = Date.now()
    },
    go() {
      if (--stops > 0 || ended) return
      deadline += Date.now() - stopped
      if (!timer) look()
    },
    end() {
      ended = true
      clearTimeout(timer)
    },
  }
}

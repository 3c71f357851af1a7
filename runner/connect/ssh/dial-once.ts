import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import ssh2 from 'ssh2'
import type { Client } from 'ssh2'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { Unreachable } from '../../model/session.ts'
import type { DialOutcome, DialWorld, Way } from './dial-world.ts'
import { describe, hangUpText, isHangUp, type DialError, type Why } from './dial-words.ts'
import { hopText, type Hop } from './hop.ts'
import { checkKeyOf, type KeyCheck } from './host-key.ts'
import { login, type Login } from './login.ts'
import { plainText } from './plain-text.ts'
import { quieten, watchFailures } from './ssh2-internals.ts'
import { stoppableClock, type StoppableClock } from './stoppable-clock.ts'

/** One try to sign in, within so many milliseconds. */
export async function dialOnce(
  hop: Hop,
  world: DialWorld,
  way: Way | null,
  patience: number,
): Promise<DialOutcome> {
  let socket: Duplex
  try {
    socket = way === null ? directSocket(hop) : await inTime(way.open(), hop, patience, world.stop)
  } catch (error) {
    return { error: way === null ? (error as Error) : byJump(hop, error as Error), again: false }
  }
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    const check = checkKeyOf(hop, world, () => (way === null ? peerOf(socket) : null))
    const seen: Seen = {
      banner: '',
      ident: false,
      handshake: [],
      connected: false,
      start: Buffer.alloc(0),
    }
    let settled = false
    const settle = (outcome: DialOutcome): void => {
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
    const fail: Fail = (why, again = false) => settle(failure(hop, check, seen, why, again))
    const stopped = (): void => fail({ message: 'interrupted while connecting' })
    const clock = stoppableClock(patience, () =>
      fail({
        message: `no login within ${hop.connectTimeout} seconds`,
        hint: seen.banner
          ? undefined
          : `check that the host is up and that an SSH server listens there: ssh -v -p ${hop.port} ${hop.address}`,
      }),
    )
    const attempt = login(
      hop,
      world.keys,
      (busy) => (busy ? clock.stop() : clock.go()),
      check.withheld,
    )
    world.stop?.addEventListener('abort', stopped)
    if (world.stop?.aborted) return stopped()
    const trying: Trying = { hop, client, socket, check, seen, attempt, clock, fail, settle }
    hearClient(trying)
    start(trying, () => settled)
  })
}

function byJump(hop: Hop, error: Error): Error {
  if (!(error instanceof Unreachable) || error.host === hop.name) return error
  return new Unreachable(hop.name, `the jump ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}

/** What was seen of a server so far. */
interface Seen {
  banner: string
  ident: boolean
  readonly handshake: string[]
  connected: boolean
  start: Buffer
}

type Fail = (why: Why, again?: boolean) => void

interface Trying {
  readonly hop: Hop
  readonly client: Client
  readonly socket: Duplex
  readonly check: KeyCheck
  readonly seen: Seen
  readonly attempt: Login
  readonly clock: StoppableClock
  readonly fail: Fail
  readonly settle: (outcome: DialOutcome) => void
}

function failure(hop: Hop, check: KeyCheck, seen: Seen, why: Why, again: boolean): DialOutcome {
  const refusal = check.refusal()
  if (refusal) return { error: new DiagnosticError(refusal), again: false }
  const said = seen.banner === '' ? '' : ` (it said: ${plainText(seen.banner)})`
  const text = why.message.startsWith(hopText(hop))
    ? why.message
    : `${hopText(hop)}: ${why.message}`
  const hint = isBooting(seen.banner)
    ? 'it is booting: let a `wait` task stand before this one, or try again in a minute'
    : why.hint
  return {
    error: new Unreachable(hop.name, text + said, hint === undefined ? {} : { hint }),
    again,
  }
}

// What pam_nologin says while systemd boots, and before it shuts down.
function isBooting(banner: string): boolean {
  return /system is booting up|not permitted to log in yet|unprivileged users are not permitted/i.test(
    banner,
  )
}

function hearClient({ hop, client, socket, check, seen, attempt, fail, settle }: Trying): void {
  client.on('connect', () => (seen.connected = true))
  client.on('banner', (text) => (seen.banner = text))
  client.once('handshake', () => void watchFailures(client, attempt.failed))
  client.on('handshake', () => check.settled())
  client.on('change password', () =>
    fail({
      message: 'the password has expired',
      hint: `change it: ssh -p ${hop.port} ${hop.user}@${hop.address}`,
    }),
  )
  client.on('error', (error: DialError) => {
    // A key that did not sign is not the end: the next one is tried.
    if (error.level === 'agent') return attempt.signingFailed(error.message)
    if (error.level === 'client-authentication') return fail(attempt.refusal())
    if (error.code === 2 && /too many authentication failures/i.test(error.message))
      return fail({
        message: `${attempt.refusal().message}; the server then hung up: ${plainText(error.message)}`,
        hint: 'name the right key with IdentityFile and set IdentitiesOnly yes, so that the agent does not offer others first',
      })
    if (!seen.ident && seen.connected && isHangUp(error)) return hungUp(hop, seen, fail)
    fail(describe(hop, error, seen.handshake))
  })
  client.on('close', () => {
    if (!seen.ident) return hungUp(hop, seen, fail)
    fail({
      message: 'the server ended the connection before the login was done',
      hint: seen.banner
        ? 'the account may be closed, or the host is still booting (/run/nologin)'
        : 'read the journal of sshd on the host: journalctl -u sshd',
    })
  })
  client.on('ready', () => {
    quieten(client)
    client.removeAllListeners()
    client.on('error', () => {})
    settle({ client, socket, withheld: check.withheld() })
  })
}

function hungUp(hop: Hop, seen: Seen, fail: Fail): void {
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
      message: `what answers there is not an SSH server: it said "${said}"`,
      hint: `check the port (${hop.port})`,
    })
  fail(hangUpText(hop), true)
}

function start(trying: Trying, isSettled: () => boolean): void {
  const { hop, client, socket, check, seen, attempt, fail } = trying
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
        if (isSettled()) return
        if (!seen.ident) seen.ident = line.startsWith('Remote ident')
        else if (line.startsWith('Handshake: (')) seen.handshake.push(line)
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
}

function peerOf(socket: Duplex): string | null {
  return (socket as Socket).remoteAddress ?? null
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
    `${hopText(hop)}: ${stop?.aborted ? 'interrupted while connecting' : `the jump before it could not reach it within ${hop.connectTimeout} seconds`}`,
    { hint: 'check that the host is powered on, and that the jump host can reach it' },
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

import { setMaxListeners } from 'node:events'
import {
  createServer,
  connect,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import { accountOf, passwordOpens } from './account-files.ts'
import { authorizedKeysOf } from './authorized-keys.ts'
import { newInput } from './input.ts'
import { faultOf, type Machine } from './machine.ts'
import { interactive, lineEditor } from './interactive.ts'
import { loginProcess, type Process } from './process.ts'
import { runLine } from './shell.ts'

const { Server, utils } = ssh2
const maxSessions = 10

/** What the server asks of its node. */
export interface Household {
  machine(): Machine
  /** Private host key, in OpenSSH's format. */
  hostKey(): string
  /** Whether the next connection is to end before the banner. */
  dropsNext(): boolean
  /** Whether the next command is to end with its connection. */
  cutsNext(): boolean
  ran(): void
}
/** A node's SSH server. */
export interface SshServer {
  readonly port: number
  connections(): number
  /** Ends all connections, at once and without a word. */
  drop(): void
  /** Refuses connections from now on, and accepts them again on the same port. */
  closeDoor(): Promise<void>
  openDoor(): Promise<void>
}

/** Starts a node's server on a free port of 127.0.0.1. */
export async function startServer(house: Household): Promise<SshServer> {
  const sockets = new Set<Socket>()
  let key = ''
  let ssh: InstanceType<typeof Server> | null = null
  // The socket server outlives a change of the host key: ssh2's own holds one key for its life.
  function current(): InstanceType<typeof Server> {
    if (ssh === null || key !== house.hostKey()) {
      key = house.hostKey()
      ssh = new Server({ hostKeys: [key], ident: 'OpenSSH_8.4' }, (connection) =>
        serve(connection, house),
      )
    }
    return ssh
  }
  const door: NetServer = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setNoDelay(true)
    if (house.dropsNext()) socket.destroy()
    else current().injectSocket(socket)
  })
  await listen(door, 0)
  const { port } = door.address() as AddressInfo
  return {
    port,
    connections: () => sockets.size,
    drop() {
      for (const socket of sockets) socket.destroy()
    },
    closeDoor: () =>
      new Promise((resolve) => (door.listening ? door.close(() => resolve()) : resolve())),
    openDoor: () => (door.listening ? Promise.resolve() : listenAgain(door, port)),
  }
}

/** While the door was closed its port may have been lent to a connection of another process: that soon ends. */
async function listenAgain(door: NetServer, port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await listen(door, port)
    } catch (error) {
      if (tries === 100 || (error as { code?: string }).code !== 'EADDRINUSE') throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function listen(door: NetServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    door.once('error', reject)
    door.listen(port, '127.0.0.1', () => {
      door.off('error', reject)
      resolve()
    })
  })
}

function serve(connection: Connection, house: Household): void {
  let user = ''
  let sessions = 0
  connection.on('authentication', (context: AuthContext) => {
    user = context.username
    if (admits(house.machine(), context)) context.accept()
    else context.reject(['publickey', 'password'])
  })
  connection.on('session', (accept, reject) => {
    if (sessions >= maxSessions) return reject()
    sessions += 1
    const session = accept()
    let started = false
    const done = (): void => {
      if (!started) sessions -= 1
      started = true
    }
    session.on('close', done)
    session.on('env', (granted: (() => void) | undefined) => granted?.())
    let terminal = false
    session.on('pty', (granted: (() => void) | undefined) => {
      terminal = true
      granted?.()
    })
    session.on('exec', (granted, _refused, info) => {
      if (house.cutsNext()) return connection.end()
      const channel = granted()
      run(house, channel, session as unknown as Signals, {
        user,
        command: info.command,
        terminal: false,
      })
    })
    session.on('shell', (granted) => {
      run(house, granted(), session as unknown as Signals, { user, command: null, terminal })
    })
  })
  connection.on('tcpip', (accept, reject, info) => {
    const port = house.machine().world.route(info.destIP, info.destPort)
    if (port === null) return reject()
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => reject())
    socket.once('connect', () => {
      const channel = accept()
      socket.pipe(channel).pipe(socket)
      const end = (): void => {
        socket.destroy()
        channel.destroy()
      }
      socket.on('error', end)
      channel.on('error', end)
      channel.on('close', end)
    })
  })
  connection.on('request', (_accept, refuse) => refuse?.())
  // A client that goes away without a word is not an error of the lab.
  connection.on('error', () => {})
}

function admits(machine: Machine, context: AuthContext): boolean {
  const account = accountOf(machine.tree, context.username)
  if (!account || account.name !== context.username || /nologin|\/false$/.test(account.shell))
    return false
  if (context.method === 'password')
    return passwordOpens(machine.tree, context.username, context.password)
  if (context.method !== 'publickey') return false
  const blob = context.key.data.toString('base64')
  const listed = authorizedKeysOf(machine, account).find((key) => key.blob === blob)
  if (!listed) return false
  if (context.signature === undefined || context.blob === undefined) return true
  const parsed = utils.parseKey(`${listed.type} ${listed.blob}`)
  return (
    !(parsed instanceof Error) &&
    parsed.verify(context.blob, context.signature, context.hashAlgo) === true
  )
}

interface Signals {
  on(
    event: 'signal',
    listener: (accept: (() => void) | undefined, reject: unknown, info: { name: string }) => void,
  ): void
}

/** What a session runs for its user. */
interface SessionRequest {
  readonly user: string
  /** Null: the login shell. */
  readonly command: string | null
  readonly terminal: boolean
}

function run(
  house: Household,
  channel: ServerChannel,
  session: Signals,
  asked: SessionRequest,
): void {
  new SessionRun(house.machine(), channel, session, asked).begin(house)
}

/** A command or shell that runs in a channel. */
class SessionRun {
  readonly #channel: ServerChannel
  readonly #asked: SessionRequest
  readonly #machine: Machine
  readonly #process: Process
  #killedBy: string | null = null
  #finished = false

  constructor(machine: Machine, channel: ServerChannel, session: Signals, asked: SessionRequest) {
    this.#machine = machine
    this.#channel = channel
    this.#asked = asked
    const input = newInput()
    const stop = new AbortController()
    // Every statement of a script listens to it.
    setMaxListeners(0, stop.signal)
    const typed = asked.terminal
      ? lineEditor(
          (bytes) => input.push(bytes),
          (text) => channel.write(text),
          () => input.end(),
        )
      : (bytes: Buffer) => input.push(bytes)
    channel.on('data', typed)
    channel.on('end', () => input.end())
    channel.on('close', () => {
      input.end()
      stop.abort()
    })
    channel.on('error', () => stop.abort())
    session.on('signal', (accept, _reject, info) => {
      accept?.()
      this.#killedBy = info.name
      this.#finish(null)
      stop.abort()
    })
    this.#process = loginProcess(machine, asked.user, {
      input,
      signal: stop.signal,
      emit: (stream, bytes) => this.#emit(stream, bytes),
    })
  }

  begin(house: Household): void {
    house.ran()
    const noise = faultOf(this.#machine, 'noisy-login')
    if (noise) this.#process.emit(1, Buffer.from(noise.text))
    if (faultOf(this.#machine, 'hang')) return
    const slow = faultOf(this.#machine, 'slow')?.milliseconds ?? 0
    if (slow > 0) setTimeout(() => this.#start(), slow).unref()
    else this.#start()
  }

  #start(): void {
    const { command } = this.#asked
    const ended = command === null ? interactive(this.#process) : runLine(this.#process, command)
    ended.then(
      (code) => this.#finish(code),
      (error: unknown) => {
        const words = error instanceof Error ? error.message : String(error)
        this.#process.emit(2, Buffer.from(`sh: ${words}\n`))
        this.#finish(255)
      },
    )
  }

  #emit(stream: 1 | 2, bytes: Uint8Array): void {
    const channel = this.#channel
    if (this.#finished || channel.destroyed || bytes.length === 0) return
    if (this.#asked.terminal)
      channel.write(Buffer.from(bytes).toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')
    else if (stream === 1) channel.write(bytes)
    else channel.stderr.write(bytes)
  }

  #finish(code: number | null): void {
    if (this.#finished) return
    this.#finished = true
    if (this.#channel.destroyed) return
    if (code === null) this.#channel.exit(this.#killedBy ?? 'TERM', false, '')
    else this.#channel.exit(code)
    this.#channel.end()
  }
}

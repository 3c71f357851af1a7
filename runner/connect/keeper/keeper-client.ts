import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { Unreachable } from '../../model/session.ts'
import type { SshTransport } from '../ssh/ssh2-transport.ts'
import { isProof, proofOf, type Card } from './keeper-card.ts'
import { frameReader, frameWriter, kinds, type Frame, type SendFrame } from './frames.ts'
import { keptProcess, type KeptProcess } from './kept-process.ts'
import type { KeptConnection } from './keeper-server.ts'
import { errorOf, type SentError } from './sent-error.ts'

/** A run's connection to its keeper. */
export interface Keeper {
  /** A kept connection to a host; null where the run must log in itself: the keeper has ended, or would have to ask a person. `dial` logs in by the run itself, for what the keeper does not do. */
  open(name: string, way: string, dial: () => Promise<SshTransport>): Promise<KeptTransport | null>
  list(): Promise<readonly KeptConnection[]>
  /** Tells it to end. */
  dismiss(): Promise<void>
  close(): void
}

/** A transport that the keeper holds. */
export interface KeptTransport extends SshTransport {
  /** Whether the keeper itself is gone: the host may be well. */
  readonly keeperGone: boolean
}

/** What a client says of itself. */
export interface KeeperClientOptions {
  readonly build: string
  /** For how long its connections are kept after their last use, in milliseconds. */
  readonly keep: number
  warn(diagnostic: Diagnostic): void
}

/** How long a keeper may take to show who it is, in milliseconds. */
const patience = 3000

/** Greets the keeper of this card. Null where no keeper answers, or where it cannot show that it can read the card. */
export async function greetKeeper(
  card: Card,
  options: KeeperClientOptions,
): Promise<Keeper | null> {
  if (card.build !== options.build) return null
  const socket = await connected(card.socket)
  if (!socket) return null
  const line = lineOver(socket)
  const isRight = await Promise.race([greeted(line, card, options.keep), late(socket)])
  if (isRight) return keeperOver(line, options)
  socket.destroy()
  return null
}

function connected(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(null))
  })
}

function late(socket: Socket): Promise<false> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patience)
    timer.unref()
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}

/** The socket as frames; `hear` is who listens now. */
interface Line {
  hear: (frame: Frame) => void
  readonly say: SendFrame
  readonly socket: Socket
}

function lineOver(socket: Socket): Line {
  const line: Line = { socket, hear: () => undefined, say: frameWriter(socket) }
  const read = frameReader((heard) => line.hear(heard))
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    try {
      read(bytes)
    } catch {
      socket.destroy()
    }
  })
  return line
}

/** Nothing is said to it before it has shown that it can read what only this user can. */
function greeted(line: Line, { nonce }: Card, keep: number): Promise<boolean> {
  const challenge = randomBytes(32).toString('hex')
  return new Promise((resolve) => {
    line.hear = ({ kind, bytes }) => {
      const said = kind === kinds.hello ? parsed(bytes) : {}
      if (!isProof(said['proof'], proofOf(nonce, 'keeper', challenge))) return resolve(false)
      const proof = proofOf(nonce, 'client', String(said['challenge']))
      line.say(kinds.hello, 0, JSON.stringify({ proof, keep }))
      resolve(true)
    }
    line.say(kinds.hello, 0, JSON.stringify({ challenge }))
  })
}

function parsed(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

interface Waiting {
  readonly made: () => void
  readonly failed: (sent: SentError) => void
}

interface State {
  readonly line: Line
  readonly options: KeeperClientOptions
  readonly opening: Map<number, Waiting>
  readonly running: Map<number, KeptProcess>
  readonly lists: ((connections: readonly KeptConnection[]) => void)[]
  next: number
  gone: boolean
}

function keeperOver(line: Line, options: KeeperClientOptions): Keeper {
  const state: State = {
    line,
    options,
    opening: new Map(),
    running: new Map(),
    lists: [],
    next: 1,
    gone: false,
  }
  line.hear = (heard) => hearKeeper(state, heard)
  const lose = (): void => {
    state.gone = true
    for (const { failed } of state.opening.values()) failed({ is: 'needs a person' })
    for (const process of state.running.values()) process.lost()
    for (const hear of state.lists.splice(0)) hear([])
  }
  line.socket.on('close', lose)
  if (line.socket.destroyed) lose()
  return {
    open: (name, way, dial) => openLink(state, name, way, dial),
    list: () =>
      new Promise((resolve) => {
        if (state.gone) return resolve([])
        state.lists.push(resolve)
        line.say(kinds.list, 0)
      }),
    dismiss: () =>
      new Promise((resolve) => {
        if (state.gone) return resolve()
        line.socket.once('close', () => resolve())
        line.say(kinds.leave, 0)
      }),
    close: () => void setImmediate(() => line.socket.end()),
  }
}

function hearKeeper(state: State, { kind, id, bytes }: Frame): void {
  const process = state.running.get(id)
  switch (kind) {
    case kinds.open:
      return state.opening.get(id)?.made()
    case kinds.stdout:
      return process?.hear('stdout', bytes)
    case kinds.stderr:
      return process?.hear('stderr', bytes)
    case kinds.taken:
      return process?.taken(bytes.readUInt32BE(0))
    case kinds.ended:
      return process?.over(JSON.parse(bytes.toString('utf8')) as Parameters<KeptProcess['over']>[0])
    case kinds.failed: {
      const sent = JSON.parse(bytes.toString('utf8')) as SentError
      return process ? process.failed(sent) : state.opening.get(id)?.failed(sent)
    }
    case kinds.warning:
      return state.options.warn(JSON.parse(bytes.toString('utf8')) as Diagnostic)
    case kinds.list:
      return state.lists.shift()?.(JSON.parse(bytes.toString('utf8')) as readonly KeptConnection[])
    default:
  }
}

async function openLink(
  state: State,
  name: string,
  way: string,
  dial: () => Promise<SshTransport>,
): Promise<KeptTransport | null> {
  if (state.gone) return null
  const id = state.next++
  const sent = await new Promise<SentError | null>((resolve) => {
    state.opening.set(id, { made: () => resolve(null), failed: resolve })
    state.line.say(kinds.open, id, way)
  })
  state.opening.delete(id)
  if (sent === null) return transportOver(state, id, name, dial)
  const error = errorOf(sent)
  if (error === null) return null
  throw error
}

function transportOver(
  state: State,
  link: number,
  name: string,
  dial: () => Promise<SshTransport>,
): KeptTransport {
  let closed = false
  let own: Promise<SshTransport> | null = null
  return {
    name,
    withheld: null,
    get lost() {
      return closed || state.gone
    },
    get keeperGone() {
      return state.gone
    },
    start(command, signal) {
      if (signal?.aborted)
        return Promise.reject(
          new Unreachable(name, `${name}: interrupted before the command began`),
        )
      if (closed || state.gone)
        return Promise.reject(new Unreachable(name, `${name}: the connection was lost`))
      const id = state.next++
      const process = keptProcess(
        name,
        (kind, bytes) => state.line.say(kind, id, bytes),
        () => state.running.delete(id),
      )
      state.running.set(id, process)
      const about = Buffer.allocUnsafe(4 + Buffer.byteLength(command))
      about.writeUInt32BE(link, 0)
      about.write(command, 4)
      state.line.say(kinds.start, id, about)
      return Promise.resolve(process)
    },
    async forward(address, port) {
      own ??= dial()
      return (await own).forward(address, port)
    },
    async close() {
      if (closed) return
      closed = true
      if (!state.gone) state.line.say(kinds.close, link)
      await (await own?.catch(() => null))?.close()
    },
  }
}

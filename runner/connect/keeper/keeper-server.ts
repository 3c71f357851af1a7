import { randomBytes } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { RemoteProcess } from '../transport.ts'
import {
  folderFault,
  isProof,
  leaveCard,
  newCard,
  proofOf,
  removeCard,
  type Card,
} from './keeper-card.ts'
import { frameReader, frameWriter, kinds, type Frame, type SendFrame } from './frames.ts'
import { callerOf, NeedsPerson, type Caller } from './caller.ts'
import { keptLinks, type KeptLinks } from './kept-links.ts'
import type { KeptLink } from './kept-link.ts'
import { sentErrorOf, type SentError } from './sent-error.ts'

/** What a keeper tells of a connection that it keeps. */
export interface KeptConnection {
  readonly name: string
  readonly to: string
  readonly users: number
  /** Seconds since its last use, and until it is closed. */
  readonly idle: number
  readonly left: number
}

/** Where and for how long a keeper serves. */
export interface KeeperOptions {
  readonly folder: string
  readonly build: string
  /** Called with the card once it listens. */
  listening?(card: Card): void
}

/** A client that does not read must not fill the keeper's memory with what its hosts say. */
const mostUnread = 64 << 20
/** How long a keeper without clients and connections waits for its first client. */
const lonely = 10_000
const sweepEvery = 1000
/** The keeper says what was taken when it is so many bytes: a script alone is less. */
const tellAt = 1 << 16

/** Keeps connections for the runs of this user, until none was used for as long as its last user said. */
export async function serveKeeper({ folder, build, listening }: KeeperOptions): Promise<void> {
  const fault = folderFault(folder)
  if (fault !== null) throw new Error(fault)
  const card = newCard(folder, build)
  const links = keptLinks()
  const clients = new Set<Socket>()
  let quietSince = Date.now()
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  const server = createServer((socket) => {
    clients.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clients.delete(socket)
      quietSince = Date.now()
    })
    serveClient(socket, card, links, end)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(card.socket, resolve)
  })
  chmodSync(card.socket, 0o600)
  leaveCard(folder, card)
  listening?.(card)
  const timer = setInterval(() => {
    links.sweep(Date.now())
    const isIdle = clients.size === 0 && links.all().length === 0
    if (isIdle && Date.now() - quietSince > lonely) end()
  }, sweepEvery)
  await ended
  clearInterval(timer)
  removeCard(folder, card)
  server.close()
  for (const socket of clients) socket.destroy()
  await links.close()
  rmSync(card.socket, { force: true })
}

/** A client that is being served. */
interface Client {
  readonly socket: Socket
  readonly links: KeptLinks
  readonly taken: Map<number, Promise<KeptLink>>
  readonly running: Map<number, Running>
  readonly say: SendFrame
  caller: Caller | null
}

/** A command of a client: what comes for it waits until it has begun. */
interface Running {
  readonly process: Promise<RemoteProcess>
  /** The order of what was sent to it. */
  last: Promise<unknown>
  /** Bytes of its standard input that were taken, and not reported yet. */
  unsaid: number
}

function serveClient(socket: Socket, card: Card, links: KeptLinks, end: () => void): void {
  const client: Client = {
    socket,
    links,
    taken: new Map(),
    running: new Map(),
    say: frameWriter(socket, mostUnread),
    caller: null,
  }
  const challenge = randomBytes(32).toString('hex')
  const hear = frameReader((heard) => {
    if (client.caller) return hearClient(client, heard, end)
    greet(client, card, challenge, heard)
  })
  socket.on('data', (bytes: Buffer) => {
    try {
      hear(bytes)
    } catch {
      socket.destroy()
    }
  })
  socket.on('close', () => void letGo(client))
}

/** The keeper shows first that it can read the card, then the client does. */
function greet(client: Client, { nonce }: Card, challenge: string, heard: Frame): void {
  if (heard.kind !== kinds.hello) throw new Error('no greeting')
  const said = JSON.parse(heard.bytes.toString('utf8')) as Record<string, unknown>
  if (typeof said['challenge'] === 'string') {
    const proof = proofOf(nonce, 'keeper', said['challenge'])
    return client.say(kinds.hello, 0, JSON.stringify({ proof, challenge }))
  }
  if (!isProof(said['proof'], proofOf(nonce, 'client', challenge))) throw new Error('no proof')
  const keep = Number(said['keep'])
  client.caller = callerOf(keep >= 0 && keep <= 86_400_000 ? keep : 0, (warning) =>
    client.say(kinds.warning, 0, JSON.stringify(warning)),
  )
}

function hearClient(client: Client, { kind, id, bytes }: Frame, end: () => void): void {
  switch (kind) {
    case kinds.open:
      return open(client, id, bytes.toString('utf8'))
    case kinds.close:
      return void giveBack(client, id)
    case kinds.start:
      return start(client, id, bytes)
    case kinds.stdin:
      return feed(client, id, bytes)
    case kinds.stdinEnd:
      return then(client.running.get(id), (process) => process.end())
    case kinds.kill:
      return kill(client, id)
    case kinds.list:
      return client.say(kinds.list, id, JSON.stringify(listOf(client.links)))
    case kinds.leave:
      return end()
    default:
      throw new Error('a frame that only a keeper sends')
  }
}

function listOf(links: KeptLinks): readonly KeptConnection[] {
  const now = Date.now()
  return links.all().map(({ name, to, users, lastUse, keep }) => ({
    name,
    to,
    users,
    idle: users > 0 ? 0 : (now - lastUse) / 1000,
    left: users > 0 ? keep / 1000 : Math.max(0, (keep - (now - lastUse)) / 1000),
  }))
}

function tell(client: Client, id: number, error: unknown): void {
  const sent: SentError =
    error instanceof NeedsPerson ? { is: 'needs a person' } : sentErrorOf(error)
  client.say(kinds.failed, id, JSON.stringify(sent))
}

function open(client: Client, id: number, way: string): void {
  const taking = client.links.take(way, client.caller!)
  client.taken.set(id, taking)
  taking.then(
    () => client.say(kinds.open, id),
    (error: unknown) => {
      client.taken.delete(id)
      tell(client, id, error)
    },
  )
}

async function giveBack(client: Client, id: number): Promise<void> {
  const taking = client.taken.get(id)
  client.taken.delete(id)
  const link = await taking?.catch(() => null)
  if (link) client.links.giveBack(link)
}

function start(client: Client, id: number, bytes: Buffer): void {
  const link = client.taken.get(bytes.readUInt32BE(0))
  if (!link) throw new Error('a command without a connection')
  const command = bytes.toString('utf8', 4)
  const process = link.then((found) => found.start(command))
  client.running.set(id, { process, last: process, unsaid: 0 })
  process.then(
    (found) => follow(client, id, found),
    (error: unknown) => {
      client.running.delete(id)
      tell(client, id, error)
    },
  )
}

function follow(client: Client, id: number, process: RemoteProcess): void {
  process.listen({
    stdout: (said) => client.say(kinds.stdout, id, said),
    stderr: (said) => client.say(kinds.stderr, id, said),
  })
  process.ended.then(
    (ending) => {
      client.running.delete(id)
      client.say(kinds.ended, id, JSON.stringify(ending))
    },
    (error: unknown) => {
      client.running.delete(id)
      tell(client, id, error)
    },
  )
}

/** In the order in which it came, and no faster than the host takes it. */
function feed(client: Client, id: number, bytes: Buffer): void {
  const running = client.running.get(id)
  then(running, async (process) => {
    await process.write(bytes)
    running!.unsaid += bytes.length
    if (running!.unsaid < tellAt) return
    const count = Buffer.alloc(4)
    count.writeUInt32BE(running!.unsaid)
    running!.unsaid = 0
    client.say(kinds.taken, id, count)
  })
}

function then(
  running: Running | undefined,
  act: (process: RemoteProcess) => void | Promise<void>,
): void {
  if (!running) return
  running.last = running.last.then(() => running.process).then(act)
  running.last.catch(() => undefined)
}

function kill(client: Client, id: number): void {
  const running = client.running.get(id)
  client.running.delete(id)
  running?.process.then(
    (process) => process.kill(),
    () => undefined,
  )
}

/** A client that is gone takes its commands along, as the end of a connection would. */
async function letGo(client: Client): Promise<void> {
  for (const id of [...client.running.keys()]) kill(client, id)
  await Promise.all([...client.taken.keys()].map((id) => giveBack(client, id)))
}

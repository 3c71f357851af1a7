import { createReadStream } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { agentsFor, type Agents } from './agents.ts'
import type { HttpWay, HttpClient, HttpRequest, HttpResponse, HttpTrouble } from './http-model.ts'
import { troubleOf } from './http-trouble.ts'

/** Bytes past which an answer is a failed read. */
export const bodyCap = 16 * 1024 * 1024

/** Seconds in which a connection must stand. */
const connectPatience = 15

/** A client for one service. */
export function httpClient(way: HttpWay): HttpClient {
  const agents = agentsFor(way)
  const count: Count = { requests: 0, sent: 0, received: 0 }
  const once = (request: HttpRequest): Promise<Ended> =>
    new Promise((resolve) => new Sending(request, { way, agents, count }, resolve).begin())
  return {
    async send(request) {
      const first = await once(request)
      if ('status' in first || !first.stale) return first
      return once({ ...request, fresh: true })
    },
    counted: () => ({ ...count }),
    close: () => agents.close(),
  }
}

interface Count {
  requests: number
  sent: number
  received: number
}

/** `stale`: the kept connection was dead, so that nothing was asked. */
type Ended = HttpResponse | (HttpTrouble & { readonly stale: boolean })

interface SendingWorld {
  readonly way: HttpWay
  readonly agents: Agents
  readonly count: Count
}

/** One request on its way. It ends once: with an answer, a failure, a time limit or an interrupt. */
class Sending {
  readonly #request: HttpRequest
  readonly #world: SendingWorld
  readonly #ended: (result: Ended) => void
  readonly #outgoing: http.ClientRequest
  readonly #whole: NodeJS.Timeout
  readonly #opening: NodeJS.Timeout
  #connected = false
  #over = false

  constructor(request: HttpRequest, world: SendingWorld, ended: (result: Ended) => void) {
    this.#request = request
    this.#world = world
    this.#ended = ended
    const headers = headersWithLength(request)
    const secure = request.url.protocol === 'https:'
    this.#outgoing = (secure ? https : http).request(request.url, {
      method: request.method,
      headers,
      agent: world.agents.agentFor(request.url, request.fresh),
    })
    world.count.requests++
    world.count.sent += sentLength(request, headers)
    this.#whole = setTimeout(
      () => this.#fail({ ...timeoutOf(request), midway: this.#connected }),
      request.timeout * 1000,
    )
    this.#opening = setTimeout(() => {
      if (!this.#connected) this.#fail(openingTimeout)
    }, connectPatience * 1000)
    request.signal?.addEventListener('abort', this.#interrupt, { once: true })
  }

  /** Sends the request, and listens to what becomes of it. */
  begin(): void {
    const outgoing = this.#outgoing
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale =
        outgoing.reusedSocket &&
        !this.#request.fresh &&
        (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      this.#fail(troubleOf(error, this.#connected), stale)
    })
    outgoing.on('socket', (socket) => this.#watch(socket))
    outgoing.on('response', (incoming) => this.#read(incoming))
    if (this.#request.signal?.aborted) return this.#interrupt()
    const { body, file } = this.#request
    if (file === undefined) return void outgoing.end(body)
    const source = createReadStream(file.path)
    source.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail({
        code: 'unreachable',
        message: `${file.path} cannot be read: ${error.code}`,
        midway: this.#connected,
      }),
    )
    outgoing.on('close', () => source.destroy())
    source.pipe(outgoing)
  }

  #watch(socket: Socket): void {
    const ready = (): void => {
      this.#connected = true
      clearTimeout(this.#opening)
    }
    const throughTunnel = this.#world.way.tunnel !== undefined && !socket.connecting
    if (this.#outgoing.reusedSocket || throughTunnel) return ready()
    socket.once(this.#request.url.protocol === 'https:' ? 'secureConnect' : 'connect', ready)
  }

  #read(incoming: http.IncomingMessage): void {
    const { count } = this.#world
    const parts: Buffer[] = []
    let length = 0
    count.received += textLength(incoming.headers)
    incoming.on('data', (part: Buffer) => {
      length += part.length
      count.received += part.length
      parts.push(part)
      if (length > bodyCap) this.#fail(tooLarge)
    })
    incoming.on('end', () =>
      this.#end({
        status: incoming.statusCode ?? 0,
        reason: incoming.statusMessage ?? '',
        headers: incoming.headers,
        body: Buffer.concat(parts),
      }),
    )
    incoming.on('error', (error: NodeJS.ErrnoException) => this.#fail(troubleOf(error, true)))
    incoming.on('close', () => this.#fail(cutOff))
  }

  readonly #interrupt = (): void =>
    this.#fail({ code: 'interrupted', message: 'interrupted', midway: this.#connected })

  #fail(why: HttpTrouble, stale = false): void {
    // A kept connection must outlive its request.
    if (this.#over) return
    this.#end({ ...why, stale })
    this.#outgoing.destroy()
  }

  #end(result: Ended): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#whole)
    clearTimeout(this.#opening)
    this.#request.signal?.removeEventListener('abort', this.#interrupt)
    this.#ended(result)
  }
}

const openingTimeout: HttpTrouble = {
  code: 'unreachable',
  message: `no connection within ${connectPatience} seconds`,
  midway: false,
}

const tooLarge: HttpTrouble = {
  code: 'too-large',
  message: `the answer is larger than ${bodyCap} bytes`,
  midway: true,
}

const cutOff: HttpTrouble = {
  code: 'unreachable',
  message: 'the answer was cut off',
  midway: true,
}

function timeoutOf({ timeout }: HttpRequest): Pick<HttpTrouble, 'code' | 'message'> {
  return { code: 'timeout', message: `no answer within ${timeout} seconds` }
}

function headersWithLength(request: HttpRequest): Readonly<Record<string, string>> {
  const { headers, body, file } = request
  return body === undefined && file === undefined
    ? headers
    : { ...headers, 'content-length': String(bodyLength(request)) }
}

function bodyLength({ body = '', file }: HttpRequest): number {
  return file?.size ?? Buffer.byteLength(body)
}

function sentLength(request: HttpRequest, headers: http.OutgoingHttpHeaders): number {
  const { method, url } = request
  const line = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`
  return line.length + textLength(headers) + bodyLength(request)
}

function textLength(headers: http.IncomingHttpHeaders | http.OutgoingHttpHeaders): number {
  return Object.entries(headers).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 4,
    0,
  )
}

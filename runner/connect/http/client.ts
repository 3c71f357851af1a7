import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { Interrupt } from '../../model/session.ts'

/** One request. */
export interface HttpRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Seconds until the whole answer must be there. */
  readonly timeout: number
  /** On a connection of its own: a kept one may be dead, and a request that writes cannot be sent twice. */
  readonly fresh: boolean
  readonly signal?: Interrupt | undefined
}
/** An answer, whatever its status. */
export interface HttpResponse {
  readonly status: number
  readonly reason: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}
/** Why no answer came. */
export interface HttpTrouble {
  readonly code: 'timeout' | 'too-large' | 'unreachable' | 'untrusted' | 'interrupted'
  readonly message: string
  readonly hint?: string
  /** The request had begun to be sent: what it asks for may have been done. */
  readonly midway: boolean
  /** The way there failed with this. */
  readonly cause?: Error
}
/** Sends requests; keeps connections open between them. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse | HttpTrouble>
  /** Bytes so far, headers included. */
  counted(): { readonly requests: number; readonly sent: number; readonly received: number }
  close(): void
}
/** Whom to trust, and the way there. */
export interface HttpWay {
  /** PEM text of the authorities to trust; absent: those that Node knows. */
  readonly ca?: string | undefined
  readonly insecure?: boolean | undefined
  /** Opens a stream to an address through another host; it must behave as a socket. */
  readonly tunnel?: ((address: string, port: number) => Promise<Duplex>) | undefined
}

/** Bytes past which an answer is a failed read. */
export const bodyCap = 16 * 1024 * 1024
/** Seconds in which a connection must stand. */
const connectPatience = 15

/** A client for one service. */
export function httpClient(way: HttpWay): HttpClient {
  const trust: tls.ConnectionOptions = {
    ...(way.ca === undefined ? {} : { ca: way.ca }),
    rejectUnauthorized: way.insecure !== true,
  }
  const agents = {
    'http:': { kept: agent(http.Agent, true), fresh: agent(http.Agent, false) },
    'https:': { kept: agent(https.Agent, true), fresh: agent(https.Agent, false) },
  }
  let requests = 0
  let sent = 0
  let received = 0

  function agent(Kind: typeof http.Agent | typeof https.Agent, keepAlive: boolean): http.Agent {
    const made = new Kind({
      keepAlive,
      maxSockets: 8,
      maxFreeSockets: 8,
      ...(Kind === https.Agent ? trust : {}),
    })
    const { tunnel } = way
    if (tunnel === undefined) return made
    const secure = Kind === https.Agent
    // The stream comes later: the agent takes it through its callback.
    Object.assign(made, {
      createConnection(
        options: { host?: string; port: number },
        done: (error: Error | null, socket?: Duplex) => void,
      ): void {
        const host = (options.host ?? 'localhost').replace(/^\[|\]$/g, '')
        tunnel(host, Number(options.port)).then((stream) => {
          if (!secure) return done(null, stream)
          const socket = tls.connect({
            ...trust,
            socket: stream,
            ...(isIP(host) ? {} : { servername: host }),
          })
          socket.once('secureConnect', () => done(null, socket))
          socket.once('error', done)
        }, done)
      },
    })
    return made
  }

  async function send(request: HttpRequest): Promise<HttpResponse | HttpTrouble> {
    const first = await once(request)
    if ('status' in first || !first.stale) return first
    return once({ ...request, fresh: true })
  }

  function once(request: HttpRequest): Promise<HttpResponse | (HttpTrouble & { stale: boolean })> {
    return new Promise((resolve) => {
      const secure = request.url.protocol === 'https:'
      const headers = {
        ...request.headers,
        ...(request.body === undefined
          ? {}
          : { 'content-length': String(Buffer.byteLength(request.body)) }),
      }
      const outgoing = (secure ? https : http).request(request.url, {
        method: request.method,
        headers,
        agent: agents[secure ? 'https:' : 'http:'][request.fresh ? 'fresh' : 'kept'],
      })
      let connected = false
      let over = false
      requests++
      sent +=
        `${request.method} ${request.url.pathname}${request.url.search} HTTP/1.1\r\n`.length +
        textLength(headers) +
        Buffer.byteLength(request.body ?? '')

      const whole = setTimeout(
        () =>
          trouble({
            code: 'timeout',
            message: `no answer within ${request.timeout} seconds`,
            midway: connected,
          }),
        request.timeout * 1000,
      )
      const opening = setTimeout(() => {
        if (!connected)
          trouble({
            code: 'unreachable',
            message: `no connection within ${connectPatience} seconds`,
            midway: false,
          })
      }, connectPatience * 1000)
      const interrupted = (): void =>
        trouble({ code: 'interrupted', message: 'interrupted', midway: connected })
      request.signal?.addEventListener('abort', interrupted, { once: true })

      function settle(result: HttpResponse | (HttpTrouble & { stale: boolean })): void {
        if (over) return
        over = true
        clearTimeout(whole)
        clearTimeout(opening)
        request.signal?.removeEventListener('abort', interrupted)
        resolve(result)
      }
      function trouble(why: HttpTrouble, stale = false): void {
        // A kept connection must outlive its request.
        if (over) return
        settle({ ...why, stale })
        outgoing.destroy()
      }

      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const stale =
          outgoing.reusedSocket &&
          !request.fresh &&
          (error.code === 'ECONNRESET' || error.code === 'EPIPE')
        trouble(troubleOf(error, connected), stale)
      })
      outgoing.on('socket', (socket) => {
        const ready = (): void => {
          connected = true
          clearTimeout(opening)
        }
        if (outgoing.reusedSocket || (way.tunnel !== undefined && !socket.connecting)) ready()
        else socket.once(secure ? 'secureConnect' : 'connect', ready)
      })
      outgoing.on('response', (incoming) => {
        const parts: Buffer[] = []
        let length = 0
        received += textLength(incoming.headers)
        incoming.on('data', (part: Buffer) => {
          length += part.length
          received += part.length
          parts.push(part)
          if (length > bodyCap)
            trouble({
              code: 'too-large',
              message: `the answer is larger than ${bodyCap} bytes`,
              midway: true,
            })
        })
        incoming.on('end', () =>
          settle({
            status: incoming.statusCode ?? 0,
            reason: incoming.statusMessage ?? '',
            headers: incoming.headers,
            body: Buffer.concat(parts),
          }),
        )
        incoming.on('error', (error: NodeJS.ErrnoException) => trouble(troubleOf(error, true)))
        incoming.on('close', () =>
          trouble({ code: 'unreachable', message: 'the answer was cut off', midway: true }),
        )
      })
      if (request.signal?.aborted) return interrupted()
      outgoing.end(request.body)
    })
  }

  return {
    send,
    counted: () => ({ requests, sent, received }),
    close() {
      for (const { kept, fresh } of Object.values(agents))
        for (const each of [kept, fresh]) each.destroy()
    },
  }
}

function textLength(headers: http.IncomingHttpHeaders | http.OutgoingHttpHeaders): number {
  return Object.entries(headers).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 4,
    0,
  )
}

const untrusted =
  /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|PATH_LENGTH_EXCEEDED)/

function troubleOf(error: NodeJS.ErrnoException & { hint?: string }, midway: boolean): HttpTrouble {
  const code = error.code ?? ''
  if (untrusted.test(code))
    return {
      code: 'untrusted',
      message: `its certificate is not trusted: ${error.message}`,
      hint: 'name the authority with `ca:` of the service (on an NCN /etc/pki/trust/anchors/platform-ca-certs.crt)',
      midway: false,
    }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return {
      code: 'unreachable',
      message: `no TLS could be agreed on (${error.message.split(':').slice(-2).join(' ').trim() || code})`,
      hint: 'is its url https:// where the server speaks plain http?',
      midway: false,
    }
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there (connection refused)',
    ENOTFOUND: 'its name cannot be found',
    EAI_AGAIN: 'the name server did not answer',
    EHOSTUNREACH: 'no route to it',
    ENETUNREACH: 'no route to its network',
    ETIMEDOUT: 'no answer (connection timed out)',
    ECONNRESET: 'it cut the connection',
    EPIPE: 'it cut the connection',
  }
  return {
    code: 'unreachable',
    message: words[code] ?? error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    midway,
    cause: error,
  }
}

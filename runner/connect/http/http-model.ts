import type { Interrupt } from '../../model/session.ts'
import type http from 'node:http'
import type { Duplex } from 'node:stream'

/** One request. */
export interface HttpRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** A file that is the body. */
  readonly file?: { readonly path: string; readonly size: number }
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

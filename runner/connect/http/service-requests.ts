import pLimit from 'p-limit'
import type { HttpAction } from '../../contract/change.ts'
import type { FailedReading, HttpProbe } from '../../contract/probe.ts'
import { reveal } from '../../contract/secret-text.ts'
import type { Secret } from '../../contract/secret.ts'
import { readText } from '../../files/read-file.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Service } from '../../model/host.ts'
import { Unreachable, type Interrupt } from '../../model/session.ts'
import { httpClient } from './client.ts'
import type { HttpResponse, HttpTrouble, HttpWay } from './http-model.ts'
import { bodyText, headersOf } from './message.ts'
import { s3KeySupply } from './s3-keys.ts'
import { sha256, signedForS3 } from './s3-signature.ts'
import { tokenSupply, type TokenWorld } from './token.ts'

/** What a service needs of the run. */
export interface ServiceWorld extends Omit<TokenWorld, 'client'> {
  readonly tunnel?: HttpWay['tunnel']
}

/** How a request is sent. */
export interface Sent {
  readonly url: URL
  /** Seconds until the whole answer must be there, where the request does not say. */
  readonly patience: number
  readonly fresh: boolean
  readonly signal: Interrupt | undefined
}

/** Requests that one service is asked at once. */
const atOnce = 8

/** Requests to one service, each with the token that it wants. */
export interface Requests {
  send(asked: HttpProbe | HttpAction, sent: Sent): Promise<HttpResponse | HttpTrouble>
  counted(): { readonly requests: number; readonly sent: number; readonly received: number }
  close(): void
}

/** Requests to a service, of which some run at once. */
export function requestsTo(service: Service | null, world: ServiceWorld): Requests {
  const client = httpClient({
    ca: authorities(service),
    insecure: service?.insecure,
    tunnel: world.tunnel,
  })
  const tokens = tokenSupply(service, { ...world, client })
  const keys = s3KeySupply(service, world)
  const turn = pLimit(atOnce)

  async function sendWith(
    token: Secret | null,
    asked: HttpProbe | HttpAction,
    { url, patience, fresh, signal }: Sent,
  ): Promise<HttpResponse | HttpTrouble> {
    const method = asked.method ?? 'GET'
    const written = headersOf(asked.headers, asked.body, token)
    const text = 'text' in asked ? asked.text : undefined
    const body =
      text === undefined
        ? bodyText(asked.body, written)
        : typeof text === 'string'
          ? text
          : reveal(text)
    const file = 'file' in asked ? asked.file : undefined
    const headers = keys
      ? signedForS3(
          { url, method, headers: written, bodyHash: file?.sha256 ?? sha256(body ?? '') },
          await keys(),
          world.now(),
        )
      : written
    return client.send({
      url,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(file === undefined ? {} : { file }),
      timeout: asked.timeout ?? patience,
      fresh,
      signal,
    })
  }

  async function withToken(
    asked: HttpProbe | HttpAction,
    sent: Sent,
  ): Promise<HttpResponse | HttpTrouble> {
    const token = await tokens.current()
    const first = await sendWith(token, asked, sent)
    // A gateway says 401 or 403 to an expired token; nothing was done, so the request may be sent again.
    if (token === null || !('status' in first) || (first.status !== 401 && first.status !== 403))
      return first
    const other = await tokens.renew(token)
    return other === null ? first : sendWith(other, asked, sent)
  }

  return {
    send: (asked, sent) => turn(() => withToken(asked, sent)),
    counted: () => client.counted(),
    close: () => client.close(),
  }
}

/** The failed read of a request without an answer. Throws where the service is lost; of an absolute URL only this read fails. */
export function noAnswer(
  service: Service | null,
  trouble: HttpTrouble,
  what: string,
): FailedReading {
  if (trouble.code === 'timeout' || trouble.code === 'too-large')
    return { failed: { code: trouble.code, message: `${what}: ${trouble.message}` } }
  const name = service?.name ?? what
  const hint = trouble.hint === undefined ? {} : { hint: trouble.hint }
  // A refused host key on the way is not a lost connection.
  if (trouble.cause instanceof DiagnosticError) throw trouble.cause
  if (trouble.code === 'interrupted')
    throw new Unreachable(name, `${name}: interrupted`, { midway: trouble.midway })
  if (service === null)
    return { failed: { code: 'lost', message: `${what}: ${trouble.message}`, ...hint } }
  if (trouble.code === 'untrusted')
    throw new DiagnosticError({
      code: 'connect/tls-untrusted',
      message: `${service.url}: ${trouble.message}`,
      hint: trouble.hint,
    })
  throw new Unreachable(name, `service ${name} (${service.url}): ${trouble.message}`, {
    midway: trouble.midway,
    ...hint,
  })
}

function authorities(service: Service | null): string | undefined {
  if (service?.ca === undefined) return undefined
  const read = readText(service.ca)
  if ('text' in read && read.text.includes('-----BEGIN CERTIFICATE-----')) return read.text
  throw new DiagnosticError({
    code: 'connect/ca',
    message: `service ${service.name}: ${service.ca} ${'text' in read ? 'holds no PEM certificate' : `cannot be read: ${read.words}`}`,
    hint: 'on an NCN it is /etc/pki/trust/anchors/platform-ca-certs.crt; copy it here',
  })
}

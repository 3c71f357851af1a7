import type { Code } from '../../model/codes.ts'
import { readText } from '../../files/read-file.ts'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { SecretKey, Service, TokenSource } from '../../model/host.ts'
import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { Unreachable } from '../../model/session.ts'
import { isMap, type Value } from '../../contract/value.ts'
import type { HttpClient } from './http-model.ts'
import { craycliToken } from './craycli.ts'
import { parseJson, refusalText } from './message.ts'

/** Gives a service's bearer token. */
export interface TokenSupply {
  /** The token to send now; fetched once for all who ask at the same time. */
  current(): Promise<Secret | null>
  /** Called when the service refused this token: another one, or null where no other can be had. */
  renew(refused: Secret): Promise<Secret | null>
}

/** What token sources need of the world. */
export interface TokenWorld {
  readonly client: HttpClient
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** A key of a Kubernetes secret, read on a host: the client secret of `admin-client-auth` where none is named. */
  clientSecret(host: string, key?: SecretKey): Promise<Secret>
  /** Milliseconds since the epoch. */
  now(): number
}

interface Held {
  readonly token: Secret
  /** Milliseconds since the epoch; null when it does not say. */
  readonly until: number | null
}

/** Seconds before its end at which a token is no longer used. */
const margin = 20

/** The tokens of a service. */
export function tokenSupply(service: Service | null, world: TokenWorld): TokenSupply {
  const source = service?.token
  if (service === null || source === undefined || source.from === 's3-keys')
    return { current: async () => null, renew: async () => null }
  const bearer = source
  let held: Held | null = null
  let fetching: Promise<Held> | null = null

  function fetchToken(): Promise<Held> {
    fetching ??= obtain(service!.name, bearer, world, held?.token ?? null).finally(
      () => (fetching = null),
    )
    return fetching
  }
  return {
    async current() {
      if (held === null || (held.until !== null && held.until - margin * 1000 <= world.now()))
        held = await fetchToken()
      return held.token
    },
    async renew(refused) {
      // Another request may have renewed it meanwhile.
      if (held !== null && !held.token.equals(refused)) return held.token
      held = await fetchToken()
      return held.token.equals(refused) ? null : held.token
    },
  }
}

async function obtain(
  service: string,
  source: Exclude<TokenSource, { readonly from: 's3-keys' }>,
  world: TokenWorld,
  before: Secret | null,
): Promise<Held> {
  if (source.from === 'file') return fromFile(service, source.path)
  if (source.from === 'craycli') return fromCraycli(service, source.path, world, before)
  if (source.from === 'k8s-secret') {
    const { host, namespace, secret: name, key } = source
    return { token: await world.clientSecret(host, { namespace, secret: name, key }), until: null }
  }
  const secret = await world.clientSecret(source.host)
  return grant(
    service,
    source.url,
    { grant_type: 'client_credentials', client_id: source.clientId, client_secret: secret },
    world,
    'the client secret may have changed: kubectl get secret admin-client-auth',
  )
}

function fromFile(service: string, path: string): Held {
  const text = readTokenFile(
    service,
    path,
    'write a token there, or name another source with `token:` of the service',
  )
  const json = parseJson(text)
  if (isMap(json)) {
    const { token, until } = tokenOf(service, path, json)
    return { token, until }
  }
  const token = text.trim()
  // eslint-disable-next-line no-control-regex
  if (token === '' || /[\u0000-\u0020\u007f]/.test(token))
    throw fault(
      'connect/token-missing',
      `the token of service ${service}: ${path} holds no token`,
      'it must hold the token alone, or a JSON object with access_token',
    )
  return { token: new Secret(`token of ${service}`, token), until: lifetimeOf(token) }
}

async function fromCraycli(
  service: string,
  path: string | undefined,
  world: TokenWorld,
  before: Secret | null,
): Promise<Held> {
  const found = craycliToken(path, world.env, world.home)
  if ('fault' in found)
    throw fault(
      'connect/token-missing',
      `the token of service ${service}: ${found.fault}`,
      found.hint,
    )
  const text = readTokenFile(service, found.path, 'type: cray auth login')
  const json = parseJson(text)
  if (!isMap(json))
    throw fault(
      'connect/token-missing',
      `the token of service ${service}: ${found.path} is not JSON`,
      'type: cray auth login',
    )
  const { token, until } = tokenOf(service, found.path, json)
  const fresh = until === null || until - margin * 1000 > world.now()
  if (fresh && (before === null || !before.equals(token))) return { token, until }
  const { refresh_token: refresh, client_id: client } = json
  if (typeof refresh !== 'string' || typeof client !== 'string' || found.gateway === null) {
    if (fresh) return { token, until }
    throw fault(
      'connect/token-expired',
      `the token of service ${service} has expired (${found.path})`,
      'type: cray auth login',
    )
  }
  const url = `${found.gateway}/keycloak/realms/shasta/protocol/openid-connect/token`
  return grant(
    service,
    url,
    {
      grant_type: 'refresh_token',
      client_id: client,
      refresh_token: new Secret('refresh token', refresh),
    },
    world,
    'the session of craycli is over; type: cray auth login',
  )
}

function readTokenFile(service: string, path: string, hint: string): string {
  const read = readText(path)
  if ('text' in read) return read.text
  throw fault(
    'connect/token-missing',
    `the token of service ${service}: ${path} cannot be read: ${read.words}`,
    hint,
  )
}

function tokenOf(service: string, path: string, json: { readonly [key: string]: Value }): Held {
  const text = json['access_token']
  if (typeof text !== 'string' || text === '')
    throw fault(
      'connect/token-missing',
      `the token of service ${service}: ${path} has no access_token`,
      'type: cray auth login',
    )
  const at = json['expires_at']
  return {
    token: new Secret(`token of ${service}`, text),
    until: typeof at === 'number' ? at * 1000 : lifetimeOf(text),
  }
}

/** When a JSON web token ends, as it says itself. */
function lifetimeOf(token: string): number | null {
  const parts = token.split('.')
  if (parts.length !== 3) return null
  const claims = parseJson(Buffer.from(parts[1]!, 'base64url').toString('utf8'))
  const end = isMap(claims) ? claims['exp'] : undefined
  return typeof end === 'number' ? end * 1000 : null
}

async function grant(
  service: string,
  url: string,
  form: Readonly<Record<string, string | Secret>>,
  world: TokenWorld,
  hint: string,
): Promise<Held> {
  const body = new URLSearchParams(
    Object.entries(form).map(([name, value]): [string, string] => [
      name,
      value instanceof Secret ? reveal(value) : value,
    ]),
  ).toString()
  const asked = world.now()
  const answer = await world.client.send({
    url: new URL(url),
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body,
    timeout: 30,
    fresh: false,
  })
  if (!('status' in answer)) {
    if (answer.code === 'untrusted')
      throw fault(
        'connect/tls-untrusted',
        `the token of service ${service}: ${url}: ${answer.message}`,
        answer.hint,
      )
    throw new Unreachable(
      service,
      `the token of service ${service}: ${url}: ${answer.message}`,
      answer.hint === undefined ? {} : { hint: answer.hint },
    )
  }
  const json = parseJson(answer.body.toString('utf8'))
  const token = isMap(json) ? json['access_token'] : undefined
  if (answer.status !== 200 || !isMap(json) || typeof token !== 'string')
    throw fault(
      'connect/token-refused',
      `the token of service ${service} was refused by ${url}: ${refusalText(answer, answer.status === 200)}`,
      hint,
    )
  const seconds = json['expires_in']
  return {
    token: new Secret(`token of ${service}`, token),
    until: typeof seconds === 'number' ? asked + seconds * 1000 : lifetimeOf(token),
  }
}

function fault(code: Code, message: string, hint: string | undefined): DiagnosticError {
  const diagnostic: Diagnostic = { code, message, hint }
  return new DiagnosticError(diagnostic)
}

import { withoutEnd } from '../text/trim-end.ts'
import type { Service, TokenSource } from '../model/host.ts'
import { didYouMean } from '../source/suggest.ts'
import { isNothing, type Located, type LocatedEntry, type LocatedMap } from '../source/located.ts'
import { fail, kindOfLocated, warn, type Draft, type ServiceDraft } from './parse-state.ts'
import { hostKey } from './host-names.ts'
import { readBy, readPath, readText, readWord } from './typed-values.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { writtenLocated } from '../schema/written-located.ts'

/** The keys of a service. */
export const serviceKeys = ['url', 'ca', 'insecure', 'via', 'token'] as const
/** Where a token may come from, and the keys that each source has beside `from`. */
export const tokenKeys = {
  file: ['path'],
  craycli: ['path'],
  'admin-client-auth': ['host', 'url', 'client_id'],
  'k8s-secret': ['host', 'namespace', 'secret', 'key'],
  's3-keys': ['path', 'host', 'namespace', 'secret', 'region'],
} as const
/** The hosts that a service may name, each by its name or an alias. */
export interface KnownHosts {
  nameOf(name: string): string | undefined
  keys(): Iterable<string>
}
const tokenPath = '/keycloak/realms/shasta/protocol/openid-connect/token'
const loopback = /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/

/** The services as the last word on each of their keys makes them.  */
export function finishServices(draft: Draft, known: KnownHosts): Map<string, Service> {
  const services = new Map<string, Service>()
  for (const [name, service] of draft.services) {
    const finished = finishService(draft, name, service, known)
    if (finished) services.set(name, finished)
  }
  return services
}

function finishService(
  draft: Draft,
  name: string,
  draftOf: ServiceDraft,
  known: KnownHosts,
): Service | null {
  const before = draft.diagnostics.length
  const entries = new Map<string, LocatedEntry>()
  for (const [key, entry] of draftOf.entries) {
    if (!(serviceKeys as readonly string[]).includes(key))
      fail(
        draft,
        'inventory/unknown-key',
        `unknown key '${key}'`,
        entry.keyAt,
        didYouMean(key, serviceKeys),
      )
    else if (!isNothing(entry.value)) entries.set(key, entry)
  }
  const written = entries.get('url')
  if (!written) {
    fail(
      draft,
      'inventory/service-url',
      `the service '${name}' has no url`,
      draftOf.at,
      'add url: https://…',
    )
    return null
  }
  const url = readUrl(draft, 'url', written.value)
  const via = entries.has('via')
    ? readHost(draft, 'via', entries.get('via')!.value, known)
    : undefined
  const ca = entries.has('ca') ? readPath(draft, 'ca', entries.get('ca')!.value) : undefined
  const insecure = entries.has('insecure')
    ? readFlag(draft, 'insecure', entries.get('insecure')!.value)
    : undefined
  const token =
    entries.has('token') && url
      ? readToken(draft, entries.get('token')!.value, { url, via }, known)
      : undefined
  if (draft.diagnostics.slice(before).some((each) => each.severity !== 'warning')) return null
  if (token && url!.startsWith('http:') && !via && !loopback.test(new URL(url!).hostname)) {
    warn(draft, name, {
      code: 'inventory/clear-token',
      message: `the token of '${name}' travels unencrypted`,
      at: written.value.at,
      hint: 'write https:',
    })
  }
  return {
    name,
    url: url!,
    ...(ca !== undefined && { ca }),
    ...(insecure !== undefined && { insecure }),
    ...(via !== undefined && { via }),
    ...(token && { token }),
  }
}

/** The service that a token is for. */
interface TokenUse {
  readonly url: string
  readonly via: string | undefined
}

function readToken(
  draft: Draft,
  located: Located,
  service: TokenUse,
  known: KnownHosts,
): TokenSource | undefined {
  if (located.kind !== 'map') {
    const { file, line, column } = located.at
    // The line is not shown: it may hold the token.
    fail(
      draft,
      'inventory/token',
      `'token' says where the token comes from, not ${located.kind === 'scalar' ? 'the token itself' : 'a list'}`,
      { file, line, column },
      'write token: { from: file, path: PATH }',
    )
    return undefined
  }
  const sources = Object.keys(tokenKeys) as (keyof typeof tokenKeys)[]
  const from = located.entries.get('from')
  if (!from) {
    fail(
      draft,
      'inventory/token',
      "'from' is missing",
      located.at,
      `write from: ${sources.join(', ')}`,
    )
    return undefined
  }
  const source = readWord(draft, 'from', from.value, sources)
  if (!source) return undefined
  refuseUnknownKeys(draft, located, ['from', ...tokenKeys[source]])
  if (source === 'admin-client-auth') return readClientToken(draft, located, service, known)
  if (source === 'k8s-secret') return readSecretToken(draft, located, service, known)
  if (source === 's3-keys') return readS3Keys(draft, located, service, known)
  return readFileToken(draft, located, source)
}

function refuseUnknownKeys(draft: Draft, located: LocatedMap, keys: readonly string[]): void {
  for (const entry of located.entries.values()) {
    if (!keys.includes(entry.key))
      fail(
        draft,
        'inventory/unknown-key',
        `unknown key '${entry.key}'`,
        entry.keyAt,
        didYouMean(entry.key, keys),
      )
  }
}

/** A token that lies in a file: of its own, or one that craycli keeps. */
function readFileToken(
  draft: Draft,
  located: LocatedMap,
  source: 'file' | 'craycli',
): TokenSource | undefined {
  const written = located.entries.get('path')?.value
  const path = written && readPath(draft, 'path', written)
  if (source === 'craycli') return { from: source, ...(path !== undefined && { path }) }
  if (!written) fail(draft, 'inventory/token', "'path' is missing", located.at, 'add path: PATH')
  return path === undefined ? undefined : { from: source, path }
}

/** A token that the client admin-client-auth is given for its secret. */
function readClientToken(
  draft: Draft,
  located: LocatedMap,
  service: TokenUse,
  known: KnownHosts,
): TokenSource | undefined {
  const value = (key: string): Located | undefined => located.entries.get(key)?.value
  const host = readSecretHost(draft, located, service, known)
  const url = value('url')
    ? readUrl(draft, 'url', value('url')!)
    : new URL(service.url).origin + tokenPath
  const clientId = value('client_id')
    ? readText(draft, 'client_id', value('client_id')!)
    : 'admin-client'
  return host === undefined || url === undefined || clientId === undefined
    ? undefined
    : { from: 'admin-client-auth', host, url, clientId }
}

/** A token that a secret of Kubernetes holds. */
function readSecretToken(
  draft: Draft,
  located: LocatedMap,
  service: TokenUse,
  known: KnownHosts,
): TokenSource | undefined {
  const host = readSecretHost(draft, located, service, known)
  const [secret, key] = ['secret', 'key'].map((name) => readNeeded(draft, located, name))
  const namespace = readNamespace(draft, located)
  return host === undefined || secret === undefined || key === undefined
    ? undefined
    : { from: 'k8s-secret', host, namespace, secret, key }
}

/** Keys of S3, in a file or in a secret of Kubernetes. */
function readS3Keys(
  draft: Draft,
  located: LocatedMap,
  service: TokenUse,
  known: KnownHosts,
): TokenSource | undefined {
  const region = textAt(draft, located, 'region') ?? 'default'
  const namespace = readNamespace(draft, located)
  if (located.entries.has('path')) {
    const path = readPath(draft, 'path', located.entries.get('path')!.value)
    for (const other of ['host', 'namespace', 'secret'])
      if (located.entries.has(other))
        fail(
          draft,
          'inventory/token',
          `'${other}' and 'path' name two places for the keys`,
          located.entries.get(other)!.keyAt,
          'keep one of them',
        )
    return path === undefined ? undefined : { from: 's3-keys', path, namespace, region }
  }
  const host = readSecretHost(draft, located, service, known)
  const secret = readNeeded(draft, located, 'secret')
  return host === undefined || secret === undefined
    ? undefined
    : { from: 's3-keys', host, namespace, secret, region }
}

function readNamespace(draft: Draft, located: LocatedMap): string {
  return textAt(draft, located, 'namespace') ?? 'services'
}

function textAt(draft: Draft, located: LocatedMap, name: string): string | undefined {
  const value = located.entries.get(name)?.value
  return value && readText(draft, name, value)
}

function readNeeded(draft: Draft, located: LocatedMap, name: string): string | undefined {
  if (!located.entries.has(name))
    fail(
      draft,
      'inventory/token',
      `'${name}' is missing`,
      located.at,
      `add ${name}: ${name.toUpperCase()}`,
    )
  return textAt(draft, located, name)
}

function readSecretHost(
  draft: Draft,
  located: LocatedMap,
  { via }: TokenUse,
  known: KnownHosts,
): string | undefined {
  const value = located.entries.get('host')?.value
  if (value) return readHost(draft, 'host', value, known)
  if (via === undefined)
    fail(
      draft,
      'inventory/token',
      "'host' is missing: the secret is read from a host that has kubectl",
      located.at,
      'add host: ncn-m001',
    )
  return via
}

const address: ParamSchema = { type: 'string', format: 'url', description: 'An address.' }

function readUrl(draft: Draft, name: string, located: Located): string | undefined {
  const text = readText(draft, name, located)
  if (text === undefined) return undefined
  const url = readBy(draft, address, name, writtenLocated(located), 'inventory/service-url')
  if (url === undefined) return undefined
  if (!/[?#]/.test(text)) return withoutEnd(text, '/')
  fail(
    draft,
    'inventory/service-url',
    `'${name}' has a query`,
    located.at,
    'write https://host/path',
  )
  return undefined
}

function readHost(
  draft: Draft,
  name: string,
  located: Located,
  known: KnownHosts,
): string | undefined {
  const text = readText(draft, name, located)
  if (text === undefined) return undefined
  const key = hostKey(text)
  const found = known.nameOf(key)
  if (found !== undefined) return found
  fail(
    draft,
    'inventory/no-host',
    `'${name}': '${text}' is not a host of the inventory`,
    located.at,
    didYouMean(key, known.keys()),
  )
  return undefined
}

function readFlag(draft: Draft, name: string, located: Located): boolean | undefined {
  if (located.kind === 'scalar' && typeof located.value === 'boolean') return located.value
  fail(
    draft,
    'inventory/value',
    `'${name}' wants true or false, not ${kindOfLocated(located)}`,
    located.at,
    `write ${name}: true`,
  )
  return undefined
}

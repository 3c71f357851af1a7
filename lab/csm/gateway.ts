import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { bos } from './bos/index.ts'
import { bss } from './bss/index.ts'
import { makeCertificates } from './certificate.ts'
import { cfs } from './cfs/index.ts'
import { fas } from './fas/index.ts'
import { hsm } from './hsm/index.ts'
import { ims } from './ims/index.ts'
import { expireTokens, keycloak, refusal } from './keycloak.ts'
import { pcs } from './pcs/index.ts'
import {
  empty,
  matchPath,
  notPlayed,
  plain,
  type Asked,
  type Reply,
  type Route,
  type ServiceTable,
} from './service-route.ts'
import { struck } from './service-faults.ts'
import { s3 } from './s3/index.ts'
import { sls } from './sls/index.ts'
import { type System } from './system.ts'
import { vault } from './vault/index.ts'
import { releases, type Release } from './system-model.ts'

/** Every service behind the gateway; a new one is a table of its own. */
export const services: readonly ServiceTable[] = [
  keycloak,
  ims,
  cfs,
  bos,
  bss,
  fas,
  hsm,
  pcs,
  sls,
  s3,
  vault,
]

/** Trouble that a lab makes on purpose. `path` is the beginning of the paths it strikes; `times` counts down, absent: until cleared. */
export type GatewayFault =
  | { readonly kind: 'expire-tokens' }
  | { readonly kind: 'unavailable'; readonly path: string; readonly times?: number }
  | {
      readonly kind: 'slow'
      readonly path: string
      readonly seconds: number
      readonly times?: number
    }

/** The API gateway of a lab, listening on loopback. */
export interface Gateway {
  readonly port: number
  /** What it leads to: the services of the lab, and those that a user has added. */
  readonly services: readonly ServiceTable[]
  /** PEM of the authority that signed its certificate. */
  readonly authority: string
  /** How often each route was asked, by `METHOD /pattern`; requests that fit no route are under their own path. */
  readonly counts: ReadonlyMap<string, number>
  fault(fault: GatewayFault): void
  clearFaults(): void
  /** Ends every connection and waiting answer. */
  close(): Promise<void>
}

/** The name that the gateway has on a real system, and for which its certificate is made. */
export const gatewayName = 'api-gw-service-nmn.local'
const bodyLimit = 1024 * 1024

/** Starts the gateway on a free port of loopback. */
export async function startGateway(
  system: System,
  tables: readonly ServiceTable[] = services,
): Promise<Gateway> {
  const certificates = makeCertificates(
    [gatewayName, ...tables.flatMap((each) => each.host ?? []), 'localhost'],
    ['127.0.0.1'],
  )
  const counts = new Map<string, number>()
  const faults = new GatewayFaults()
  const sockets = new Set<Socket>()
  const server = createServer(
    { key: certificates.server.key, cert: certificates.server.certificate },
    (request, response) => {
      void replyTo(request, { system, tables, counts, faults })
        .catch((error: Error) => plain(500, error.message))
        .then((answer) => send(response, answer))
    },
  )
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    services: tables,
    authority: certificates.authority,
    counts,
    fault(fault) {
      if (fault.kind === 'expire-tokens') expireTokens(system)
      else faults.add(fault)
    },
    clearFaults: () => faults.clear(),
    async close() {
      for (const socket of sockets) socket.destroy()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      faults.wakeAll()
      await closed
    },
  }
}

type LastingFault = Exclude<GatewayFault, { kind: 'expire-tokens' }>

/** What the gateway does wrong on purpose, and the answers that wait because of it. */
class GatewayFaults {
  readonly #waiting = new Map<NodeJS.Timeout, () => void>()
  #faults: { fault: LastingFault; left: number }[] = []

  add(fault: LastingFault): void {
    this.#faults.push({ fault, left: fault.times ?? Infinity })
  }

  clear(): void {
    this.#faults = []
  }

  /** The fault of this kind for a path, counted down. */
  strikes(kind: 'unavailable' | 'slow', path: string): LastingFault | undefined {
    const hit = this.#faults.find(
      (each) => each.fault.kind === kind && path.startsWith(each.fault.path),
    )
    if (hit) hit.left -= 1
    this.#faults = this.#faults.filter((each) => each.left > 0)
    return hit?.fault
  }

  pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer)
        resolve()
      }, seconds * 1000)
      this.#waiting.set(timer, resolve)
    })
  }

  wakeAll(): void {
    for (const [timer, resolve] of this.#waiting) {
      clearTimeout(timer)
      resolve()
    }
  }
}

async function replyTo(
  request: IncomingMessage,
  {
    system,
    tables,
    counts,
    faults,
  }: {
    readonly system: System
    readonly tables: readonly ServiceTable[]
    readonly counts: Map<string, number>
    readonly faults: GatewayFaults
  },
): Promise<Reply> {
  const url = new URL(request.url ?? '/', `https://${gatewayName}`)
  const method = request.method ?? 'GET'
  const { service, route, params } = find(
    tablesAt(tables, request.headers.host),
    method,
    url.pathname,
    system.release,
  )
  const body = await bodyOf(request, service?.bodyLimit ?? bodyLimit)
  const key = `${method} ${route && service ? service.prefix + route.path : url.pathname}`
  counts.set(key, (counts.get(key) ?? 0) + 1)
  const slow = faults.strikes('slow', url.pathname)
  if (slow?.kind === 'slow') await faults.pause(slow.seconds)
  if (faults.strikes('unavailable', url.pathname))
    return plain(
      503,
      'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
    )
  if (!service) return empty(404)
  if (service.prefix.startsWith('/apis/')) {
    if (struck(system, 'expire-tokens-after')?.times === 1) expireTokens(system)
    const refused = refusal(request.headers.authorization, system)
    if (refused) return refused
  }
  if (body === null) return empty(413)
  await system.agenda.advance()
  if (!route) return unrouted(service, method, url, system.release)
  return route.answer(
    {
      method: route.method,
      path: url.pathname,
      query: url.searchParams,
      search: url.search,
      params,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
      ),
      body: body.toString('utf8'),
      bytes: body,
    },
    system,
  )
}

/** The services that answer at a name. */
function tablesAt(
  tables: readonly ServiceTable[],
  name: string | undefined,
): readonly ServiceTable[] {
  const host = name?.replace(/:\d+$/, '')
  const named = tables.filter((each) => each.host !== undefined && each.host === host)
  return named.length > 0 ? named : tables.filter((each) => each.host === undefined)
}

/** The service that a path belongs to, and the route of it that is meant, in this release. */
function find(
  tables: readonly ServiceTable[],
  method: string,
  path: string,
  release: Release,
): {
  readonly service: ServiceTable | undefined
  readonly route: Route | undefined
  readonly params: Asked['params']
} {
  const service = tables.find((each) => path === each.prefix || path.startsWith(`${each.prefix}/`))
  const wanted = method === 'HEAD' && service?.answersHead ? 'GET' : method
  for (const route of service?.routes ?? []) {
    if (route.method !== wanted || !isIn(route, release)) continue
    const params = matchPath(service!.prefix + route.path, path)
    if (params) return { service, route, params }
  }
  return { service, route: undefined, params: {} }
}

/** What is answered where no route is meant: the lab's own refusal where the real service has one, else the service's. */
function unrouted(service: ServiceTable, method: string, url: URL, release: Release): Reply {
  const below = url.pathname.slice(service.prefix.length)
  if (service.unplayed.some((each) => isMeant(each, method, below)))
    return notPlayed(`${method} ${below} of ${service.name.toUpperCase()}`)
  const known = [
    ...service.routes
      .filter((route) => isIn(route, release))
      .map((route) => `${route.method} ${route.path}`),
    ...service.unplayed,
  ]
  const allowed = known
    .filter((each) => isMeant(each, each.split(' ')[0]!, below))
    .map((each) => each.split(' ')[0]!)
  return service.unrouted({ method, below, search: url.search, allowed: [...new Set(allowed)] })
}

function isMeant(unplayed: string, method: string, below: string): boolean {
  const [its = '', pattern = ''] = unplayed.split(' ')
  return its === method && matchPath(pattern, below) !== null
}

function isIn(route: Route, release: Release): boolean {
  return releases.indexOf(release) >= releases.indexOf(route.since ?? '1.5')
}

function send(response: ServerResponse, answer: Reply): void {
  if (response.destroyed) return
  if (answer.contentType) response.setHeader('content-type', answer.contentType)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  response.statusCode = answer.status
  response.end(answer.bytes ?? answer.body)
}

async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
  }
  return size > limit ? null : Buffer.concat(chunks)
}

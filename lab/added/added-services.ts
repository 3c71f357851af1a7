import {
  plain as plainValue,
  type Located,
  type LocatedEntry,
} from '../../runner/source/located.ts'
import { services } from '../csm/gateway.ts'
import { json, matchPath, type Route, type ServiceTable } from '../csm/service-route.ts'
import { declaredRoutes } from './declared-routes.ts'
import { entriesOf, keyOf, textAt, type Reading } from './lab-yaml.ts'
import { moduleRoutes } from './service-module.ts'
import type { ServiceState } from './service-state.ts'

/** The services that were added, and the routes that were added to those of the lab. */
export async function addedServices(
  reading: Reading,
  located: Located | undefined,
): Promise<{
  readonly services: readonly ServiceTable[]
  readonly routes: ReadonlyMap<string, readonly Route[]>
}> {
  const added: ServiceTable[] = []
  const routes = new Map<string, readonly Route[]>()
  for (const entry of entriesOf(located)) {
    const own = await routesOf(reading, entry)
    const known = services.find(({ name }) => name === entry.key)
    if (known) {
      refusePlayed(reading, entry, known, own)
      routes.set(entry.key, own)
    } else {
      const table = tableOf(reading, entry, own, added)
      if (table) added.push(table)
    }
  }
  return { services: added, routes }
}

async function routesOf(
  reading: Reading,
  { key, keyAt, value }: LocatedEntry,
): Promise<readonly Route[]> {
  const written = keyOf(value, 'state')
  const state = (written ? structuredClone(plainValue(written)) : {}) as ServiceState
  const module = keyOf(value, 'module')
  const found = [
    ...(module ? await moduleRoutes(reading, module, state) : []),
    ...declaredRoutes(reading, keyOf(value, 'routes'), state),
  ]
  if (found.length === 0 && reading.diagnostics.length === 0)
    reading.report(
      'lab/with-route',
      `the service ${key} has no route`,
      keyAt,
      'write routes: with - GET: /things, or module: NAME.mjs',
    )
  return [...found].sort((a, b) => orderOf(a).localeCompare(orderOf(b), 'en'))
}

/** A literal part is tried before a part that may be anything. */
function orderOf({ path }: Route): string {
  return path
    .split('/')
    .map((part) => (part.startsWith(':') ? '1' : '0'))
    .join('')
}

/** A route that the lab plays is played by the lab: a second answer to one request would hide the first. */
function refusePlayed(
  reading: Reading,
  entry: LocatedEntry,
  known: ServiceTable,
  own: readonly Route[],
): void {
  for (const key of ['prefix'])
    if (keyOf(entry.value, key))
      reading.report(
        'lab/with-name',
        `the lab has the service ${known.name}, below ${known.prefix}`,
        keyOf(entry.value, key)!.at,
        'leave prefix out: the routes are added to it',
      )
  for (const route of own)
    if (known.routes.some((each) => each.method === route.method && meets(each.path, route.path)))
      reading.report(
        'lab/with-route',
        `the lab plays ${route.method} ${route.path} of ${known.name}`,
        entry.keyAt,
        'leave this route out; what the service holds at first is set by requests:',
      )
}

function meets(path: string, other: string): boolean {
  return matchPath(path, other.replaceAll(':', '_')) !== null
}

function tableOf(
  reading: Reading,
  { key, keyAt, value }: LocatedEntry,
  routes: readonly Route[],
  others: readonly ServiceTable[],
): ServiceTable | null {
  const prefix = textAt(value, 'prefix')
  if (!/^[a-z][a-z0-9-]*$/.test(key) || prefix === undefined || !/^(?:\/[\w.-]+)+$/.test(prefix)) {
    reading.report(
      'lab/with-name',
      prefix === undefined
        ? `the service ${key} has no prefix`
        : `'${key}' below '${prefix}' is not a service`,
      prefix === undefined ? keyAt : keyOf(value, 'prefix')!.at,
      'write prefix: /apis/NAME, as the gateway has it, and name the service in lower case',
    )
    return null
  }
  // A service with a name of its own takes no path of the gateway.
  const other = [...services.filter((each) => each.host === undefined), ...others].find(
    (each) => isBelow(each.prefix, prefix) || isBelow(prefix, each.prefix),
  )
  if (other) {
    reading.report(
      'lab/with-name',
      `${prefix} belongs to the service ${other.name}`,
      keyOf(value, 'prefix')!.at,
      `add the routes to it: ${other.name}: { routes: … }`,
    )
    return null
  }
  return {
    name: key,
    prefix,
    routes,
    unplayed: [],
    answersHead: true,
    unrouted: ({ method, below, allowed }) =>
      allowed.length > 0
        ? json(405, { message: `${method} is not a method of ${below}` })
        : json(404, { message: `${below} is not a route of ${key} in lab.yaml` }),
  }
}

function isBelow(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

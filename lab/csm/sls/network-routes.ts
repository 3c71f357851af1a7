import { isIP, isIPv4 } from 'node:net'
import { goInt, goString, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { empty, json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { covers } from './addresses.ts'
import { changed } from './change-counter.ts'
import type { Network } from './sls-records.ts'
import { propertiesIn, searchProblem, stamped, withProperties } from './search.ts'

const source = 'hms-sls:cmd/sls/sls_networks.go'

/** SLS's routes for networks. */
export const networkRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/networks',
    source,
    answer: (_asked, system) =>
      json(
        200,
        system.layout.networks.length > 0 ? system.layout.networks.map(networkRecord) : null,
      ),
  },
  { method: 'POST', path: '/networks', source, answer: create },
  { method: 'GET', path: '/networks/:name', source, answer: describe },
  { method: 'PUT', path: '/networks/:name', source, answer: put },
  // The real one has never done it.
  { method: 'PATCH', path: '/networks/:name', source, answer: () => empty(501) },
  { method: 'DELETE', path: '/networks/:name', source, answer: remove },
  { method: 'GET', path: '/search/networks', source, answer: search },
]

/** A network as SLS shows it. */
export function networkRecord({ at, ExtraProperties, ...network }: Network): object {
  return {
    ...network,
    ...stamped(at),
    ...(ExtraProperties === undefined ? {} : { ExtraProperties: sorted(ExtraProperties) }),
  }
}

const body = goStruct('sls_common.Network', {
  Name: goString,
  FullName: goString,
  IPRanges: goStrings,
  Type: goString,
  LastUpdated: goInt,
  LastUpdatedTime: goString,
  ExtraProperties: { kind: 'any' },
})
const types = ['cassini', 'ethernet', 'infiniband', 'mixed', 'opa', 'slingshot10', 'slingshot11']

function networkIn(
  asked: Asked,
  system: System,
  name?: string,
): { readonly network: Network; readonly given: Record<string, unknown> } | Reply {
  const read = unmarshal(asked.body, body)
  if (read.error !== null)
    return searchProblem(asked, 400, 'Bad Request', 'Failed to unmarshal body')
  const given = { ...read.value, ...(name === undefined ? {} : { Name: name }) } as Partial<Network>
  const network: Network = {
    Name: given.Name ?? '',
    FullName: given.FullName ?? '',
    IPRanges: given.IPRanges ?? null,
    Type: given.Type ?? '',
    ExtraProperties: given.ExtraProperties,
    at: system.now(),
  }
  const wrong = wrongIn(network)
  if (wrong !== null) return searchProblem(asked, 400, 'Bad Request', wrong)
  const { at: _at, ...shown } = network
  const { LastUpdated, LastUpdatedTime } = read.value as Record<string, unknown>
  return {
    network,
    given: {
      ...shown,
      ...(LastUpdated ? { LastUpdated } : {}),
      ...(LastUpdatedTime ? { LastUpdatedTime } : {}),
      ...(network.ExtraProperties === undefined
        ? {}
        : { ExtraProperties: sorted(network.ExtraProperties) }),
    },
  }
}

function wrongIn(network: Network): string | null {
  if (!types.includes(network.Type.toLowerCase())) return 'invalid network type'
  if (network.Name === '' || network.Name.includes(' ')) return 'invalid network name'
  const range = (network.IPRanges ?? []).find((each) => !isRange(each))
  return range === undefined ? null : `invalid IP Range: ${range}`
}

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  if (more.length > 0 || bits === undefined || !/^\d{1,3}$/.test(bits)) return false
  return isIP(address) !== 0 && Number(bits) <= (isIPv4(address) ? 32 : 128)
}

// The database has no network without ranges.
function unstored(asked: Asked, deed: 'insert network into' | 'update network in'): Reply {
  return searchProblem(asked, 500, 'Internal Server Error', `Failed to ${deed} DB`)
}

function create(asked: Asked, system: System): Reply {
  const read = networkIn(asked, system)
  if ('status' in read) return read
  if (read.network.IPRanges === null) return unstored(asked, 'insert network into')
  if (system.layout.networks.some((each) => each.Name === read.network.Name))
    return searchProblem(
      asked,
      409,
      'Conflict',
      'A network with that name already exists in the database',
    )
  changed(system)
  system.layout.networks.push(read.network)
  return json(201, read.given)
}

function put(asked: Asked, system: System): Reply {
  const read = networkIn(asked, system, asked.params['name']!)
  if ('status' in read) return read
  if (read.network.IPRanges === null) return unstored(asked, 'update network in')
  const { networks } = system.layout
  changed(system)
  // A row that is written goes to the end of the table.
  const kept = networks.filter((each) => each.Name !== read.network.Name)
  networks.splice(0, networks.length, ...kept, read.network)
  return json(200, read.given)
}

function notFound(asked: Asked): Reply {
  return searchProblem(asked, 404, 'Not Found', 'Network not found in DB')
}

function describe(asked: Asked, system: System): Reply {
  const found = system.layout.networks.find((each) => each.Name === asked.params['name'])
  return found ? json(200, networkRecord(found)) : notFound(asked)
}

function remove(asked: Asked, system: System): Reply {
  const at = system.layout.networks.findIndex((each) => each.Name === asked.params['name'])
  if (at < 0) return notFound(asked)
  changed(system)
  system.layout.networks.splice(at, 1)
  return empty(200)
}

function search(asked: Asked, system: System): Reply {
  const given = (name: string): string => asked.query.get(name) ?? ''
  const broken = searchProblem(
    asked,
    500,
    'Internal Server Error',
    'Failed to search network from DB',
  )
  const properties = propertiesIn(asked.query)
  if (!properties)
    return searchProblem(
      asked,
      500,
      'Internal Server Error',
      'Failed to search hardware in DB. ExtraProperties search does not include field.',
    )
  const [name, fullName, address, type] = ['name', 'full_name', 'ip_address', 'type'].map(given)
  const isRefused =
    name!.includes(' ') ||
    (type !== '' && !types.includes(type!.toLowerCase())) ||
    (address !== '' && isIP(address!.split('/')[0]!) === 0) ||
    (name === '' && fullName === '' && address === '' && type === '' && properties.length === 0)
  if (isRefused) return broken
  const found = system.layout.networks.filter(
    (each) =>
      (name === '' || each.Name === name) &&
      (fullName === '' || each.FullName === fullName) &&
      (type === '' || each.Type === type) &&
      (address === '' || (each.IPRanges ?? []).some((range) => covers(range, address!))) &&
      withProperties(each.ExtraProperties, properties),
  )
  return found.length > 0 ? json(200, found.map(networkRecord)) : notFound(asked)
}

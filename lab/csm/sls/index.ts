import { parentOf } from '../../../runner/text/xname.ts'
import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import { json, problem, type Asked, type Reply, type Route, type ServiceTable } from '../route.ts'
import type { Component, System } from '../system.ts'

const source = 'hms-sls:cmd/sls'

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/networks',
    source,
    answer: (_asked, system) => json(200, system.networks),
  },
  { method: 'GET', path: '/networks/:name', source, answer: network },
  {
    method: 'GET',
    path: '/hardware',
    source,
    answer: (_asked, system) => json(200, hardware(system)),
  },
  { method: 'GET', path: '/hardware/:xname', source, answer: component },
  { method: 'GET', path: '/search/hardware', source, answer: searchHardware },
  { method: 'GET', path: '/search/networks', source, answer: searchNetworks },
  { method: 'GET', path: '/dumpstate', source, answer: dump },
]

// All routes of SLS in its order (cmd/sls/main.go).
const order = [
  'GET /readiness',
  'GET /liveness',
  'GET /health',
  'GET /version',
  'POST /hardware',
  'GET /hardware',
  'GET /hardware/:xname',
  'PUT /hardware/:xname',
  'DELETE /hardware/:xname',
  'GET /networks',
  'POST /networks',
  'GET /networks/:name',
  'PUT /networks/:name',
  'PATCH /networks/:name',
  'DELETE /networks/:name',
  'GET /search/hardware',
  'GET /search/networks',
  'GET /dumpstate',
  'POST /dumpstate',
  'POST /loadstate',
]

/** The System Layout Service. */
export const sls: ServiceTable = {
  name: 'sls',
  prefix: '/apis/sls/v1',
  routes,
  unplayed: unplayedOf(order, routes),
  answersHead: false,
  unrouted: unroutedInGorilla({ ownPrefix: '/v1', order }),
}

interface Hardware {
  readonly Parent: string
  readonly Xname: string
  readonly Type: 'comptype_node'
  readonly Class: Component['class']
  readonly TypeString: 'Node'
  readonly LastUpdated: number
  readonly LastUpdatedTime: string
  readonly ExtraProperties: {
    readonly NID: number
    readonly Role: string
    readonly SubRole?: string
    readonly Aliases: readonly string[]
  }
}

function hardware(system: System): readonly Hardware[] {
  return [...system.components.values()].map((each) => ({
    Parent: parentOf(each.xname) ?? 's0',
    Xname: each.xname,
    Type: 'comptype_node',
    Class: each.class,
    TypeString: 'Node',
    LastUpdated: 1648220000,
    LastUpdatedTime: '2022-03-25 14:53:20.000000 +0000 +0000',
    ExtraProperties: {
      NID: each.nid,
      Role: each.role,
      ...(each.subRole ? { SubRole: each.subRole } : {}),
      Aliases: each.aliases,
    },
  }))
}

// The space after the colon is SLS's own, in network and search errors only.
function notFound(asked: Asked, detail: string): Reply {
  return problem(404, {
    type: 'about: blank',
    title: 'Not Found',
    detail,
    instance: asked.path,
    status: 404,
  })
}

function network(asked: Asked, system: System): Reply {
  const found = system.networks.find((each) => each.Name === asked.params['name'])
  return found ? json(200, found) : notFound(asked, 'Network not found in DB')
}

function component(asked: Asked, system: System): Reply {
  const found = hardware(system).find((each) => each.Xname === asked.params['xname'])
  return found
    ? json(200, found)
    : problem(404, {
        type: 'about:blank',
        title: 'Not Found',
        detail: 'no such component not in DB',
        status: 404,
      })
}

function searchHardware(asked: Asked, system: System): Reply {
  const found = hardware(system).filter((each) =>
    [...asked.query].every(([key, wanted]) => fieldOf(each, key) === wanted),
  )
  return found.length > 0 ? json(200, found) : notFound(asked, 'Hardware not found in DB')
}

function fieldOf(record: Hardware, key: string): string | undefined {
  if (key.startsWith('extra_properties.')) {
    const value = (record.ExtraProperties as Record<string, unknown>)[
      key.slice('extra_properties.'.length)
    ]
    return value === undefined ? undefined : String(value)
  }
  return { type: record.Type, class: record.Class, parent: record.Parent, xname: record.Xname }[key]
}

function searchNetworks(asked: Asked, system: System): Reply {
  const name = asked.query.get('name')
  const address = asked.query.get('ip_address')
  const found = system.networks.filter(
    (each) =>
      (name === null || each.Name === name) &&
      (address === null ||
        each.ExtraProperties.Subnets.some((subnet) =>
          subnet.IPReservations.some((reservation) => reservation.IPAddress === address),
        )),
  )
  return found.length > 0 ? json(200, found) : notFound(asked, 'Network not found in DB')
}

function dump(_asked: Asked, system: System): Reply {
  return json(200, {
    Hardware: Object.fromEntries(hardware(system).map((each) => [each.Xname, each])),
    Networks: Object.fromEntries(system.networks.map((each) => [each.Name, each])),
  })
}

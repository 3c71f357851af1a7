import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import {
  empty,
  json,
  type Asked,
  type Reply,
  type Route,
  type ServiceTable,
} from '../service-route.ts'
import type { System } from '../system.ts'
import { hardwareRecord, hardwareRoutes } from './hardware.ts'
import { networkRecord, networkRoutes } from './network-routes.ts'
import { searchProblem } from './search.ts'

const source = 'hms-sls:cmd/sls/sls_misc.go'

const ownRoutes: readonly Route[] = [
  { method: 'GET', path: '/readiness', source, answer: () => empty(204) },
  { method: 'GET', path: '/liveness', source, answer: () => empty(204) },
  {
    method: 'GET',
    path: '/health',
    source,
    answer: () => ({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: JSON.stringify({ Vault: 'Not checked', DBConnection: 'Ready' }),
    }),
  },
  { method: 'GET', path: '/version', source, answer: version },
  { method: 'GET', path: '/dumpstate', source, answer: dump },
  {
    method: 'POST',
    path: '/dumpstate',
    source,
    answer: (asked) =>
      searchProblem(
        asked,
        405,
        'Method Not Allowed',
        'POST for dumpstate is not supported. Use GET instead.',
      ),
  },
]
const routes = [...hardwareRoutes, ...networkRoutes, ...ownRoutes]

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

function version(_asked: Asked, system: System): Reply {
  const { changes, changedAt } = system.layout
  return json(200, { Counter: changes, LastUpdated: new Date(changedAt).toISOString() })
}

function dump(_asked: Asked, system: System): Reply {
  return json(200, {
    Hardware: Object.fromEntries(
      system.layout.hardware.map((each) => [
        each.Xname,
        hardwareRecord(each, system.layout.hardware),
      ]),
    ),
    Networks: Object.fromEntries(
      system.layout.networks.map((each) => [each.Name, networkRecord(each)]),
    ),
  })
}

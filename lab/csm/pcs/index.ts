import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import { empty, type Route, type ServiceTable } from '../service-route.ts'
import { powerStatusRoutes } from './power-status.ts'
import { transitionRoutes } from './transitions.ts'

const source = 'hms-power-control:internal/api/health.go'

const ownRoutes: readonly Route[] = [
  { method: 'GET', path: '/liveness', source, answer: () => empty(204) },
  { method: 'GET', path: '/readiness', source, answer: () => empty(204) },
]
const routes = [...transitionRoutes, ...powerStatusRoutes, ...ownRoutes]

// All routes of PCS in its order (internal/api/routers.go).
const order = [
  'GET /',
  'GET /transitions',
  'POST /transitions',
  'GET /transitions/:id',
  'DELETE /transitions/:id',
  'GET /power-status',
  'POST /power-status',
  'POST /power-cap/snapshot',
  'PATCH /power-cap',
  'GET /power-cap',
  'GET /power-cap/:id',
  'GET /liveness',
  'GET /readiness',
  'GET /health',
]

/** The Power Control Service. */
export const pcs: ServiceTable = {
  name: 'pcs',
  prefix: '/apis/power-control/v1',
  routes,
  unplayed: unplayedOf(order, routes),
  answersHead: false,
  unrouted: unroutedInGorilla({ ownPrefix: '/v1', order }),
}

import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import { json, plain, type Route, type ServiceTable } from '../service-route.ts'
import { fasActionRoutes } from './fas-actions.ts'
import { fasImageRoutes } from './fas-images.ts'
import { fasSnapshotRoutes } from './fas-snapshots.ts'

const source = 'hms-firmware-action:internal/domain/service_status.go'
const version = { serviceVersion: '1.42.0' }
const status = { serviceStatus: 'running' }

const ownRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    source: 'hms-firmware-action:internal/api/service_status.go',
    answer: () => ({
      ...plain(200, 'hms-firmware-action'),
      contentType: 'text/plain; charset=utf-8',
    }),
  },
  { method: 'GET', path: '/service/version', source, answer: () => json(200, version) },
  { method: 'GET', path: '/service/status', source, answer: () => json(200, status) },
  {
    method: 'GET',
    path: '/service/status/details',
    source,
    answer: () =>
      json(200, { ...version, ...status, hsmStatus: 'connected', storageStatus: 'connected' }),
  },
]
const routes = [...fasActionRoutes, ...ownRoutes, ...fasImageRoutes, ...fasSnapshotRoutes]

// All routes of FAS in its order (internal/api/routers.go).
const order = [
  'GET /',
  'GET /actions',
  'POST /actions',
  'GET /actions/:id',
  'DELETE /actions/:id',
  'DELETE /actions/:id/instance',
  'GET /actions/:id/operations/:operation',
  'GET /operations/:operation',
  'GET /actions/:id/operations',
  'GET /actions/:id/status',
  'GET /service/version',
  'GET /service/status',
  'GET /service/status/details',
  'GET /images',
  'PUT /images/:id',
  'POST /images',
  'GET /images/:id',
  'DELETE /images/:id',
  'GET /snapshots',
  'GET /snapshots/:name',
  'POST /snapshots',
  'POST /snapshots/:name/restore',
  'DELETE /snapshots/:name',
  'GET /loader',
  'GET /loader/:loader',
  'DELETE /loader/:loader',
  'POST /loader',
  'POST /loader/nexus',
]

/** The Firmware Action Service. */
export const fas: ServiceTable = {
  name: 'fas',
  prefix: '/apis/fas/v1',
  routes,
  unplayed: unplayedOf(order, routes),
  answersHead: false,
  unrouted: unroutedInGorilla({ ownPrefix: '', order }),
}

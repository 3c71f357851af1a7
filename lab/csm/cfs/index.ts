import { componentRoutes } from './cfs-components.ts'
import { configurationRoutes } from './configurations.ts'
import { described, unroutedInConnexion } from '../connexion/described-routes.ts'
import type { Face } from './faces.ts'
import { optionRoutes } from './cfs-options.ts'
import { sessionRoutes } from './cfs-sessions.ts'
import { json, type Route, type ServiceTable } from '../service-route.ts'
import type { Release } from '../system-model.ts'

/** The version of CFS that each release of CSM ships; that of 1.7 is the newest that was recorded. */
const cfsVersions: Readonly<Record<Release, string>> = {
  '1.5': '1.18.6',
  '1.6.0': '1.20.2',
  '1.6': '1.20.2',
  '1.7': '1.31.1',
}

const faces: readonly Face[] = ['v3', 'v2']

const ownRoutes: readonly Route[] = ['/versions', '/v2', '/v3', '/'].map((path) =>
  described({
    method: 'GET',
    path,
    source: 'config-framework-service:src/server/cray/cfs/api/controllers/versions.py',
    operation: () => ({}),
    answer(_call, system) {
      const [major, minor, patch] = cfsVersions[system.release].split('.')
      return json(200, { major, minor, patch })
    },
  }),
)
const healthRoute = described({
  method: 'GET',
  path: '/healthz',
  source: 'config-framework-service:src/server/cray/cfs/api/controllers/healthz.py',
  operation: () => ({}),
  answer: () => json(200, { db_status: 'ok', kafka_status: 'ok' }),
})

/** The Configuration Framework Service: two versions over the same records. */
export const cfs: ServiceTable = {
  name: 'cfs',
  prefix: '/apis/cfs',
  routes: [
    ...faces.flatMap((face) => [
      ...configurationRoutes(face),
      ...sessionRoutes(face),
      ...componentRoutes(face),
      ...optionRoutes(face),
    ]),
    ...ownRoutes,
    healthRoute,
  ],
  unplayed: [
    ...faces.flatMap((face) => [
      `PATCH /${face}/components`,
      `PUT /${face}/components`,
      `PATCH /${face}/options`,
    ]),
    'GET /v3/sources',
    'POST /v3/sources',
    'GET /v3/sources/:name',
    'PATCH /v3/sources/:name',
    'POST /v3/sources/:name',
    'DELETE /v3/sources/:name',
  ],
  answersHead: true,
  unrouted: unroutedInConnexion,
}

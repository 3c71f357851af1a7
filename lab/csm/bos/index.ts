import { componentRoutes } from './bos-components.ts'
import { optionRoutes } from './bos-options.ts'
import { sessionRoutes } from './bos-sessions.ts'
import { templateRoutes } from './templates.ts'
import { described, unroutedInConnexion } from '../connexion/described-routes.ts'
import { json, type Route, type ServiceTable } from '../service-route.ts'
import type { Release } from '../system-model.ts'

/** The version of BOS that each release of CSM ships; that of 1.7 is the newest that was recorded. */
const bosVersions: Readonly<Record<Release, string>> = {
  '1.5': '2.10.28',
  '1.6.0': '2.30.5',
  '1.6': '2.30.5',
  '1.7': '2.50.0',
}

const versionRoutes: readonly Route[] = ['/v2', '/v2/version'].map((path) =>
  described({
    method: 'GET',
    path,
    source: 'bos:src/bos/server/controllers/v2/base.py',
    operation: () => ({}),
    answer(_call, system) {
      const [major, minor, patch] = bosVersions[system.release].split('.')
      const links = [
        { href: '/', rel: 'self' },
        { href: '/v2', rel: 'versions' },
      ]
      return json(200, { links, major, minor, patch })
    },
  }),
)
const healthRoute = described({
  method: 'GET',
  path: '/v2/healthz',
  source: 'bos:src/bos/server/controllers/v2/healthz.py',
  operation: () => ({}),
  answer: () => json(200, { apiStatus: 'ok', dbStatus: 'ok' }),
})

/** The Boot Orchestration Service. */
export const bos: ServiceTable = {
  name: 'bos',
  prefix: '/apis/bos',
  routes: [
    ...templateRoutes,
    ...sessionRoutes,
    ...componentRoutes,
    ...optionRoutes,
    ...versionRoutes,
    healthRoute,
  ],
  unplayed: [
    'GET /',
    'PATCH /v2/components',
    'PUT /v2/components',
    'PATCH /v2/sessions/:name',
    'POST /v2/sessions/:name/status',
  ],
  answersHead: true,
  unrouted: unroutedInConnexion,
}

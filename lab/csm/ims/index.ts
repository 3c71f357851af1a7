import { imageRoutes } from './images.ts'
import { jobRoutes } from './jobs.ts'
import { remoteBuildNodeRoutes } from './remote-build-nodes.ts'
import { unroutedInIms } from './ims-problems.ts'
import { publicKeyRoutes } from './public-keys.ts'
import { recipeRoutes } from './recipes.ts'
import { json, type Route, type ServiceTable } from '../service-route.ts'
import type { Release } from '../system-model.ts'

/** The version of IMS that each release of CSM ships; that of 1.7 is the newest that was recorded. */
const imsVersions: Readonly<Record<Release, string>> = {
  '1.5': '3.15.0',
  '1.6.0': '3.20.0',
  '1.6': '3.20.0',
  '1.7': '3.33.0',
}

const healthSource = 'ims:src/server/resources/healthz.py'
const ownRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/version',
    source: 'ims:src/server/resources/version.py',
    answer: (_asked, system) => json(200, { version: imsVersions[system.release] }),
  },
  { method: 'GET', path: '/healthz/live', source: healthSource, answer: () => json(200, {}) },
  { method: 'GET', path: '/healthz/ready', source: healthSource, answer: () => json(200, {}) },
]
const prefixes = ['/v3', '/v2', ''] as const

/** The Image Management Service. */
export const ims: ServiceTable = {
  name: 'ims',
  prefix: '/apis/ims',
  routes: [
    ...remoteBuildNodeRoutes,
    ...prefixes.flatMap((prefix) => [
      ...imageRoutes(prefix),
      ...publicKeyRoutes(prefix),
      ...recipeRoutes(prefix),
      ...jobRoutes(prefix),
    ]),
    ...ownRoutes,
  ],
  unplayed: [
    ...prefixes.flatMap((prefix) => [
      `DELETE ${prefix}/recipes`,
      `PATCH ${prefix}/recipes/:id`,
      `DELETE ${prefix}/recipes/:id`,
      `PATCH ${prefix}/jobs/:id`,
    ]),
    ...['GET', 'PATCH', 'DELETE'].flatMap((method) => [
      `${method} /v3/deleted/recipes`,
      `${method} /v3/deleted/recipes/:id`,
    ]),
  ],
  answersHead: true,
  unrouted: unroutedInIms,
}

import { imageRoutes } from './images.ts'
import { jobRoutes } from './jobs.ts'
import { remoteBuildNodeRoutes } from './nodes.ts'
import { noMethod, noRoute } from './problem.ts'
import { publicKeyRoutes } from './public-keys.ts'
import type { ServiceTable } from '../route.ts'

/** The Image Management Service. */
export const ims: ServiceTable = {
  name: 'ims',
  prefix: '/apis/ims',
  routes: [
    ...remoteBuildNodeRoutes('/v3'),
    ...remoteBuildNodeRoutes(''),
    ...imageRoutes,
    ...publicKeyRoutes,
    ...jobRoutes('/v3'),
    ...jobRoutes('/v2'),
    ...jobRoutes(''),
  ],
  unknownPath: noRoute,
  wrongMethod: noMethod,
}

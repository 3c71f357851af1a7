import { imageRoutes } from './ims-images.ts'
import { jobRoutes } from './ims-jobs.ts'
import { remoteBuildNodeRoutes } from './ims-nodes.ts'
import { noMethod, noRoute } from './ims-problem.ts'
import { publicKeyRoutes } from './ims-public-keys.ts'
import type { ServiceTable } from './route.ts'

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

import { imageRoutes } from './ims-images.ts'
import { remoteBuildNodeRoutes } from './ims-nodes.ts'
import { noMethod, noRoute } from './ims-problem.ts'
import type { ServiceTable } from './route.ts'

/** The Image Management Service. */
export const ims: ServiceTable = {
  name: 'ims',
  prefix: '/apis/ims',
  routes: [...remoteBuildNodeRoutes('/v3'), ...remoteBuildNodeRoutes(''), ...imageRoutes],
  unknownPath: noRoute,
  wrongMethod: noMethod,
}

import { componentRoutes } from './hsm-components.ts'
import { groupRoutes } from './hsm-groups.ts'
import { lockRoutes } from './hsm-locks.ts'
import { empty, plain, type ServiceTable } from './route.ts'

/** The Hardware State Manager. */
export const hsm: ServiceTable = {
  name: 'hsm',
  prefix: '/apis/smd/hsm/v2',
  routes: [...componentRoutes, ...lockRoutes, ...groupRoutes],
  unknownPath: plain(404, '404 page not found\n'),
  wrongMethod: empty(405),
}

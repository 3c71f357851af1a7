import { componentRoutes } from './components.ts'
import { groupRoutes } from './groups.ts'
import { lockRoutes } from './locks.ts'
import { empty, plain, type ServiceTable } from '../route.ts'

/** The Hardware State Manager. */
export const hsm: ServiceTable = {
  name: 'hsm',
  prefix: '/apis/smd/hsm/v2',
  routes: [...componentRoutes, ...lockRoutes, ...groupRoutes],
  unknownPath: plain(404, '404 page not found\n'),
  wrongMethod: empty(405),
}

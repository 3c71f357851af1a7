import { componentRoutes, hsmProblem } from './components.ts'
import { groupRoutes } from './groups.ts'
import { lockRoutes } from './locks.ts'
import { order } from './order.ts'
import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import type { ServiceTable } from '../route.ts'

const routes = [...componentRoutes, ...lockRoutes, ...groupRoutes]

/** The Hardware State Manager. */
export const hsm: ServiceTable = {
  name: 'hsm',
  prefix: '/apis/smd/hsm/v2',
  routes,
  unplayed: unplayedOf(order, routes),
  answersHead: false,
  unrouted: unroutedInGorilla({
    ownPrefix: '/hsm/v2',
    order,
    wrongMethod: (allowed) => ({
      ...hsmProblem(405, 'Method Not Allowed', `allow ${allowed.join(',')}`),
      headers: { allow: allowed.join(',') },
    }),
  }),
}

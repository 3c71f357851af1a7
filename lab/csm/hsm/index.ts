import { componentRoutes } from './hsm-components.ts'
import { discoveryRoutes } from './discovery.ts'
import { endpointRoutes } from './endpoint-routes.ts'
import { groupRoutes } from './group-routes.ts'
import { interfaceRoutes } from './interface-routes.ts'
import { lockRoutes } from './locks.ts'
import { order } from './order.ts'
import { done, hsmProblem } from './hsm-replies.ts'
import { reservationRoutes } from './reservation-routes.ts'
import { valueRoutes } from './vocabulary.ts'
import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import { empty, type Route, type ServiceTable } from '../service-route.ts'

const source = 'hms-smd:cmd/smd/smd-api.go'
const ownRoutes: readonly Route[] = [
  { method: 'GET', path: '/service/ready', source, answer: () => done('HSM is healthy') },
  { method: 'GET', path: '/service/liveness', source, answer: () => empty(204) },
]
/** A route that reads its query, which Go cannot decode where a percent sign stands alone, or where there is a semicolon. */
function decoding(route: Route): Route {
  if (route.method !== 'GET' || !filtering.test(route.path)) return route
  return {
    ...route,
    answer: (asked, system) =>
      /;|%(?![0-9a-f]{2})/i.test(asked.search ?? '')
        ? hsmProblem(500, 'failed to decode query parameters.')
        : route.answer(asked, system),
  }
}
const filtering =
  /^\/(?:State\/Components(?:\/Query\/:xname)?|locks\/status|memberships|groups(?:\/:label(?:\/members)?)?|partitions)$/

const routes = [
  ...ownRoutes,
  ...valueRoutes,
  ...componentRoutes,
  ...lockRoutes,
  ...reservationRoutes,
  ...groupRoutes,
  ...endpointRoutes,
  ...discoveryRoutes,
  ...interfaceRoutes,
].map(decoding)

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
      ...hsmProblem(405, `allow ${allowed.join(',')}`),
      headers: { allow: allowed.join(',') },
    }),
  }),
}

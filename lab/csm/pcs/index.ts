import { parseXname } from '../../../runner/text/xname.ts'
import { normalized } from '../hsm/components.ts'
import { operations, transitionRoutes } from './transitions.ts'
import { unplayedOf, unroutedInGorilla } from '../go/gorilla.ts'
import {
  json,
  parsed,
  problem,
  type Asked,
  type Reply,
  type Route,
  type ServiceTable,
} from '../route.ts'
import type { System } from '../system.ts'

const source = 'hms-power-control:api/swagger.yaml'
// What PCS accepts by form, before it looks anything up.
const powered: ReadonlySet<string> = new Set([
  'Chassis',
  'ChassisBMC',
  'ComputeModule',
  'NodeBMC',
  'Node',
  'RouterModule',
  'RouterBMC',
  'HSNBoard',
  'CabinetPDUController',
  'CabinetPDUOutlet',
  'CabinetPDUPowerConnector',
  'MgmtSwitch',
  'MgmtHLSwitch',
  'CDUMgmtSwitch',
])

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/power-status',
    source,
    answer: (asked, system) =>
      powerStatus(
        asked.query.getAll('xname'),
        asked.query.get('powerStateFilter'),
        asked.query.get('managementStateFilter'),
        system,
      ),
  },
  { method: 'POST', path: '/power-status', source, answer: posted },
  ...transitionRoutes,
]

// All routes of PCS in its order (internal/api/routers.go).
const order = [
  'GET /',
  'GET /transitions',
  'POST /transitions',
  'GET /transitions/:id',
  'DELETE /transitions/:id',
  'GET /power-status',
  'POST /power-status',
  'POST /power-cap/snapshot',
  'PATCH /power-cap',
  'GET /power-cap',
  'GET /power-cap/:id',
  'GET /liveness',
  'GET /readiness',
  'GET /health',
]

/** The Power Control Service. */
export const pcs: ServiceTable = {
  name: 'pcs',
  prefix: '/apis/power-control/v1',
  routes,
  unplayed: unplayedOf(order, routes),
  answersHead: false,
  unrouted: unroutedInGorilla({ ownPrefix: '/v1', order }),
}

function posted(asked: Asked, system: System): Reply {
  const body = parsed(asked.body) as
    | { xname?: unknown; powerStateFilter?: unknown; managementStateFilter?: unknown }
    | undefined
    | null
  if (typeof body !== 'object' || body === null)
    return problem(400, {
      type: 'about:blank',
      title: 'Bad Request',
      detail: 'error decoding JSON',
      status: 400,
    })
  const names = Array.isArray(body.xname) ? body.xname.map(String) : []
  return powerStatus(
    names,
    textOrNull(body.powerStateFilter),
    textOrNull(body.managementStateFilter),
    system,
  )
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function powerStatus(
  names: readonly string[],
  power: string | null,
  management: string | null,
  system: System,
): Reply {
  const bad = names.filter((name) => !powered.has(parseXname(name)?.type ?? ''))
  if (bad.length > 0)
    return problem(400, {
      type: 'about:blank',
      title: 'Bad Request',
      detail: `invalid xnames detected: ${bad.join(' ')}`,
      status: 400,
    })
  const wanted = names.length > 0 ? names.map(normalized) : [...system.components.keys()]
  const records = wanted.map((xname) => record(xname, system))
  return json(200, {
    status: records.filter(
      (each) =>
        (power === null || each.powerState === power.toLowerCase()) &&
        (management === null || each.managementState === management.toLowerCase()),
    ),
  })
}

function record(xname: string, system: System) {
  const component = system.components.get(xname)
  const lastUpdated = new Date(system.now()).toISOString()
  if (!component) {
    return {
      xname,
      powerState: 'undefined',
      managementState: 'unavailable',
      error: 'Component not found in component map.',
      supportedPowerTransitions: [],
      lastUpdated,
    }
  }
  // Its controller does not answer: nobody knows.
  if (component.machine.unreachable()) {
    return {
      xname,
      powerState: 'undefined',
      managementState: 'unavailable',
      error: null,
      supportedPowerTransitions: [],
      lastUpdated,
    }
  }
  return {
    xname,
    powerState: component.machine.powered() ? 'on' : 'off',
    managementState: 'available',
    error: null,
    supportedPowerTransitions: Object.values(operations),
    lastUpdated,
  }
}

import { goString, goStrings, goStruct, unmarshal } from '../go/go-json.ts'
import { typeOfName } from '../go/normalized-xname.ts'
import { powerOf } from '../hsm/listed.ts'
import { refused } from '../problems.ts'
import { json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { powered, supportedBy } from './power-operations.ts'

const source = 'hms-power-control:internal/domain/power-status.go'

/** How PCS tells the power of components. */
export const powerStatusRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/power-status',
    source,
    answer: ({ query }, system) =>
      powerStatus(
        {
          xname: query.getAll('xname'),
          powerStateFilter: query.get('powerStateFilter') ?? '',
          managementStateFilter: query.get('managementStateFilter') ?? '',
        },
        system,
      ),
  },
  { method: 'POST', path: '/power-status', source, answer: posted },
]

interface Wanted {
  readonly xname?: readonly string[]
  readonly powerStateFilter?: string
  readonly managementStateFilter?: string
}

const parameters = goStruct('model.PowerStatusParameter', {
  xname: goStrings,
  powerStateFilter: goString,
  managementStateFilter: goString,
})

function posted(asked: Asked, system: System): Reply {
  const body = unmarshal(asked.body, parameters)
  return body.error === null
    ? powerStatus(body.value, system)
    : refused(400, 'Bad Request', body.error)
}

const powerFilters: Readonly<Record<string, string>> = {
  on: 'on',
  poweringoff: 'on',
  off: 'off',
  poweringon: 'off',
  undefined: 'undefined',
}
// `undefined` is as good as nothing.
const managementFilters: Readonly<Record<string, string | null>> = {
  available: 'available',
  unavailable: 'unavailable',
  undefined: null,
}

function powerStatus(wanted: Wanted, system: System): Reply {
  const { powerStateFilter: power = '', managementStateFilter: management = '' } = wanted
  if (power !== '' && !Object.hasOwn(powerFilters, power.toLowerCase()))
    return refused(400, 'Bad Request', `invalid powerStateFilter type: ${power}`)
  if (management !== '' && !Object.hasOwn(managementFilters, management.toLowerCase()))
    return refused(400, 'Bad Request', `invalid ManagementStateFilter type: ${management}`)
  const names = [...new Set(wanted.xname ?? [])]
  const bad = names.filter((name) => typeOfName(name) === null)
  if (bad.length > 0)
    return refused(400, 'Bad Request', `invalid xnames detected: ${bad.join(' ')}`)
  const itsPower = powerFilters[power.toLowerCase()]
  const itsManagement = managementFilters[management.toLowerCase()]
  const records = (names.length > 0 ? names : everyName(system)).map((xname) =>
    record(xname, system),
  )
  return json(200, {
    status: records.filter(
      (each) =>
        // What PCS does not know is shown whatever the filters are.
        each.error !== '' ||
        ((!itsPower || each.powerState === itsPower) &&
          (!itsManagement || each.managementState === itsManagement)),
    ),
  })
}

function everyName(system: System): readonly string[] {
  return [...system.components.keys(), ...system.parts.keys()].filter((xname) =>
    powered.has(typeOfName(xname) ?? ''),
  )
}

function record(xname: string, system: System) {
  const power = powerOf(system, xname)
  const type = typeOfName(xname) ?? ''
  if (!power || !powered.has(type))
    return {
      xname,
      powerState: '',
      managementState: '',
      error: powered.has(type)
        ? 'Component not found in component map.'
        : 'Component can not have power state and managment state data',
      supportedPowerTransitions: null,
      lastUpdated: '',
    }
  // Where its controller does not answer, its power is not known.
  const isSilent = power.unreachable()
  return {
    xname,
    powerState: isSilent ? 'undefined' : power.powered() ? 'on' : 'off',
    managementState: isSilent ? 'unavailable' : 'available',
    error: '',
    supportedPowerTransitions: supportedBy(type),
    lastUpdated: new Date(system.now()).toISOString(),
  }
}

import { parseXname } from '../../../runner/text/xname.ts'
import { json, parsed, problem, type Asked, type Reply, type Route } from '../route.ts'
import type { Component, System } from '../system.ts'

const source = 'hms-smd:cmd/smd/smd-api.go'

/** An error of HSM in its own form. */
export function hsmProblem(status: number, title: string, detail: string): Reply {
  return problem(status, { type: 'about:blank', title, detail, status })
}

/** HSM's component routes, below `/State`. */
export const componentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/State/Components',
    source,
    answer: (asked, system) => listed(asked.query, system),
  },
  { method: 'POST', path: '/State/Components/Query', source, answer: query },
  { method: 'GET', path: '/State/Components/ByNID/:nid', source, answer: byNid },
  { method: 'GET', path: '/State/Components/:xname', source, answer: describe },
]

/** A component as HSM shows it: what is false or empty is left out. */
function componentRecord(component: Component, system: System): Record<string, unknown> {
  const lock = system.locks.get(component.xname)
  return {
    ID: component.xname,
    Type: 'Node',
    State: stateOf(component),
    Flag: 'OK',
    Enabled: !system.disabled.has(component.xname),
    Role: component.role,
    ...(component.subRole ? { SubRole: component.subRole } : {}),
    NID: component.nid,
    ...(component.netType ? { NetType: component.netType } : {}),
    Arch: component.arch,
    Class: component.class,
    ...(lock?.reservationDisabled ? { ReservationDisabled: true } : {}),
    ...(lock?.locked ? { Locked: true } : {}),
  }
}

/** An xname as HSM normalizes it: lower case, no leading zeros; what is none is left as it is. */
export function normalized(name: string): string {
  return parseXname(name)?.xname ?? name
}

function stateOf(component: Component): 'Off' | 'On' | 'Ready' {
  if (!component.machine.powered()) return 'Off'
  return component.machine.ready() ? 'Ready' : 'On'
}

function describe(asked: Asked, system: System): Reply {
  const component = system.components.get(normalized(asked.params['xname']!))
  return component
    ? json(200, componentRecord(component, system))
    : hsmProblem(404, 'Not Found', 'no such xname.')
}

function byNid(asked: Asked, system: System): Reply {
  const component = [...system.components.values()].find(
    (each) => String(each.nid) === asked.params['nid'],
  )
  return component
    ? json(200, componentRecord(component, system))
    : hsmProblem(404, 'Not Found', 'no such NID.')
}

function query(asked: Asked, system: System): Reply {
  const body = parsed(asked.body)
  if (typeof body !== 'object' || body === null)
    return hsmProblem(400, 'Bad Request', 'error decoding JSON')
  const filters = new URLSearchParams()
  for (const [key, value] of Object.entries(body)) {
    const name = key === 'ComponentIDs' ? 'id' : key.toLowerCase()
    for (const each of Array.isArray(value) ? value : [value]) filters.append(name, String(each))
  }
  return listed(filters, system)
}

const filterFields: Readonly<Record<string, string>> = {
  id: 'ID',
  type: 'Type',
  state: 'State',
  flag: 'Flag',
  role: 'Role',
  subrole: 'SubRole',
  enabled: 'Enabled',
  arch: 'Arch',
  class: 'Class',
  nid: 'NID',
}

function listed(filters: URLSearchParams, system: System): Reply {
  const records = [...system.components.values()].map((component) =>
    componentRecord(component, system),
  )
  return json(200, { Components: records.filter((record) => passes(record, filters)) })
}

function passes(record: Record<string, unknown>, filters: URLSearchParams): boolean {
  const nid = Number(record['NID'])
  const least = filters.get('nid_start')
  const most = filters.get('nid_end')
  if ((least !== null && nid < Number(least)) || (most !== null && nid > Number(most))) return false
  return Object.entries(filterFields).every(([name, field]) => {
    const wanted = filters
      .getAll(name)
      .map((text) => (name === 'id' ? normalized(text) : text.toLowerCase()))
    if (wanted.length === 0) return true
    const is = String(record[field] ?? '').toLowerCase()
    const refused = wanted.filter((text) => text.startsWith('!')).map((text) => text.slice(1))
    const accepted = wanted.filter((text) => !text.startsWith('!'))
    return !refused.includes(is) && (accepted.length === 0 || accepted.includes(is))
  })
}

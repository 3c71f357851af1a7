import { parseXname } from '../../../runner/text/xname.ts'
import { goBool, goString, goStrings, goStruct, goTruth } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { componentFilter, filterOf, wantedIn, type Filtered, type Wanted } from './filter.ts'
import { groupsOf, partitionOf } from './group-records.ts'
import { bodyOf, hsmProblem } from './hsm-replies.ts'
import { inOrder, isListed, listedAt, written, type Listed } from './listed.ts'
import { holds } from './parts.ts'
import { vocabulary } from './vocabulary.ts'

const source = 'hms-smd:cmd/smd/smd-api.go'
const writing = 'hms-smd:cmd/smd/state-change.go'

/** HSM's component routes, below `/State`. */
export const componentRoutes: readonly Route[] = [
  { method: 'GET', path: '/State/Components', source, answer: listed },
  { method: 'POST', path: '/State/Components/Query', source, answer: query },
  {
    method: 'GET',
    path: '/State/Components/Query/:xname',
    source,
    answer: (asked, system) =>
      queried([asked.params['xname']!], wantedIn(asked.query), shapeIn(asked.query), system),
  },
  { method: 'GET', path: '/State/Components/ByNID/:nid', source, answer: byNid },
  { method: 'PATCH', path: '/State/Components/BulkEnabled', source, answer: enableMany },
  { method: 'PATCH', path: '/State/Components/:xname/Enabled', source, answer: enableOne },
  { method: 'PATCH', path: '/State/Components/BulkRole', source: writing, answer: assignMany },
  { method: 'PATCH', path: '/State/Components/:xname/Role', source: writing, answer: assignOne },
  { method: 'GET', path: '/State/Components/:xname', source, answer: describe },
]

/** A component as HSM shows it: what is false or empty is left out. */
export function componentRecord(component: Listed, system: System): Record<string, unknown> {
  const { xname, role, subRole, nid, netType } = component
  const lock = system.locks.get(xname)
  return {
    ID: xname,
    Type: component.type,
    State: component.state,
    Flag: 'OK',
    Enabled: !system.disabled.has(xname),
    ...(role === '' ? {} : { Role: role }),
    ...(subRole === '' ? {} : { SubRole: subRole }),
    ...(nid < 0 ? {} : { NID: nid }),
    ...(netType === '' ? {} : { NetType: netType }),
    Arch: component.arch,
    Class: component.class,
    ...(lock?.reservationDisabled ? { ReservationDisabled: true } : {}),
    ...(lock?.locked ? { Locked: true } : {}),
  }
}

/** A component as HSM's filters see it. */
export function filtered(component: Listed, system: System): Filtered {
  const { xname, subRole, ...rest } = component
  const lock = system.locks.get(xname)
  return {
    ...rest,
    id: xname,
    flag: 'OK',
    enabled: !system.disabled.has(xname),
    subrole: subRole,
    groups: groupsOf(system, xname),
    partition: partitionOf(system, xname),
    locked: lock?.locked ?? false,
    reservationDisabled: lock?.reservationDisabled ?? false,
  }
}

function describe(asked: Asked, system: System): Reply {
  const component = listedAt(system, normalized(asked.params['xname']!))
  return component
    ? json(200, componentRecord(component, system))
    : hsmProblem(404, 'no such xname.')
}

function byNid(asked: Asked, system: System): Reply {
  const nid = asked.params['nid']!
  if (!/^[+-]?\d+$/.test(nid) || Math.abs(Number(nid)) >= 2 ** 63)
    return hsmProblem(400, 'a required argument was not an integer')
  if (Number(nid) < 0) return hsmProblem(400, 'An argument was out of range')
  const component = inOrder(system).find((each) => each.nid === Number(nid))
  return component ? json(200, componentRecord(component, system)) : hsmProblem(404, 'no such NID.')
}

// The fields that are shown where only some are wanted.
const shapes = {
  stateonly: ['ID', 'Type', 'State', 'Flag'],
  flagonly: ['ID', 'Type', 'Flag'],
  roleonly: ['ID', 'Type', 'Role', 'SubRole'],
  nidonly: ['ID', 'Type', 'NID'],
} as const
type Shape = (typeof shapes)[keyof typeof shapes] | null

function shapeIn(query: URLSearchParams): Shape {
  const wanted = wantedIn(query)
  for (const [name, fields] of Object.entries(shapes))
    if (goTruth(wanted[name]?.[0] ?? '')) return fields
  return null
}

function shown(components: readonly Listed[], shape: Shape, system: System): Reply {
  const records = components.map((component) => componentRecord(component, system))
  return json(200, {
    Components: shape
      ? records.map((record) =>
          Object.fromEntries(
            shape.flatMap((name) => (name in record ? [[name, record[name]]] : [])),
          ),
        )
      : records,
  })
}

function listed(asked: Asked, system: System): Reply {
  const found = matching(wantedIn(asked.query), system, refusals)
  return 'status' in found ? found : shown(found, shapeIn(asked.query), system)
}

const refusals: FilterRefusals = {
  wrong: (detail) => `bad query param: ${detail}`,
  broken: 'failed to query DB.',
}

/** The words of a route for a filter that HSM refuses. */
export interface FilterRefusals {
  readonly wrong: (detail: string) => string
  readonly broken: string
}

/** The components that pass a filter, in the order of HSM's table. */
export function matching(
  wanted: Wanted,
  system: System,
  words: FilterRefusals,
): readonly Listed[] | Reply {
  const filter = filterOf(wanted)
  if (filter.kind === 'wrong') return hsmProblem(400, words.wrong(filter.detail))
  if (filter.kind === 'broken') return hsmProblem(500, words.broken)
  return inOrder(system).filter((component) => filter.passes(filtered(component, system)))
}

const queryIds = goStruct('main.CompQueryIn', { ComponentIDs: goStrings })
const queryShape = goStruct('main.FieldFltrIn', {
  stateonly: goBool,
  flagonly: goBool,
  roleonly: goBool,
  nidonly: goBool,
})

function query(asked: Asked, system: System): Reply {
  const ids = bodyOf(asked, queryIds)
  if (ids.refused) return ids.refused
  const { ComponentIDs: names } = ids.value
  if (!names || names.length === 0) return hsmProblem(400, 'Missing IDs')
  const wanted = bodyOf(asked, componentFilter)
  if (wanted.refused) return wanted.refused
  const shape = bodyOf(asked, queryShape)
  if (shape.refused) return shape.refused
  const name = Object.keys(shapes).find((each) => shape.value[each]) as keyof typeof shapes
  return queried(names, wanted.value as Wanted, name ? shapes[name] : null, system)
}

// With a type the names stand for what lies below them; `s0` and `all` stand for everything.
function queried(names: readonly string[], wanted: Wanted, shape: Shape, system: System): Reply {
  const found = matching(wanted, system, refusals)
  if ('status' in found) return found
  const ids = names.map(normalized)
  const hasType = (wanted['type'] ?? []).length > 0
  const isMeant = (xname: string): boolean =>
    ids.some((id) => id === 's0' || id === 'all' || id === xname || (hasType && holds(id, xname)))
  return shown(
    found.filter((component) => isMeant(component.xname)),
    shape,
    system,
  )
}

const patchMany = goStruct('main.CompUpdate', {
  ComponentIDs: goStrings,
  Enabled: goBool,
  Role: goString,
  SubRole: goString,
})
// Go names the structure within the structure.
const patchOne = goStruct(
  'main.compPatchIn',
  { ...patchMany.fields, ID: goString },
  'compPatchIn.CompUpdate',
)

type Given = Readonly<Record<string, any>>
type Writing = (system: System, ids: readonly string[], given: Given) => Reply

function enableOne(asked: Asked, system: System): Reply {
  return writeOne(asked, system, enable)
}

function enableMany(asked: Asked, system: System): Reply {
  return writeMany(asked, system, enable)
}

function assignOne(asked: Asked, system: System): Reply {
  return writeOne(asked, system, assign)
}

function assignMany(asked: Asked, system: System): Reply {
  return writeMany(asked, system, assign)
}

function writeOne(asked: Asked, system: System, write: Writing): Reply {
  const body = bodyOf(asked, patchOne)
  if (body.refused) return body.refused
  const xname = asked.params['xname']!
  const { ID: id = '' } = body.value
  return id !== '' && id !== xname
    ? hsmProblem(400, 'ID in URL and PATCH body do not match')
    : write(system, [xname], body.value)
}

function writeMany(asked: Asked, system: System, write: Writing): Reply {
  const body = bodyOf(asked, patchMany)
  if (body.refused) return body.refused
  const { ComponentIDs: ids = [] } = body.value
  return ids.length === 0 ? hsmProblem(400, 'Missing IDs') : write(system, ids, body.value)
}

// What is not there is passed over.
function enable(system: System, ids: readonly string[], { Enabled: isEnabled }: Given): Reply {
  const xnames = ids.map(normalized)
  if (xnames.some((xname) => !parseXname(xname))) return hsmProblem(400, 'invalid xname ID')
  if (isEnabled === undefined) return hsmProblem(400, 'Missing Enabled field')
  const there = xnames.filter((xname) => isListed(system, xname))
  for (const xname of there)
    if (isEnabled) system.disabled.delete(xname)
    else system.disabled.add(xname)
  written(system, there)
  return empty(204, 'application/json')
}

// A subrole that is left out is taken away.
function assign(system: System, ids: readonly string[], given: Given): Reply {
  const xnames = ids.map(normalized)
  if (xnames.some((xname) => !parseXname(xname))) return hsmProblem(400, 'invalid xname ID')
  const { Role: role, SubRole: subRole = '' } = given
  if (role === undefined) return hsmProblem(400, 'Missing Role')
  const words = [wordOf(vocabulary.Role, role), subRole && wordOf(vocabulary.SubRole, subRole)]
  if (role === '') return hsmProblem(400, 'a required argument was missing')
  if (words.includes(null))
    return hsmProblem(400, 'a required argument did not match any valid input')
  const there = xnames.filter((xname) => isListed(system, xname))
  for (const xname of there)
    system.roles.set(xname, { role: words[0]!, ...(words[1] ? { subRole: words[1] } : {}) })
  written(system, there)
  return empty(204, 'application/json')
}

function wordOf(words: readonly string[], given: string): string | null {
  return words.find((each) => each.toLowerCase() === given.toLowerCase()) ?? null
}

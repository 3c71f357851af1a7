import { hsmProblem, normalized } from './components.ts'
import { json, parsed, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'docs-csm:api/smd.md (groups, partitions); hms-smd:cmd/smd/smd-api.go'

/** A group of HSM, or a partition, which has a name in the place of a label. */
interface Membership {
  readonly label: string
  readonly description: string
  readonly ids: Set<string>
}
interface Memberships {
  readonly groups: Map<string, Membership>
  readonly partitions: Map<string, Membership>
}

/** What a system's groups are; they are gone with it. */
const held = new WeakMap<System, Memberships>()

function of(system: System): Memberships {
  let found = held.get(system)
  if (!found) held.set(system, (found = { groups: new Map(), partitions: new Map() }))
  return found
}

/** The members of a group; none where there is no such group. */
export function membersOf(system: System, label: string): readonly string[] {
  return [...(of(system).groups.get(label)?.ids ?? [])]
}

/** HSM's routes for groups and partitions. */
export const groupRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/groups',
    source,
    answer: (asked, system) =>
      json(200, listed(of(system).groups, asked.query.getAll('group'), 'label')),
  },
  {
    method: 'POST',
    path: '/groups',
    source,
    answer: (asked, system) => created(asked, of(system).groups, 'label'),
  },
  { method: 'GET', path: '/groups/:label', source, answer: group },
  { method: 'DELETE', path: '/groups/:label', source, answer: removed },
  { method: 'POST', path: '/groups/:label/members', source, answer: joined },
  {
    method: 'GET',
    path: '/partitions',
    source,
    answer: (asked, system) =>
      json(200, listed(of(system).partitions, asked.query.getAll('partition'), 'name')),
  },
  {
    method: 'POST',
    path: '/partitions',
    source,
    answer: (asked, system) => created(asked, of(system).partitions, 'name'),
  },
]

function record({ label, description, ids }: Membership, key: 'label' | 'name'): object {
  return { [key]: label, description, members: { ids: [...ids] } }
}

function listed(
  members: ReadonlyMap<string, Membership>,
  wanted: readonly string[],
  key: 'label' | 'name',
): readonly object[] {
  return [...members.values()]
    .filter((each) => wanted.length === 0 || wanted.includes(each.label))
    .map((each) => record(each, key))
}

function created(asked: Asked, members: Map<string, Membership>, key: 'label' | 'name'): Reply {
  const body = parsed(asked.body) as
    | {
        readonly label?: unknown
        readonly name?: unknown
        readonly description?: unknown
        readonly members?: { readonly ids?: unknown }
      }
    | null
    | undefined
  const label = typeof body?.[key] === 'string' ? body[key].toLowerCase() : ''
  // Labels are lower case and begin with a letter or a number.
  if (!/^[a-z0-9][a-z0-9:._-]*$/.test(label))
    return hsmProblem(
      400,
      'Bad Request',
      `couldn't validate ${key === 'label' ? 'group' : 'partition'}`,
    )
  if (members.has(label))
    return hsmProblem(
      409,
      'Conflict',
      'operation would conflict with an existing group that has the same label.',
    )
  const ids = Array.isArray(body?.members?.ids)
    ? body.members.ids.filter((id): id is string => typeof id === 'string').map(normalized)
    : []
  members.set(label, {
    label,
    description: typeof body?.description === 'string' ? body.description : '',
    ids: new Set(ids),
  })
  return json(201, [{ URI: `/hsm/v2/${key === 'label' ? 'groups' : 'partitions'}/${label}` }])
}

function group(asked: Asked, system: System): Reply {
  const found = of(system).groups.get(asked.params['label']!)
  return found ? json(200, record(found, 'label')) : noGroup()
}

function removed(asked: Asked, system: System): Reply {
  return of(system).groups.delete(asked.params['label']!)
    ? json(200, { code: 0, message: 'deleted 1 entry' })
    : noGroup()
}

function joined(asked: Asked, system: System): Reply {
  const found = of(system).groups.get(asked.params['label']!)
  const body = parsed(asked.body) as { readonly id?: unknown } | null | undefined
  if (!found) return noGroup()
  if (typeof body?.id !== 'string') return hsmProblem(400, 'Bad Request', 'error decoding JSON')
  const id = normalized(body.id)
  if (!system.components.has(id)) return hsmProblem(404, 'Not Found', 'no such component.')
  found.ids.add(id)
  return json(201, [{ URI: `/hsm/v2/groups/${found.label}/members/${id}` }])
}

function noGroup(): Reply {
  return hsmProblem(404, 'Not Found', 'no such group.')
}

import { parseXname } from '../../../runner/text/xname.ts'
import { goString, goStrings, goStruct } from '../go/go-json.ts'
import { normalized } from '../go/normalized-xname.ts'
import { length } from '../python.ts'
import { empty, json, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import { filtered } from './hsm-components.ts'
import { inOrder, isListed } from './listed.ts'
import { filterOf, wantedIn } from './filter.ts'
import {
  groupBody,
  groupIn,
  groupRecord,
  groups,
  groupsOf,
  isGroupField,
  normalGroup,
  partitionBody,
  partitionOf,
  partitions,
  type Kind,
} from './group-records.ts'
import { type Group } from './hsm-records.ts'
import { bodyOf, done, hsmProblem, made } from './hsm-replies.ts'

const source = 'hms-smd:cmd/smd/smd-api.go'

/** HSM's routes for groups, partitions, and what a component is in. */
export const groupRoutes: readonly Route[] = [
  ...routesOf(groups, 'labels'),
  ...routesOf(partitions, 'names'),
  { method: 'GET', path: '/memberships', source, answer: memberships },
  { method: 'GET', path: '/memberships/:xname', source, answer: membership },
]

function routesOf(kind: Kind, names: string): readonly Route[] {
  const path = `/${kind.held}`
  const one = `${path}/:${kind.key}`
  const answers: readonly (readonly [
    string,
    string,
    (kind: Kind, asked: Asked, system: System) => Reply,
  ])[] = [
    ['GET', path, listed],
    ['POST', path, create],
    [
      'GET',
      `${path}/${names}`,
      (_kind, _asked, system) => json(200, [...system[kind.held].keys()]),
    ],
    ['GET', one, describe],
    ['DELETE', one, remove],
    ['PATCH', one, patch],
    ['GET', `${one}/members`, members],
    ['POST', `${one}/members`, join],
    ['DELETE', `${one}/members/:xname`, leave],
  ]
  return answers.map(([method, itsPath, answer]) => ({
    method,
    path: itsPath,
    source,
    answer: (asked, system) => answer(kind, asked, system),
  }))
}

// The label in the address, or the refusal.
function labelIn(kind: Kind, asked: Asked): string | Reply {
  const label = normalGroup(asked.params[kind.key]!)
  return isGroupField(label) ? label : hsmProblem(400, `Invalid ${kind.full}.`)
}

/** The partition that the members are to be in; empty: any. */
function withinIn(kind: Kind, asked: Asked): string | Reply {
  const given = kind === groups ? wantedIn(asked.query)['partition']?.[0] : undefined
  if (given === undefined || given === 'NULL') return given ?? ''
  const within = normalGroup(given)
  return isGroupField(within) ? within : hsmProblem(400, 'Invalid partition name.')
}

function noPartition(within: string, system: System): Reply | null {
  return within === '' || within === 'NULL' || system.partitions.has(within)
    ? null
    : hsmProblem(400, 'bad query param: no such partition')
}

function listed(kind: Kind, asked: Asked, system: System): Reply {
  const wanted = wantedIn(asked.query)
  const within = withinIn(kind, asked)
  if (typeof within !== 'string') return within
  const [tags, labels] = [wanted['tag'] ?? [], wanted[kind.word] ?? []].map((each) =>
    each.map(normalGroup),
  )
  if (!tags!.every(isGroupField)) return hsmProblem(400, 'Invalid tag.')
  if (!labels!.every(isGroupField)) return hsmProblem(400, `Invalid ${kind.full}.`)
  const found = [...system[kind.held].values()].filter(
    (group) =>
      (labels!.length === 0 || labels!.includes(group.label)) &&
      (tags!.length === 0 || group.tags.some((tag) => tags!.includes(tag))),
  )
  return (
    (found.length > 0 ? noPartition(within, system) : null) ??
    json(
      200,
      found.map((group) => groupRecord(kind, group, system, within)),
    )
  )
}

function create(kind: Kind, asked: Asked, system: System): Reply {
  const body = bodyOf(asked, kind === groups ? groupBody : partitionBody)
  if (body.refused) return body.refused
  const group = groupIn(kind, body.value)
  if ('error' in group) return hsmProblem(400, `couldn't validate ${kind.word}: ${group.error}`)
  const conflict = 'operation would conflict with an existing'
  if (system[kind.held].has(group.label) || new Set(group.ids).size < group.ids.length)
    return hsmProblem(
      409,
      kind === groups
        ? `${conflict} group that has the same label or duplicate ids found in request.`
        : `${conflict} partition that has the same name.`,
    )
  if (group.ids.some((id) => !isListed(system, id)))
    return hsmProblem(400, 'linked component does not exist')
  if (group.ids.some((id) => isElsewhere(kind, group, id, system)))
    return hsmProblem(409, `${conflict} member in another ${elsewhere(kind)}.`)
  if (!fitsDatabase(group)) return hsmProblem(500, "operation 'POST' failed during store.")
  system[kind.held].set(group.label, group)
  return made(`/hsm/v2/${kind.held}/${group.label}`)
}

// The columns of the database hold so many characters.
function fitsDatabase({ label, description, tags, exclusiveGroup }: Group): boolean {
  return (
    [label, description, ...tags].every((each) => length(each) <= 255) &&
    length(exclusiveGroup) <= 253
  )
}

function elsewhere(kind: Kind): string {
  return kind === groups ? 'exclusive group' : 'partition'
}

function isElsewhere(kind: Kind, group: Group, id: string, system: System): boolean {
  return [...system[kind.held].values()].some(
    (other) =>
      other.label !== group.label &&
      other.ids.includes(id) &&
      (kind === partitions ||
        (group.exclusiveGroup !== '' && other.exclusiveGroup === group.exclusiveGroup)),
  )
}

function found(kind: Kind, asked: Asked, system: System): Group | Reply {
  const label = labelIn(kind, asked)
  if (typeof label !== 'string') return label
  return system[kind.held].get(label) ?? hsmProblem(404, `No such ${kind.word}: ${label}`)
}

function describe(kind: Kind, asked: Asked, system: System): Reply {
  const within = withinIn(kind, asked)
  if (typeof within !== 'string') return within
  const label = labelIn(kind, asked)
  if (typeof label !== 'string') return label
  const unknown = noPartition(within, system)
  if (unknown) return unknown
  const group = found(kind, asked, system)
  return 'status' in group ? group : json(200, groupRecord(kind, group, system, within))
}

function members(kind: Kind, asked: Asked, system: System): Reply {
  const reply = describe(kind, asked, system)
  return reply.status === 200
    ? json(200, (JSON.parse(reply.body) as { readonly members: unknown }).members)
    : reply
}

function remove(kind: Kind, asked: Asked, system: System): Reply {
  const label = labelIn(kind, asked)
  if (typeof label !== 'string') return label
  return system[kind.held].delete(label)
    ? done('deleted 1 entry')
    : hsmProblem(404, `no such ${kind.word}.`)
}

const patchBody = goStruct('sm.GroupPatch', { description: goString, tags: goStrings })

function patch(kind: Kind, asked: Asked, system: System): Reply {
  const body = bodyOf(asked, {
    ...patchBody,
    name: kind === groups ? 'sm.GroupPatch' : 'sm.PartitionPatch',
  })
  if (body.refused) return body.refused
  const { description, tags } = body.value
  if (description === undefined && tags === undefined) return patchOfNothing(kind, asked)
  const label = labelIn(kind, asked)
  if (typeof label !== 'string') return label
  const normal = ((tags ?? []) as readonly string[]).map(normalGroup)
  if (!normal.every(isGroupField)) return hsmProblem(400, 'Invalid tag.')
  const group = system[kind.held].get(label)
  if (!group) return hsmProblem(404, `no such ${kind.word}.`)
  const changed: Group = {
    ...group,
    description: description ?? group.description,
    tags: tags === undefined ? group.tags : normal,
  }
  if (!fitsDatabase(changed)) return hsmProblem(500, 'failed to query DB.')
  // A row that is written goes to the end of the table.
  system[kind.held].delete(label)
  system[kind.held].set(label, changed)
  return empty(204, 'application/json')
}

// HSM goes on after its refusal, finds no row to write, and says that too.
function patchOfNothing(kind: Kind, asked: Asked): Reply {
  const label = labelIn(kind, asked)
  const second = typeof label === 'string' ? hsmProblem(404, `no such ${kind.word}.`) : label
  const first = hsmProblem(400, 'Request must have at least one patch field.')
  return { ...first, body: first.body + second.body }
}

const memberBody = goStruct('sm.MemberAddBody', { id: goString })

function join(kind: Kind, asked: Asked, system: System): Reply {
  const label = labelIn(kind, asked)
  if (typeof label !== 'string') return label
  const body = bodyOf(asked, memberBody)
  if (body.refused) return body.refused
  const id = normalized(body.value['id'] ?? '')
  if (!parseXname(id)) return hsmProblem(400, 'invalid xname ID')
  const group = found(kind, asked, system)
  if ('status' in group) return group
  const conflict = 'operation would conflict with an existing member in'
  if (group.ids.includes(id)) return hsmProblem(409, `${conflict} the same ${kind.word}.`)
  if (!isListed(system, id)) return hsmProblem(400, 'linked component does not exist')
  if (isElsewhere(kind, group, id, system))
    return hsmProblem(409, `${conflict} another ${elsewhere(kind)}.`)
  system[kind.held].set(group.label, { ...group, ids: [...group.ids, id] })
  return made(`/hsm/v2/${kind.held}/${group.label}/members/${id}`)
}

function leave(kind: Kind, asked: Asked, system: System): Reply {
  const label = labelIn(kind, asked)
  if (typeof label !== 'string') return label
  const id = normalized(asked.params['xname']!)
  if (!parseXname(id)) return hsmProblem(400, 'invalid xname ID')
  const group = found(kind, asked, system)
  if ('status' in group) return group
  if (!group.ids.includes(id)) return hsmProblem(404, `${kind.word} has no such member.`)
  system[kind.held].set(group.label, { ...group, ids: group.ids.filter((each) => each !== id) })
  return done('deleted 1 entry')
}

function membershipOf(xname: string, system: System): object {
  return {
    id: xname,
    groupLabels: groupsOf(system, xname),
    partitionName: partitionOf(system, xname) ?? '',
  }
}

function membership(asked: Asked, system: System): Reply {
  const xname = normalized(asked.params['xname']!)
  if (!parseXname(xname)) return hsmProblem(400, 'invalid xname')
  return isListed(system, xname)
    ? json(200, membershipOf(xname, system))
    : hsmProblem(404, `No such xname: ${xname}`)
}

function memberships(asked: Asked, system: System): Reply {
  const filter = filterOf(wantedIn(asked.query))
  if (filter.kind === 'wrong') return hsmProblem(400, `bad query param: ${filter.detail}`)
  if (filter.kind === 'broken') return hsmProblem(500, 'failed to query DB.')
  return json(
    200,
    inOrder(system)
      .filter((component) => filter.passes(filtered(component, system)))
      .map(({ xname }) => membershipOf(xname, system)),
  )
}

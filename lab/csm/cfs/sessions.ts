import { runSession, endSession } from './session-run.ts'
import { heard, listed, spoken, type Face } from './faces.ts'
import { zoneless, type CfsSession } from './records.ts'
import { mapOf, refused } from '../problems.ts'
import { empty, json, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'config-framework-service:src/server/cray/cfs/api/controllers/sessions.py'

/** After its end a session is kept so long (option session_ttl, 7d). */
const sessionLifetime = 7 * 86_400_000

/** The sessions of CFS in one of its versions. */
export function sessionRoutes(face: Face): readonly Route[] {
  const path = `/${face}/sessions`
  return [
    { method: 'GET', path, source, answer: (asked, system) => list(face, asked, system) },
    { method: 'POST', path, source, answer: (asked, system) => create(face, asked, system) },
    { method: 'DELETE', path, source, answer: (asked, system) => removeSome(face, asked, system) },
    {
      method: 'GET',
      path: `${path}/:name`,
      source,
      answer: (asked, system) => one(face, asked, system),
    },
    { method: 'DELETE', path: `${path}/:name`, source, answer: remove },
  ]
}

function kept(system: System): readonly CfsSession[] {
  for (const [name, session] of system.cfs.sessions)
    if (session.completed !== null && system.now() - session.completed >= sessionLifetime)
      system.cfs.sessions.delete(name)
  return [...system.cfs.sessions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function notFound(name: string): Reply {
  return refused(404, 'Session not found.', `Session ${name} could not be found`)
}

const namePattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'
const allowed = [
  'name',
  'configuration_name',
  'configuration_limit',
  'ansible_limit',
  'ansible_config',
  'ansible_verbosity',
  'ansible_passthrough',
  'target',
  'tags',
  'debug_on_failure',
]

function create(face: Face, asked: Asked, system: System): Reply {
  const body = heard(face, asked)
  if (!body) return refused(400, 'Bad Request', 'Request body is not valid JSON')
  const wrong = shapeOf(body, face)
  if (wrong) return refused(400, 'Bad Request', wrong)
  const { name, configuration_name } = body as { name: string; configuration_name: string }
  const target = targetOf(body['target'])
  if (target.definition === 'image') {
    const members = target.groups.flatMap((group) => group.members)
    if (target.groups.length === 0)
      return refused(
        400,
        'Invalid target.',
        'At least one group must be specified for an image target.',
      )
    const bad = members.filter(
      (member) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(member),
    )
    if (bad.length > 0)
      return refused(
        400,
        'Invalid target.',
        `Image target group members must be IMS image ids. The following Image target group member(s) are not valid UUIDs: ${bad.join(', ')}`,
      )
  }
  if (!system.cfs.configurations.has(configuration_name))
    return refused(
      400,
      'Invalid configuration',
      `No configurations exist named ${configuration_name}`,
    )
  if (kept(system).some((each) => each.name === name))
    return refused(
      409,
      'Conflicting session name',
      `A session with the name ${name} already exists`,
    )
  const text = (field: string, otherwise = ''): string =>
    typeof body[field] === 'string' ? (body[field] as string) : otherwise
  const session: CfsSession = {
    name,
    configuration_name,
    configuration_limit: text('configuration_limit'),
    ansible: {
      config: text('ansible_config', 'cfs-default-ansible-cfg'),
      limit: text('ansible_limit'),
      passthrough: text('ansible_passthrough'),
      verbosity: Number(body['ansible_verbosity'] ?? 0),
    },
    target,
    tags: (body['tags'] ?? {}) as Readonly<Record<string, string>>,
    debug_on_failure: body['debug_on_failure'] === true,
    at: system.now(),
    status: 'pending',
    succeeded: 'none',
    completed: null,
    job: null,
    ims_job: null,
    artifacts: [],
  }
  system.cfs.sessions.set(name, session)
  runSession(system, session)
  return json(face === 'v3' ? 201 : 200, spoken(face, record(session, face)))
}

function shapeOf(body: Readonly<Record<string, unknown>>, face: Face): string | null {
  const spelled = face === 'v2' ? 'configurationName' : 'configuration_name'
  const unknown = Object.keys(body).find((key) => !allowed.includes(key))
  if (unknown) return `Additional properties are not allowed ('${unknown}' was unexpected)`
  const { name, configuration_name, ansible_verbosity: verbosity, tags, target } = body
  if (name === undefined) return `'name' is a required property`
  if (configuration_name === undefined) return `'${spelled}' is a required property`
  if (typeof name !== 'string') return `${JSON.stringify(name)} is not of type 'string' - 'name'`
  if (name.length > 45) return `'${name}' is too long - 'name'`
  if (!new RegExp(namePattern).test(name))
    return `'${name}' does not match '${namePattern}' - 'name'`
  if (typeof configuration_name !== 'string')
    return `${JSON.stringify(configuration_name)} is not of type 'string' - '${spelled}'`
  if (
    verbosity !== undefined &&
    !(Number.isInteger(verbosity) && Number(verbosity) >= 0 && Number(verbosity) <= 4)
  )
    return `${JSON.stringify(verbosity)} is not between 0 and 4 - 'ansible_verbosity'`
  if (tags !== undefined && !mapOf(tags))
    return `${JSON.stringify(tags)} is not of type 'object' - 'tags'`
  return target === undefined ? null : targetShape(target)
}

function targetShape(target: unknown): string | null {
  const map = mapOf(target)
  if (!map) return `${JSON.stringify(target)} is not of type 'object' - 'target'`
  const { definition, groups, image_map } = map
  if (
    definition !== undefined &&
    !['image', 'spec', 'repo', 'dynamic'].includes(String(definition))
  )
    return `'${String(definition)}' is not one of ['image', 'spec', 'repo', 'dynamic'] - 'target.definition'`
  if (
    groups !== undefined &&
    (!Array.isArray(groups) ||
      groups.some(
        (group) =>
          typeof mapOf(group)?.['name'] !== 'string' || !Array.isArray(mapOf(group)?.['members']),
      ))
  )
    return `'name' and 'members' are required properties - 'target.groups'`
  if (
    image_map !== undefined &&
    (!Array.isArray(image_map) ||
      image_map.some(
        (each) =>
          typeof mapOf(each)?.['source_id'] !== 'string' ||
          typeof mapOf(each)?.['result_name'] !== 'string',
      ))
  ) {
    return `${JSON.stringify(image_map)} is not of type 'array' - 'target.image_map'`
  }
  return null
}

function targetOf(given: unknown): CfsSession['target'] {
  const target = (mapOf(given) ?? {}) as Partial<CfsSession['target']>
  return {
    definition: target.definition ?? 'dynamic',
    groups: target.groups ?? [],
    image_map: target.image_map ?? [],
  }
}

function record(session: CfsSession, face: Face): unknown {
  const {
    name,
    ansible,
    debug_on_failure,
    tags,
    target,
    status,
    succeeded,
    artifacts,
    at,
    completed,
    job,
    ims_job,
  } = session
  return {
    name,
    configuration: { name: session.configuration_name, limit: session.configuration_limit },
    ansible,
    ...(face === 'v3' ? { debug_on_failure, logs: `ara.cmn.lab.local/hosts?label=${name}` } : {}),
    tags,
    target,
    status: {
      artifacts,
      session: {
        job,
        ...(face === 'v3' ? { ims_job } : {}),
        start_time: zoneless(at),
        completion_time: completed === null ? null : zoneless(completed),
        status,
        succeeded,
      },
    },
  }
}

function fitting(face: Face, asked: Asked, system: System): readonly CfsSession[] | null {
  const word = (v3: string, v2: string): string | null => asked.query.get(face === 'v3' ? v3 : v2)
  const [least, most] = [ageOf(word('min_age', 'minAge')), ageOf(word('max_age', 'maxAge'))]
  if (least === null || most === null) return null
  const [status, succeeded, contains, tags] = [
    asked.query.get('status'),
    asked.query.get('succeeded'),
    word('name_contains', 'nameContains'),
    asked.query.get('tags'),
  ]
  const wanted = tags === null ? [] : tags.split(',').map((pair) => pair.split('=', 2))
  return kept(system).filter((session) => {
    const age = system.now() - session.at
    return (
      (least === undefined || age > least) &&
      (most === undefined || age < most) &&
      (status === null || session.status === status) &&
      (succeeded === null || session.succeeded === succeeded) &&
      (contains === null || session.name.includes(contains)) &&
      wanted.every(([key = '', value = '']) => session.tags[key] === value)
    )
  })
}

// `3d`, `24h`; undefined where it is not asked for, null where it is nothing of the kind.
function ageOf(text: string | null): number | null | undefined {
  if (text === null) return undefined
  const [, count, unit] = /^(\d+)([dhm])$/.exec(text) ?? []
  return count === undefined
    ? null
    : Number(count) * (unit === 'd' ? 86_400_000 : unit === 'h' ? 3_600_000 : 60_000)
}

const badAge = refused(
  400,
  'Error parsing the ids provided.',
  'Unable to parse the age: give it in minutes, hours or days',
)

function list(face: Face, asked: Asked, system: System): Reply {
  const found = fitting(face, asked, system)
  return found
    ? listed(
        face,
        asked,
        'sessions',
        found.map((session) => ({ id: session.name, record: record(session, face) })),
      )
    : badAge
}

function one(face: Face, asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = kept(system).find((each) => each.name === name)
  return found ? json(200, spoken(face, record(found, face))) : notFound(name)
}

async function remove(asked: Asked, system: System): Promise<Reply> {
  const name = asked.params['name']!
  const found = kept(system).find((each) => each.name === name)
  if (!found) return notFound(name)
  await endSession(system, found)
  return empty(204)
}

async function removeSome(face: Face, asked: Asked, system: System): Promise<Reply> {
  const found = fitting(face, asked, system)
  if (!found) return badAge
  for (const session of found) await endSession(system, session)
  return face === 'v3' ? json(200, { session_ids: found.map((each) => each.name) }) : empty(204)
}

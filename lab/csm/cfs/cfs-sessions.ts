import { ageIn } from '../age.ts'
import { brokenInside, described, doneEmpty, type Call } from '../connexion/described-routes.ts'
import { heard, listed, spoken, tagsIn, type Face } from './faces.ts'
import { options } from './cfs-options.ts'
import { hasOpenQuotation, wrongPassthrough } from './passthrough.ts'
import { zoneless, type CfsSession } from './cfs-records.ts'
import { queries, sessionV2, sessionV3 } from './cfs-schemas.ts'
import { endSession, runSession } from './session-run.ts'
import { patchSession } from './session-patch.ts'
import { refused } from '../problems.ts'
import { repr } from '../python.ts'
import { json, sorted, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'

const source = 'config-framework-service:src/server/cray/cfs/api/controllers/sessions.py'

/** After its end a session is kept so long (option session_ttl, 7d). */
const sessionLifetime = 7 * 86_400_000

/** The sessions of CFS in one of its versions. */
export function sessionRoutes(face: Face): readonly Route[] {
  const isV3 = face === 'v3'
  const all = { path: `/${face}/sessions`, source }
  const one = { path: `/${face}/sessions/:name`, source, operation: () => ({}) }
  return [
    described({
      method: 'GET',
      ...all,
      operation: () => ({
        query: isV3 ? { ...queries.page, ...queries.sessionsV3 } : queries.sessionsV2,
      }),
      answer: (call, system) => list(face, call, system),
    }),
    described({
      method: 'POST',
      ...all,
      operation: () => ({ body: isV3 ? sessionV3 : sessionV2 }),
      answer: (call, system) => create(face, call, system),
    }),
    described({
      method: 'DELETE',
      ...all,
      operation: () => ({ query: isV3 ? queries.deletionV3 : queries.deletionV2 }),
      answer: (call, system) => removeSome(face, call, system),
    }),
    described({
      method: 'GET',
      ...one,
      answer: (call, system) => describe(face, call, system),
    }),
    described({
      method: 'PATCH',
      ...one,
      answer: (call, system) => patch(face, call, system),
    }),
    described({ method: 'DELETE', ...one, answer: remove }),
  ]
}

function kept(system: System): readonly CfsSession[] {
  for (const [name, session] of system.cfs.sessions)
    if (session.completed !== null && system.now() - session.completed >= sessionLifetime)
      system.cfs.sessions.delete(name)
  return [...system.cfs.sessions.values()]
}

function notFound(name: string): Reply {
  return refused(404, 'Session not found.', `Session ${name} could not be found`)
}

function bad(detail: string): Reply {
  return refused(400, 'Bad Request', detail)
}

function create(face: Face, call: Call, system: System): Reply {
  const session = newSession(face, heard(face, call), system)
  const { name, configuration_name: configuration } = session
  if (kept(system).some((each) => each.name === name))
    return refused(
      409,
      'Conflicting session name',
      `A session with the name ${name} already exists`,
    )
  const isDebugging = face === 'v3' && configuration.startsWith('debug_')
  if (!system.cfs.configurations.has(configuration) && !isDebugging)
    return refused(400, 'Invalid configuration', `No configurations exist named ${configuration}`)
  const wrong = wrongTarget(session.target)
  if (wrong) return wrong
  const passed = session.ansible.passthrough
  if (passed && hasOpenQuotation(passed)) return brokenInside
  const unknown = passed ? wrongPassthrough(passed) : null
  if (unknown !== null) return bad(`Error validating ansible-passthrough: ${unknown}`)
  system.cfs.sessions.set(name, session)
  runSession(system, session)
  return json(face === 'v3' ? 201 : 200, spoken(face, record(session)))
}

function newSession(
  face: Face,
  body: Readonly<Record<string, unknown>>,
  system: System,
): CfsSession {
  // What version 2 leaves out stays null where version 3 has an empty text.
  const absent = face === 'v3' ? '' : null
  const text = <T extends string | null>(field: string, otherwise: T): string | T =>
    (body[field] as string | undefined) ?? otherwise
  const target = body['target'] as Partial<CfsSession['target']> | undefined
  return {
    name: text('name', ''),
    configuration_name: text('configuration_name', ''),
    configuration_limit: text('configuration_limit', ''),
    ansible: {
      config: text('ansible_config', '') || options.default_ansible_config,
      limit: text('ansible_limit', absent),
      passthrough: text('ansible_passthrough', absent),
      verbosity: Number(body['ansible_verbosity'] ?? 0),
    },
    target: {
      definition: target?.definition ?? 'dynamic',
      groups: target?.groups ?? null,
      image_map: target?.image_map ?? null,
    },
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
}

function wrongTarget({ definition, groups }: CfsSession['target']): Reply | null {
  const given = groups ?? []
  if (definition === 'repo' || definition === 'dynamic')
    return given.length > 0
      ? bad(`'${definition}' target definitions must not contain groups specifications.`)
      : null
  if (given.length === 0) return bad('At least one target group must be specified.')
  if (given.some((group) => group.members.length === 0))
    return bad('Group member lists must not be empty.')
  if (given.some((group) => group.members.includes('')))
    return bad('Group members must not be blank.')
  const wrong = given.flatMap(({ name, members }) =>
    members
      .filter((member) => definition === 'image' && !isUuid(member))
      .map((member) => `(${repr(name)}, ${repr(member)})`),
  )
  return wrong.length > 0
    ? bad(`The following Image target group member(s) are not valid UUIDs: [${wrong.join(', ')}].`)
    : null
}

function isUuid(text: string): boolean {
  const bare = text
    .replace(/urn:|uuid:/g, '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '')
  return /^[0-9a-f]{32}$/i.test(bare)
}

function record(session: CfsSession): Readonly<Record<string, unknown>> {
  const { name, ansible, debug_on_failure, tags, target, status, succeeded, artifacts } = session
  return {
    name,
    configuration: { name: session.configuration_name, limit: session.configuration_limit },
    ansible,
    debug_on_failure,
    // The lab has no ARA whose address would stand before it.
    logs: `/?label=${name}`,
    tags,
    target,
    status: {
      artifacts,
      session: {
        job: session.job,
        ims_job: session.ims_job,
        start_time: zoneless(session.at),
        completion_time: session.completed === null ? null : zoneless(session.completed),
        status,
        succeeded,
      },
    },
  }
}

/** The sessions that the parameters choose, or the refusal. */
function chosen(call: Call, system: System): readonly CfsSession[] | Reply {
  const { query } = call
  const tags = tagsIn(call)
  if ('status' in tags) return tags
  // The older `age` means the same as the least age.
  const age = (text: unknown): number | null => (text ? ageIn(String(text)) : null)
  const [least, most] = [age(query['min_age'] || query['age']), age(query['max_age'])]
  const fits = (wanted: unknown, is: string): boolean => !wanted || wanted === is
  return kept(system).filter(
    (session) =>
      (least === null || system.now() - session.at >= least) &&
      (most === null || system.now() - session.at <= most) &&
      fits(query['status'], session.status) &&
      fits(query['succeeded'], session.succeeded) &&
      session.name.includes(String(query['name_contains'] ?? '')) &&
      tags.every(([key, value]) => session.tags[key] === value),
  )
}

const repeated = ['age', 'min_age', 'max_age', 'status', 'name_contains', 'succeeded', 'tags']

function list(face: Face, call: Call, system: System): Reply {
  const found = chosen(call, system)
  if ('status' in found) return found
  return listed(
    face,
    call,
    'sessions',
    repeated,
    found.map((session) => ({ id: session.name, record: record(session) })),
  )
}

function describe(face: Face, call: Call, system: System): Reply {
  const name = call.params['name']!
  const found = kept(system).find((each) => each.name === name)
  return found ? json(200, spoken(face, record(found))) : notFound(name)
}

function patch(face: Face, call: Call, system: System): Reply {
  const name = call.params['name']!
  const changed = patchSession(
    face,
    call,
    kept(system).find((each) => each.name === name),
  )
  if (changed === null) return notFound(name)
  return 'body' in changed ? changed : json(200, spoken(face, { ...record(changed), logs: null }))
}

async function remove(call: Call, system: System): Promise<Reply> {
  const name = call.params['name']!
  const found = kept(system).find((each) => each.name === name)
  if (!found) return notFound(name)
  await endSession(system, found)
  return doneEmpty
}

async function removeSome(face: Face, call: Call, system: System): Promise<Reply> {
  const found = chosen(call, system)
  if ('status' in found) return found
  for (const session of found) await endSession(system, session)
  return face === 'v3'
    ? json(200, sorted({ session_ids: found.map((each) => each.name) }))
    : doneEmpty
}

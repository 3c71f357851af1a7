import { randomUUID } from 'node:crypto'
import { templateTrouble } from './boot-sets.ts'
import { beginSession } from './operators.ts'
import { noSession, notFound, stamp } from './bos-problems.ts'
import type { BosSession } from './bos-records.ts'
import { session as sessionFields, sessionPath, sessionQuery } from './bos-schemas.ts'
import { sessionStatus } from './session-status.ts'
import { ageIn } from '../age.ts'
import { described, doneEmpty, type Call } from '../connexion/described-routes.ts'
import { refused } from '../problems.ts'
import { json, sorted, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'

const source = 'bos:src/bos/server/controllers/v2/sessions.py'
const lifetime = 7 * 86_400_000
const all = { path: '/v2/sessions', source }
const one = { path: '/v2/sessions/:name', source }

/** BOS's sessions. */
export const sessionRoutes: readonly Route[] = [
  described({
    method: 'GET',
    ...all,
    operation: (release) => ({ query: sessionQuery(release) }),
    answer: (call, system) => json(200, sorted(chosen(call, system).map(record))),
  }),
  described({
    method: 'POST',
    ...all,
    operation: (release) => ({ body: sessionFields(release) }),
    answer: create,
  }),
  described({
    method: 'DELETE',
    ...all,
    operation: (release) => ({ query: sessionQuery(release) }),
    answer: removeSome,
  }),
  described({
    method: 'GET',
    ...one,
    operation: (release) => ({ path: sessionPath(release) }),
    answer: (call, system) => answerOf(call, system, record),
  }),
  described({
    method: 'GET',
    path: '/v2/sessions/:name/status',
    source,
    operation: (release) => ({ path: sessionPath(release) }),
    answer: (call, system) => answerOf(call, system, (session) => sessionStatus(session, system)),
  }),
  described({
    method: 'DELETE',
    ...one,
    operation: (release) => ({ path: sessionPath(release) }),
    answer: remove,
  }),
]

function kept(system: System): readonly BosSession[] {
  for (const [name, { ended }] of system.bos.sessions)
    if (ended !== null && system.now() - ended >= lifetime) system.bos.sessions.delete(name)
  return [...system.bos.sessions.values()]
}

function find(call: Call, system: System): BosSession | undefined {
  return kept(system).find((each) => each.name === call.params['name'])
}

function create(call: Call, system: System): Reply {
  const body = call.body as Partial<BosSession> & Pick<BosSession, 'operation' | 'template_name'>
  const wrong = wrongLimit(body.limit ?? '', system) ?? wrongTemplate(body, system)
  if (wrong !== null) return noSession(system.release, wrong)
  const name = body.name ?? randomUUID()
  if (kept(system).some((each) => each.name === name))
    return system.release === '1.7'
      ? refused(
          409,
          'The resource to be created already exists',
          `Session '${name}' already exists`,
        )
      : refused(409, 'Conflicting session name', `A session with the name ${name} already exists`)
  const session: BosSession = {
    name,
    operation: body.operation,
    template_name: body.template_name,
    limit: body.limit ?? '',
    stage: body.stage ?? false,
    include_disabled: body.include_disabled ?? false,
    at: system.now(),
    components: '',
    status: 'pending',
    ended: null,
    error: null,
  }
  system.bos.sessions.set(name, session)
  beginSession(system, session, system.bos.templates.get(body.template_name)!)
  return json(201, sorted(record(session)))
}

function wrongLimit(limit: string, { bos }: System): string | null {
  if (limit === '' && bos.options['session_limit_required'] === true)
    return 'session_limit_required option is set, but this session has no limit specified'
  const hasNids = limit.split(',').some((each) => /^[&!]*nid/.test(each))
  return hasNids && bos.options['reject_nids'] === true
    ? `reject_nids: session limit appears to contain NIDs: ${limit}`
    : null
}

function wrongTemplate(
  { template_name: name, operation }: Pick<BosSession, 'operation' | 'template_name'>,
  system: System,
): string | null {
  const template = system.bos.templates.get(name)
  if (!template) return `Session Template Name invalid: ${name}`
  const trouble = templateTrouble(template, operation, system)
  if (!trouble?.isError) return null
  return system.release === '1.7'
    ? `Session template fails check: ${trouble.message}`
    : trouble.message
}

function record(session: BosSession): unknown {
  const { name, operation, template_name, limit, stage, components, include_disabled } = session
  return {
    name,
    operation,
    template_name,
    limit,
    stage,
    components,
    include_disabled,
    tenant: null,
    status: {
      status: session.status,
      start_time: stamp(session.at),
      end_time: session.ended === null ? null : stamp(session.ended),
      error: session.error,
    },
  }
}

/** The sessions that the parameters choose. */
function chosen({ query }: Call, system: System): readonly BosSession[] {
  const age = (name: string): number | null => (query[name] ? ageIn(String(query[name])) : null)
  const [least, most] = [age('min_age'), age('max_age')]
  return kept(system).filter(
    (each) =>
      (query['status'] === undefined || each.status === query['status']) &&
      (least === null || system.now() - begun(each) >= least) &&
      (most === null || system.now() - begun(each) <= most),
  )
}

// BOS keeps whole seconds.
function begun(session: BosSession): number {
  return Math.floor(session.at / 1000) * 1000
}

function answerOf(call: Call, system: System, show: (session: BosSession) => unknown): Reply {
  const found = find(call, system)
  return found
    ? json(200, sorted(show(found)))
    : notFound(system.release, 'Session', call.params['name']!)
}

// Its nodes are no longer worked on.
function forget(system: System, session: BosSession): void {
  system.bos.sessions.delete(session.name)
  for (const component of system.bos.components.values()) {
    if (component.session !== session.name || !component.enabled) continue
    component.enabled = false
    component.phase = ''
  }
}

function remove(call: Call, system: System): Reply {
  const found = find(call, system)
  if (!found) return notFound(system.release, 'Session', call.params['name']!)
  forget(system, found)
  return doneEmpty
}

function removeSome(call: Call, system: System): Reply {
  for (const session of chosen(call, system)) forget(system, session)
  return doneEmpty
}

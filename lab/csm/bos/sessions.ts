import { randomUUID } from 'node:crypto'
import { beginSession } from './operators.ts'
import { bad, noResource, stamp } from './problem.ts'
import type { BosComponent, BosSession } from './records.ts'
import { templateTrouble } from './templates.ts'
import { mapOf, refused } from '../problems.ts'
import { empty, json, parsed, sorted, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'bos:src/bos/server/controllers/v2/sessions.py'
const namePattern = '^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,125}[a-zA-Z0-9])?$'
const lifetime = 7 * 86_400_000

/** BOS's sessions. */
export const sessionRoutes: readonly Route[] = [
  { method: 'GET', path: '/v2/sessions', source, answer: list },
  { method: 'POST', path: '/v2/sessions', source, answer: create },
  { method: 'DELETE', path: '/v2/sessions', source, answer: removeSome },
  { method: 'GET', path: '/v2/sessions/:name', source, answer: one },
  { method: 'GET', path: '/v2/sessions/:name/status', source, answer: status },
  { method: 'DELETE', path: '/v2/sessions/:name', source, answer: remove },
]

function kept(system: System): readonly BosSession[] {
  for (const [name, { ended }] of system.bos.sessions)
    if (ended !== null && system.now() - ended >= lifetime) system.bos.sessions.delete(name)
  return [...system.bos.sessions.values()]
}

function notFound(name: string): Reply {
  return noResource(`Session '${name}' does not exist`)
}

function create(asked: Asked, system: System): Reply {
  const body = mapOf(parsed(asked.body))
  if (!body) return bad('Error parsing the data provided: the body is not a JSON object')
  const wrong = shapeOf(body)
  if (wrong) return bad(wrong)
  const {
    operation,
    template_name,
    limit = '',
    stage = false,
    include_disabled = false,
  } = body as unknown as BosSession
  const name = typeof body['name'] === 'string' && body['name'] !== '' ? body['name'] : randomUUID()
  const template = system.bos.templates.get(template_name)
  if (!template) return bad(`Session Template Name invalid: ${template_name}`)
  if (system.bos.options['session_limit_required'] === true && !limit)
    return bad('session_limit_required option is set, but this session has no limit specified')
  const nids = limit
    .split(',')
    .map((each) => each.replace(/^[&!]/, ''))
    .filter((each) => /^(?:nid)?\d+$/.test(each))
  if (system.bos.options['reject_nids'] === true && nids.length > 0)
    return bad(`reject_nids: session limit appears to contain NIDs: ${limit}`)
  const trouble = operation === 'shutdown' ? null : templateTrouble(template, system)
  if (trouble) return bad(`Session template fails check: ${trouble}`)
  if (kept(system).some((each) => each.name === name))
    return refused(
      409,
      'The resource to be created already exists',
      `Session '${name}' already exists`,
    )
  const session: BosSession = {
    name,
    operation,
    template_name,
    limit,
    stage,
    include_disabled,
    at: system.now(),
    components: '',
    status: 'pending',
    ended: null,
    error: null,
  }
  system.bos.sessions.set(name, session)
  beginSession(system, session, template)
  return json(201, sorted(record(session, system)))
}

function shapeOf(body: Readonly<Record<string, unknown>>): string | null {
  const unknown = Object.keys(body).find(
    (key) =>
      !['name', 'operation', 'template_name', 'limit', 'stage', 'include_disabled'].includes(key),
  )
  if (unknown) return `Additional properties are not allowed ('${unknown}' was unexpected)`
  for (const field of ['operation', 'template_name'])
    if (typeof body[field] !== 'string') return `'${field}' is a required property`
  if (!['boot', 'reboot', 'shutdown'].includes(String(body['operation'])))
    return `'${String(body['operation'])}' is not one of ['boot', 'reboot', 'shutdown'] - 'operation'`
  if (body['limit'] !== undefined && typeof body['limit'] !== 'string')
    return `${JSON.stringify(body['limit'])} is not of type 'string' - 'limit'`
  for (const field of ['stage', 'include_disabled'])
    if (body[field] !== undefined && typeof body[field] !== 'boolean')
      return `${JSON.stringify(body[field])} is not of type 'boolean' - '${field}'`
  const name = body['name']
  return name === undefined ||
    (typeof name === 'string' && (name === '' || new RegExp(namePattern).test(name)))
    ? null
    : `'${String(name)}' does not match '${namePattern}' - 'name'`
}

function record(session: BosSession, system: System): unknown {
  const {
    name,
    operation,
    template_name,
    limit,
    stage,
    components,
    include_disabled,
    at,
    ended,
    error,
  } = session
  return {
    name,
    operation,
    template_name,
    limit,
    stage,
    components,
    include_disabled,
    tenant: system.release === '1.5' ? '' : null,
    status: {
      status: session.status,
      start_time: stamp(at),
      end_time: ended === null ? null : stamp(ended),
      error,
    },
  }
}

function list(asked: Asked, system: System): Reply {
  const wanted = asked.query.get('status')
  return json(
    200,
    sorted(
      kept(system)
        .filter((each) => wanted === null || each.status === wanted)
        .map((each) => record(each, system)),
    ),
  )
}

function one(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = kept(system).find((each) => each.name === name)
  return found ? json(200, sorted(record(found, system))) : notFound(name)
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

function remove(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const found = kept(system).find((each) => each.name === name)
  if (!found) return notFound(name)
  forget(system, found)
  return empty(204)
}

function removeSome(asked: Asked, system: System): Reply {
  const wanted = asked.query.get('status')
  for (const session of kept(system))
    if (wanted === null || session.status === wanted) forget(system, session)
  return empty(204)
}

function status(asked: Asked, system: System): Reply {
  const name = asked.params['name']!
  const session = kept(system).find((each) => each.name === name)
  if (!session) return notFound(name)
  const all = [...system.bos.components.values()]
  const managed = all.filter((each) => each.session === name)
  const staged = all.filter((each) => each.staged?.session === name)
  const percent = (
    fits: (component: BosComponent) => boolean,
    of: readonly BosComponent[] = managed,
  ): number => (of.length === 0 ? 0 : Math.round((1000 * of.filter(fits).length) / of.length) / 10)
  const errors: Record<string, { count: number; list: string }> = {}
  for (const { id, error } of managed) {
    if (error === '') continue
    const held = errors[error]
    errors[error] = held
      ? { count: held.count + 1, list: `${held.list},${id}` }
      : { count: 1, list: id }
  }
  return json(
    200,
    sorted({
      status: session.status,
      managed_components_count: managed.length + staged.length,
      phases: {
        percent_complete: percent((each) => !each.enabled),
        percent_configuring: percent((each) => each.enabled && each.phase === 'configuring'),
        percent_powering_on: percent((each) => each.enabled && each.phase === 'powering_on'),
        percent_powering_off: percent((each) => each.enabled && each.phase === 'powering_off'),
      },
      percent_successful: percent((each) => !each.enabled && each.status === 'stable'),
      percent_failed: percent((each) => each.status === 'failed'),
      percent_staged: staged.length === 0 ? 0 : percent(() => true, staged),
      error_summary: errors,
      timing: {
        start_time: stamp(session.at),
        end_time: session.ended === null ? null : stamp(session.ended),
        duration: durationText((session.ended ?? system.now()) - session.at),
      },
    }),
  )
}

function durationText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

import { hear } from './operators.ts'
import { noResource, stamp } from './problem.ts'
import type { Artifacts, BosComponent } from './records.ts'
import { normalized } from '../hsm/components.ts'
import { mapOf, numberIn, refused } from '../problems.ts'
import { json, parsed, sorted, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'bos:src/bos/server/controllers/v2/components.py'
const optionSource = 'bos:src/bos/server/controllers/v2/options.py'

/** The nodes as BOS knows them, read only, and its options. */
export const componentRoutes: readonly Route[] = [
  { method: 'GET', path: '/v2/components', source, answer: list },
  { method: 'GET', path: '/v2/components/:xname', source, answer: one },
  {
    method: 'GET',
    path: '/v2/options',
    source: optionSource,
    answer: (_asked, system) => json(200, sorted(system.bos.options)),
  },
  { method: 'PATCH', path: '/v2/options', source: optionSource, answer: setOptions },
]

function one(asked: Asked, system: System): Reply {
  hear(system, system.now())
  const found = system.bos.components.get(normalized(asked.params['xname']!))
  return found
    ? json(200, sorted(record(found)))
    : noResource(`Component '${asked.params['xname']}' does not exist`)
}

function list(asked: Asked, system: System): Reply {
  hear(system, system.now())
  const word = (name: string): string | null => asked.query.get(name)
  const ids = word('ids')?.split(',')
  const fitting = [...system.bos.components.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .filter(
      (each) =>
        (ids === undefined || ids.includes(each.id)) &&
        (word('session') === null || each.session === word('session')) &&
        (word('staged_session') === null ||
          (each.staged?.session ?? '') === word('staged_session')) &&
        (word('enabled') === null || String(each.enabled) === word('enabled')!.toLowerCase()) &&
        (word('phase') === null || each.phase === word('phase')) &&
        (word('status') === null || (each.override || each.status) === word('status')),
    )
  // Pages came with the newest releases; older ones give all.
  if (system.release !== '1.7') return json(200, sorted(fitting.map(record)))
  const size = numberIn(asked.query, 'page_size', 0)
  if (size === null)
    return refused(
      400,
      'Bad Request',
      `Wrong type, expected 'integer' for query parameter 'page_size'`,
    )
  const after = word('start_after_id')
  const rest = after ? fitting.filter((each) => each.id > after) : fitting
  return json(200, sorted((size === 0 ? rest : rest.slice(0, size)).map(record)))
}

function record(component: BosComponent): unknown {
  const {
    id,
    enabled,
    error,
    session,
    retry_policy,
    actual,
    desired,
    staged,
    last,
    attempts,
    phase,
    status,
    override,
  } = component
  const boot = (artifacts: Artifacts, at: number): object => ({
    boot_artifacts: artifacts,
    bss_token: '',
    last_updated: zoned(at),
  })
  return {
    id,
    enabled,
    error,
    session,
    retry_policy,
    actual_state: boot(actual.artifacts, actual.at),
    desired_state: { ...boot(desired.artifacts, desired.at), configuration: desired.configuration },
    staged_state: staged
      ? {
          boot_artifacts: staged.artifacts,
          configuration: staged.configuration,
          session: staged.session,
          last_updated: zoned(desired.at),
        }
      : { last_updated: zoned(desired.at) },
    last_action: { action: last.action, failed: last.failed, last_updated: zoned(last.at) },
    event_stats: {
      power_on_attempts: attempts.on,
      power_off_graceful_attempts: attempts.graceful,
      power_off_forceful_attempts: attempts.forceful,
    },
    status: { phase, status, status_override: override },
  }
}

function zoned(at: number): string {
  return `${stamp(at)}Z`
}

function setOptions(asked: Asked, system: System): Reply {
  const given = mapOf(parsed(asked.body))
  if (!given) return refused(400, 'Bad Request', 'Request body is not valid JSON')
  for (const [name, value] of Object.entries(given)) {
    const held = system.bos.options[name]
    if (held === undefined || typeof held !== typeof value)
      return refused(
        400,
        'Bad Request',
        `${JSON.stringify(value)} is not valid for the option '${name}'`,
      )
  }
  Object.assign(system.bos.options, given)
  return json(200, sorted(system.bos.options))
}

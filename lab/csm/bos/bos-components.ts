import { applyStaged, hear } from './operators.ts'
import { notFound, stamp } from './bos-problems.ts'
import { discovered, type Artifacts, type BosComponent } from './bos-records.ts'
import {
  component as componentFields,
  componentPath,
  componentQuery,
  stagedNodes,
} from './bos-schemas.ts'
import { described, doneEmpty, type Call } from '../connexion/described-routes.ts'
import { json, notPlayed, sorted, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { Release } from '../system-model.ts'

const source = 'bos:src/bos/server/controllers/v2/components.py'
const one = { path: '/v2/components/:xname', source }
const path = (release: Release): { path: ReturnType<typeof componentPath> } => ({
  path: componentPath(release),
})

/** The nodes as BOS knows them. Of what may be written, the lab plays whether BOS works on a node and how often it tries. */
export const componentRoutes: readonly Route[] = [
  described({
    method: 'GET',
    path: '/v2/components',
    source,
    operation: (release) => ({ query: componentQuery(release) }),
    answer: list,
  }),
  described({ method: 'GET', ...one, operation: path, answer: describe }),
  described({
    method: 'PUT',
    ...one,
    operation: (release) => ({ ...path(release), body: componentFields(release) }),
    answer: put,
  }),
  described({
    method: 'PATCH',
    ...one,
    operation: (release) => ({ ...path(release), body: componentFields(release) }),
    answer: patch,
  }),
  described({ method: 'DELETE', ...one, operation: path, answer: remove }),
  described({
    method: 'POST',
    path: '/v2/applystaged',
    source,
    operation: (release) => ({ body: stagedNodes(release) }),
    answer: apply,
  }),
]

function describe(call: Call, system: System): Reply {
  hear(system, system.now())
  // The name counts as it is spelled.
  const found = system.bos.components.get(call.params['xname']!)
  return found
    ? json(200, sorted(record(found)))
    : notFound(system.release, 'Component', call.params['xname']!)
}

function list({ query }: Call, system: System): Reply {
  hear(system, system.now())
  const isNewest = system.release === '1.7'
  const ids = query['ids'] === undefined ? null : String(query['ids']).split(',')
  // The newest version forgets to look at `enabled=false` where nothing else is asked for.
  const isIgnored =
    isNewest && !['session', 'staged_session', 'phase', 'status'].some((name) => query[name])
  const fits = (name: string, is: string | null): boolean =>
    isNewest ? !query[name] || query[name] === is : query[name] === undefined || query[name] === is
  const fitting = inOrder(system, isNewest ? null : ids).filter(
    (each) =>
      (ids === null || ids.includes(each.id)) &&
      (query['enabled'] === undefined ||
        (query['enabled'] === false && isIgnored) ||
        each.enabled === query['enabled']) &&
      fits('session', each.session) &&
      fits('staged_session', each.staged?.session ?? '') &&
      fits('phase', each.only?.includes('status') ? null : each.phase) &&
      (!query['status'] ||
        String(query['status'])
          .split(',')
          .includes(each.override || each.status)),
  )
  const after = query['start_after_id']
  const rest = after === undefined ? fitting : fitting.filter((each) => each.id > String(after))
  const size = Number(query['page_size'] ?? 0)
  return json(200, sorted((size === 0 ? rest : rest.slice(0, size)).map((each) => record(each))))
}

// Before the newest version the names that are asked for give the order.
function inOrder(system: System, ids: readonly string[] | null): readonly BosComponent[] {
  const { components } = system.bos
  return ids === null
    ? [...components.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    : ids.flatMap((id) => components.get(id) ?? [])
}

/** A component as BOS shows it; its status is worked out where it is read, and not where it was written. */
function record(component: BosComponent, isRead = true): unknown {
  const { id, enabled, error, session, retry_policy, actual, desired, staged, last } = component
  const { attempts, phase, status, override } = component
  const boot = (artifacts: Artifacts, at: number): object => ({
    boot_artifacts: artifacts,
    bss_token: '',
    last_updated: zoned(at),
  })
  const whole: Readonly<Record<string, unknown>> = {
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
    status: {
      // Who put a new component on hold gave it no phase.
      ...(component.only?.includes('status') ? {} : { phase }),
      ...(isRead ? { status: override || status } : {}),
      status_override: override,
    },
  }
  if (!component.only) return whole
  const only = ['id', ...component.only, ...(isRead ? ['status'] : [])]
  return Object.fromEntries(Object.entries(whole).filter(([key]) => only.includes(key)))
}

function zoned(at: number): string {
  return `${stamp(at)}Z`
}

function apply({ body }: Call, system: System): Reply {
  const { xnames = [] } = body as { readonly xnames?: readonly string[] }
  return json(200, sorted(applyStaged(system, xnames)))
}

type Settable = Partial<Pick<BosComponent, 'enabled' | 'retry_policy'>>

/** What of a body the lab plays, or its refusal. */
function settable(call: Call): Settable | Reply {
  const body = call.body as Readonly<Record<string, unknown>>
  const other = Object.keys(body).find((key) => !['id', 'enabled', 'retry_policy'].includes(key))
  if (other !== undefined) return notPlayed(`the field '${other}' of a component that is written`)
  const { enabled, retry_policy } = body as Settable
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(retry_policy === undefined ? {} : { retry_policy }),
  }
}

// A component that is written whole has no other fields than those that were given.
function put(call: Call, system: System): Reply {
  const id = call.params['xname']!
  const given = settable(call)
  if ('status' in given) return given
  const component: BosComponent = { ...discovered(id, system.now()), only: [] }
  write(component, given)
  system.bos.components.set(id, component)
  return json(200, sorted(record(component, false)))
}

function patch(call: Call, system: System): Reply {
  const id = call.params['xname']!
  const found = system.bos.components.get(id)
  if (!found) return notFound(system.release, 'Component', id)
  const given = settable(call)
  if ('status' in given) return given
  write(found, given)
  return json(200, sorted(record(found, false)))
}

function write(component: BosComponent, given: Settable): void {
  Object.assign(component, given)
  // BOS looks at a node first before it works on it.
  if (given.enabled) component.override = 'on_hold'
  if (component.only)
    component.only = [
      ...new Set([...component.only, ...Object.keys(given), ...(given.enabled ? ['status'] : [])]),
    ]
}

function remove(call: Call, system: System): Reply {
  const id = call.params['xname']!
  return system.bos.components.delete(id) ? doneEmpty : notFound(system.release, 'Component', id)
}

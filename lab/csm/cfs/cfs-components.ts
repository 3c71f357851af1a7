import {
  brokenInside,
  described,
  doneEmpty,
  type Call,
  type Operation,
} from '../connexion/described-routes.ts'
import { applied, stateAfter } from './component-state.ts'
import { heard, listed, spoken, tagsIn, type Face } from './faces.ts'
import { zulu, type CfsComponent } from './cfs-records.ts'
import { componentV2, componentV3, queries } from './cfs-schemas.ts'
import { mapOf, refused } from '../problems.ts'
import { json, type Reply, type Route } from '../service-route.ts'
import { struck } from '../service-faults.ts'
import type { System } from '../system.ts'
import type { Release } from '../system-model.ts'

const source = 'config-framework-service:src/server/cray/cfs/api/controllers/components.py'

type Fields = CfsComponent['record']

/** The live nodes as CFS knows them: BOS tells CFS what they should have. */
export function componentRoutes(face: Face): readonly Route[] {
  const isV3 = face === 'v3'
  const one = { path: `/${face}/components/:xname`, source }
  const body = (release: Release): Operation => ({
    body: isV3 ? componentV3(release) : componentV2(release),
  })
  return [
    described({
      method: 'GET',
      path: `/${face}/components`,
      source,
      operation: () => ({ query: isV3 ? queries.componentsV3 : queries.componentsV2 }),
      answer: (call, system) => list(face, call, system),
    }),
    described({
      method: 'GET',
      ...one,
      operation: () => ({ query: isV3 ? queries.componentV3 : queries.componentV2 }),
      answer: (call, system) => describe(face, call, system),
    }),
    described({
      method: 'PUT',
      ...one,
      operation: body,
      answer: (call, system) => put(face, call, system),
    }),
    described({
      method: 'PATCH',
      ...one,
      operation: body,
      answer: (call, system) => patch(face, call, system),
    }),
    described({ method: 'DELETE', ...one, operation: () => ({}), answer: remove }),
  ]
}

/** What BOS does for a node that it boots: the configuration is wanted, and applied a while later. */
export function configure(system: System, xname: string, configuration: string, at: number): void {
  const failed = struck(system, 'cfs-component') !== null
  const held = system.cfs.components.get(xname)?.record ?? {}
  system.cfs.components.set(xname, {
    record: {
      ...held,
      id: xname,
      desired_config: configuration,
      enabled: configuration !== '',
      error_count: 0,
      retry_policy: held['retry_policy'] ?? 3,
      state: [],
      tags: held['tags'] ?? {},
    },
    pending: configuration === '' ? null : { due: at + system.durations.cfsConfigure, failed },
  })
}

/** How far CFS is with a live node. */
export function configurationStatus(
  system: System,
  xname: string,
): 'unconfigured' | 'pending' | 'failed' | 'configured' {
  const found = current(system, xname)
  return found ? statusOf(found, system) : 'unconfigured'
}

/** A component as it is now: what was due has been applied. */
function current(system: System, xname: string): Fields | null {
  const component = system.cfs.components.get(xname)
  if (!component) return null
  const { pending, record } = component
  // What is off is configured when it is up again.
  const isUp = system.components.get(xname)?.machine.ready() !== false
  if (pending && isUp && system.now() >= pending.due) {
    const layers = system.cfs.configurations.get(String(record['desired_config']))?.layers ?? []
    component.record = applied(record, layers, pending)
    component.pending = null
  }
  return component.record
}

function statusOf(record: Fields, system: System): ReturnType<typeof configurationStatus> {
  const layers = system.cfs.configurations.get(String(record['desired_config']))?.layers
  const state = record['state'] as readonly Readonly<Record<string, unknown>>[]
  if (!layers) return state.length > 0 ? 'configured' : 'unconfigured'
  const retries = Number(record['retry_policy'] ?? 1)
  const isGivenUp = retries !== -1 && Number(record['error_count']) >= retries
  const ranks = layers.map((layer) =>
    rankOf(layer as Readonly<Record<string, unknown>>, state, isGivenUp),
  )
  const least = Math.min(3, ...ranks)
  return (['unconfigured', 'failed', 'pending', 'configured'] as const)[
    least === 2 && isGivenUp ? 1 : least
  ]!
}

/** 0 nothing to compare with, 1 failed, 2 pending, 3 configured. */
function rankOf(
  layer: Readonly<Record<string, unknown>>,
  state: readonly Readonly<Record<string, unknown>>[],
  isGivenUp: boolean,
): number {
  const playbook = layer['playbook'] || 'site.yml'
  if (!layer['commit'] || !layer['clone_url']) return 0
  const found = state.find(
    (each) =>
      each['clone_url'] === layer['clone_url'] &&
      each['playbook'] === playbook &&
      each['commit'] === layer['commit'],
  )
  if (!found) return 2
  if (found['status'] === 'failed') return isGivenUp ? 1 : 2
  return found['status'] === 'incomplete' ? 2 : 3
}

function notFound(xname: string): Reply {
  return refused(404, 'Component not found.', `Component ${xname} could not be found`)
}

// CFS counts on fields that the writer of the record may have left out.
function isWhole(record: Fields): boolean {
  return Array.isArray(record['state']) && record['error_count'] !== undefined
}

function shown(face: Face, record: Fields, call: Call, system: System): Fields {
  const { state, ...rest } = record
  const withDetails = call.query['config_details'] ?? call.query['configDetails']
  const layers = system.cfs.configurations.get(String(record['desired_config']))?.layers ?? []
  const whole = {
    ...rest,
    ...('desired_config' in record
      ? { configuration_status: statusOf(record, system) }
      : { configuration_status: 'config_deprecated' }),
    ...(withDetails === true ? { desired_state: desired(record, layers) } : {}),
  }
  // Version 2 does not tell the end of a wanted layer.
  if (face === 'v2')
    return {
      ...whole,
      ...(withDetails === true ? { desired_state: layers } : {}),
      state: stateInV2(state),
    }
  return {
    ...whole,
    ...(call.query['state_details'] === true ? { state } : {}),
    logs: `/hosts?name=${String(record['id'])}`,
  }
}

function desired(record: Fields, layers: readonly object[]): readonly object[] {
  const state = record['state'] as readonly Readonly<Record<string, unknown>>[]
  const retries = Number(record['retry_policy'] ?? 1)
  const isGivenUp = retries !== -1 && Number(record['error_count']) >= retries
  return layers.map((layer) => ({
    ...layer,
    status: ['unconfigured', 'failed', 'pending', 'configured'][
      rankOf(layer as Readonly<Record<string, unknown>>, state, isGivenUp)
    ],
  }))
}

// Version 2 has the end of a layer in its commit.
function stateInV2(state: unknown): unknown {
  return (state as readonly Readonly<Record<string, unknown>>[]).map((layer) => {
    const { status, ...rest } = layer
    return status === undefined || status === 'applied'
      ? rest
      : { ...rest, commit: `${String(layer['commit'])}_${String(status)}` }
  })
}

function list(face: Face, call: Call, system: System): Reply {
  const tags = tagsIn(call)
  if ('status' in tags) return tags
  const { query } = call
  const ids = String(query['ids'] ?? '')
  const config = query['config_name'] ?? query['configName']
  const records = [...system.cfs.components.keys()].map((xname) => current(system, xname)!)
  const chosen = records.filter(
    (each) =>
      (ids === '' || ids.split(',').includes(String(each['id']))) &&
      (query['enabled'] === undefined || each['enabled'] === query['enabled']) &&
      (!config || each['desired_config'] === config) &&
      tags.every(([key, value]) => mapOf(each['tags'])?.[key] === value),
  )
  if (chosen.some((each) => !isWhole(each))) return brokenInside
  const fitting = chosen.filter((each) => {
    const status = query['status']
    return !status || statusOf(each, system) === status
  })
  return listed(
    face,
    call,
    'components',
    ['ids', 'status', 'enabled', 'config_name', 'state_details', 'config_details', 'tags'],
    fitting.map((each) => ({
      id: String(each['id']),
      record: shown(face, each, call, system),
    })),
  )
}

function describe(face: Face, call: Call, system: System): Reply {
  const xname = call.params['xname']!
  const found = current(system, xname)
  if (!found) return notFound(xname)
  return isWhole(found) ? json(200, spoken(face, shown(face, found, call, system))) : brokenInside
}

function put(face: Face, call: Call, system: System): Reply {
  const xname = call.params['xname']!
  const body = heard(face, call)
  const record = withErrorCount({
    ...body,
    ...(face === 'v3' ? { id: xname } : {}),
    ...(body['state'] === undefined ? {} : { state: stateAfter(body, zulu(system.now())) }),
  })
  system.cfs.components.set(xname, { record, pending: due(record, xname, system) })
  return json(
    200,
    spoken(face, face === 'v2' ? { ...record, state: stateInV2(record['state']) } : record),
  )
}

// CFS applies what is wanted of an enabled node, and is done for one that has it.
function due(record: Fields, xname: string, system: System): CfsComponent['pending'] {
  const isMeant = record['enabled'] !== false && isWhole(record) && system.components.has(xname)
  return isMeant && statusOf(record, system) === 'pending'
    ? {
        due: system.now() + system.durations.cfsConfigure,
        failed: struck(system, 'cfs-component') !== null,
      }
    : null
}

function patch(face: Face, call: Call, system: System): Reply {
  const xname = call.params['xname']!
  const held = current(system, xname)
  if (!held) return notFound(xname)
  const merged = mergedInto(held, withErrorCount(heard(face, call)))
  const { state_append: _, ...rest } = merged
  const tags = Object.entries(mapOf(merged['tags']) ?? {}).filter(([, value]) => value !== '')
  const record = {
    ...rest,
    state: stateAfter(merged, zulu(system.now())),
    tags: Object.fromEntries(tags),
  }
  system.cfs.components.set(xname, { record, pending: due(record, xname, system) })
  return json(
    200,
    spoken(face, face === 'v2' ? { ...record, state: stateInV2(record.state) } : record),
  )
}

function remove(call: Call, system: System): Reply {
  const xname = call.params['xname']!
  return system.cfs.components.delete(xname) ? doneEmpty : notFound(xname)
}

// Who wants another state begins without errors.
function withErrorCount(record: Fields): Fields {
  const isReset =
    'desired_state' in record ||
    'desired_config' in record ||
    (Array.isArray(record['state']) && record['state'].length === 0)
  return !('error_count' in record) && isReset ? { ...record, error_count: 0 } : record
}

function mergedInto(held: Fields, given: Fields): Fields {
  const both: Record<string, unknown> = { ...held }
  for (const [key, value] of Object.entries(given)) {
    const after = mapOf(value)
    both[key] = after ? mergedInto(mapOf(held[key]) ?? {}, after) : value
  }
  return both
}

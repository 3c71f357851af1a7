import { mapOf, refused } from '../problems.ts'
import { json, sorted, type Reply } from '../service-route.ts'
import type { Call } from '../connexion/described-routes.ts'

/** The version of CFS's API that is spoken: one store, two faces. */
export type Face = 'v2' | 'v3'

/** How many records one answer has at most. */
export const pageSize = 1000

// The targets and the artifacts of a session are spelled alike in both versions.
const words: readonly (readonly [v3: string, v2: string])[] = [
  ['clone_url', 'cloneUrl'],
  ['last_updated', 'lastUpdated'],
  ['special_parameters', 'specialParameters'],
  ['ims_require_dkms', 'imsRequireDkms'],
  ['configuration_name', 'configurationName'],
  ['configuration_limit', 'configurationLimit'],
  ['ansible_limit', 'ansibleLimit'],
  ['ansible_config', 'ansibleConfig'],
  ['ansible_verbosity', 'ansibleVerbosity'],
  ['ansible_passthrough', 'ansiblePassthrough'],
  ['start_time', 'startTime'],
  ['completion_time', 'completionTime'],
  ['desired_config', 'desiredConfig'],
  ['desired_state', 'desiredState'],
  ['state_append', 'stateAppend'],
  ['session_name', 'sessionName'],
  ['configuration_status', 'configurationStatus'],
  ['error_count', 'errorCount'],
  ['retry_policy', 'retryPolicy'],
  ['default_ansible_config', 'defaultAnsibleConfig'],
  ['default_playbook', 'defaultPlaybook'],
  ['logging_level', 'loggingLevel'],
]
const toV2: ReadonlyMap<string, string> = new Map(words)
const toV3: ReadonlyMap<string, string> = new Map(words.map(([v3, v2]) => [v2, v3]))
// What version 2 does not have.
const onlyV3: ReadonlySet<string> = new Set([
  'debug_on_failure',
  'default_page_size',
  'ims_job',
  'include_ara_links',
  'logs',
  'source',
  'tenant_name',
])

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, names))
  const map = mapOf(value)
  // Tags are the user's own words.
  return map
    ? Object.fromEntries(
        Object.entries(map)
          .filter(([key]) => names === toV3 || !onlyV3.has(key))
          .map(([key, held]) => [
            names.get(key) ?? key,
            key === 'tags' ? held : renamed(held, names),
          ]),
      )
    : value
}

/** A record in the spelling of a version. */
export function spoken(face: Face, record: unknown): unknown {
  return sorted(face === 'v2' ? renamed(record, toV2) : record)
}

/** A request's body in the spelling of version 3. */
export function heard(face: Face, call: Call): Readonly<Record<string, unknown>> {
  return mapOf(face === 'v2' ? renamed(call.body, toV3) : call.body)!
}

/** A list: a plain array in version 2, which refuses what is too long; pages in version 3, whose next one repeats `parameters`. */
export function listed(
  face: Face,
  call: Call,
  field: string,
  parameters: readonly string[],
  records: readonly { readonly id: string; readonly record: unknown }[],
): Reply {
  const inOrder = [...records].sort((a, b) => (a.id < b.id ? -1 : 1))
  if (face === 'v2') {
    if (records.length > pageSize)
      return refused(
        400,
        'The response size is too large',
        'The response size exceeds the default_page_size.  Use the v3 API to page through the results.',
      )
    return json(
      200,
      inOrder.map(({ record }) => spoken(face, record)),
    )
  }
  const limit = Number(call.query['limit'] ?? pageSize)
  const after = String(call.query['after_id'] ?? '')
  const rest = inOrder.filter(({ id }) => after === '' || id > after)
  const page = rest.slice(0, limit)
  const repeated = Object.fromEntries(
    parameters.map((name) => [name, call.query[name] ?? emptyParameters[name] ?? null]),
  )
  const next = rest.length > page.length ? { ...repeated, limit, after_id: page.at(-1)!.id } : null
  return json(200, sorted({ [field]: page.map(({ record }) => spoken(face, record)), next }))
}

// What CFS takes for a parameter that is not given, where that is not null.
const emptyParameters: Readonly<Record<string, unknown>> = {
  ids: '',
  config_name: '',
  state_details: false,
  config_details: false,
}

/** The pairs that a parameter of tags says, or the refusal. */
export function tagsIn(call: Call): readonly (readonly [string, string])[] | Reply {
  const given = String(call.query['tags'] ?? '')
  const pairs = given === '' ? [] : given.split(',').map((pair) => pair.split('='))
  return pairs.some((pair) => pair.length !== 2)
    ? refused(400, 'Error parsing the tags provided.', '')
    : (pairs as unknown as readonly (readonly [string, string])[])
}

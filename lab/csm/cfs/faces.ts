import { json, parsed, sorted, type Asked, type Reply } from '../route.ts'
import { mapOf, numberIn, refused } from '../problems.ts'

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
  ['debug_on_failure', 'debugOnFailure'],
  ['start_time', 'startTime'],
  ['completion_time', 'completionTime'],
  ['desired_config', 'desiredConfig'],
  ['configuration_status', 'configurationStatus'],
  ['error_count', 'errorCount'],
  ['retry_policy', 'retryPolicy'],
  ['default_page_size', 'defaultPageSize'],
  ['session_ttl', 'sessionTTL'],
  ['default_ansible_config', 'defaultAnsibleConfig'],
  ['default_playbook', 'defaultPlaybook'],
  ['hardware_sync_interval', 'hardwareSyncInterval'],
  ['batcher_check_interval', 'batcherCheckInterval'],
  ['batch_size', 'batchSize'],
  ['batch_window', 'batchWindow'],
  ['default_batcher_retry_policy', 'defaultBatcherRetryPolicy'],
  ['additional_inventory_url', 'additionalInventoryUrl'],
  ['batcher_max_backoff', 'batcherMaxBackoff'],
]
const toV2: ReadonlyMap<string, string> = new Map(words)
const toV3: ReadonlyMap<string, string> = new Map(words.map(([v3, v2]) => [v2, v3]))

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, names))
  const map = mapOf(value)
  // Tags are the user's own words.
  return map
    ? Object.fromEntries(
        Object.entries(map).map(([key, held]) => [
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

/** A request's body in the spelling of version 3; null where it is no map. */
export function heard(face: Face, asked: Asked): Readonly<Record<string, unknown>> | null {
  const body = parsed(asked.body)
  return mapOf(face === 'v2' ? renamed(body, toV3) : body)
}

/** A list: a plain array in version 2, which refuses what is too long; pages in version 3. */
export function listed(
  face: Face,
  asked: Asked,
  field: string,
  records: readonly { readonly id: string; readonly record: unknown }[],
): Reply {
  if (face === 'v2') {
    if (records.length > pageSize)
      return refused(
        400,
        'The response size is too large',
        `The response size exceeds the default_page_size. Use the v3 API to page through the results.`,
      )
    return json(
      200,
      records.map(({ record }) => spoken(face, record)),
    )
  }
  const limit = numberIn(asked.query, 'limit', pageSize, 1)
  if (limit === null)
    return refused(400, 'Bad Request', `Wrong type, expected 'integer' for query parameter 'limit'`)
  const after = asked.query.get('after_id')
  const rest = after ? records.slice(records.findIndex(({ id }) => id === after) + 1) : records
  const page = rest.slice(0, limit)
  const next =
    rest.length > page.length
      ? { ...Object.fromEntries(asked.query), limit, after_id: page.at(-1)!.id }
      : null
  return json(200, { [field]: page.map(({ record }) => spoken(face, record)), next })
}

import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { valueAt } from '../service-answers.ts'
import type { Stage } from '../service-job.ts'
import { unclear } from '../unclear.ts'

/** How far a session is. `complete` alone is not a success; and for a moment after it the resulting images may not be listed yet. */
export function outcomeOf(
  status: string | null,
  succeeded: string | null,
  isResultMissing: boolean,
): Stage {
  if (succeeded === 'false') return 'failed'
  if (succeeded === 'unknown') return 'unknown'
  if (status === 'complete' && succeeded === 'true' && !isResultMissing) return 'succeeded'
  return status === 'pending' ? 'pending' : 'running'
}

/** The names of the images that a session makes. */
export function resultNames(
  target:
    { readonly image_map?: readonly { readonly result_name: string }[] | undefined } | undefined,
): readonly string[] {
  return (target?.image_map ?? []).map((image) => image.result_name)
}

/** The id of an image for every name, the youngest of several; undefined unless all are there. */
export function imagesNamed(
  json: Value | undefined,
  names: readonly string[],
): readonly string[] | undefined {
  const images = Array.isArray(json)
    ? json.filter(isMap)
    : unclear(
        'IMS answered with something that is not a list of images',
        'check the URL of the service `ims` in the inventory',
      )
  const ids = names.map(
    (name) =>
      images
        .filter((image) => image['name'] === name)
        .sort((a, b) => (String(a['created']) < String(b['created']) ? 1 : -1))[0]?.['id'],
  )
  return ids.every((id): id is string => typeof id === 'string') ? ids : undefined
}

/** The images that a session has made, as CFS lists them. */
export function artifactsOf(record: ValueMap): readonly Value[] {
  const artifacts = valueAt(record, 'status', 'artifacts')
  return Array.isArray(artifacts) ? artifacts : []
}

import type { ParamFault } from '../../contract/resource.ts'
import { isMap, type ValueMap } from '../../contract/value.ts'
import { valueAt } from '../service-answers.ts'

const ownTypes: Readonly<Record<string, string>> = {
  secret: 'k8s_secret',
  secrets: 'k8s_secret',
  configmap: 'k8s_config_map',
  configmaps: 'k8s_config_map',
  cm: 'k8s_config_map',
}

/** What is wrong with a kind, or null: secrets have types of their own. */
export function kindFault(kind: string): ParamFault | null {
  const instead = ownTypes[kind.toLowerCase()]
  return instead === undefined
    ? null
    : {
        message: `a ${kind} may hold secrets beside what is wanted`,
        hint: `use ${instead}, which reads and writes one key`,
      }
}

/** What is wrong with the fields that a task sets, or null. */
export function fieldsFault(fields: ValueMap = {}): ParamFault | null {
  const strange = Object.keys(fields).find((key) => ['apiVersion', 'kind', 'status'].includes(key))
  if (strange !== undefined)
    return {
      message: `${strange} is not a field that a task sets`,
      hint: 'kind and api_version are params of their own, and controllers write the status',
    }
  const { metadata } = fields
  const other = isMap(metadata)
    ? Object.keys(metadata).find((key) => key !== 'labels' && key !== 'annotations')
    : undefined
  return other === undefined
    ? null
    : {
        message: `metadata.${other} is not a field that a task sets`,
        hint: 'only `labels` and `annotations` of `metadata` can be set',
      }
}

/** The path of a field in kubectl's own language; of metadata that of each of its parts. */
export function pathOf(key: string, fields: ValueMap): string {
  const metadata = fields[key]
  return key === 'metadata' && isMap(metadata)
    ? Object.keys(metadata)
        .map((part) => `{.metadata.${part}}`)
        .join('{"\\n"}')
    : `{.${key}}`
}

/** What of an object a task could set. */
export function withoutStatus(object: ValueMap): ValueMap {
  const metadata = {
    labels: valueAt(object, 'metadata', 'labels') ?? {},
    annotations: valueAt(object, 'metadata', 'annotations') ?? {},
  }
  const own = Object.entries(object).filter(
    ([key]) => !['apiVersion', 'kind', 'status', 'metadata'].includes(key),
  )
  return { metadata, ...Object.fromEntries(own) }
}

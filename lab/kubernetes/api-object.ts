/** An object as the API of Kubernetes gives it. */
export interface ApiObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

/** What every object says of itself. */
export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
  readonly managedFields?: readonly ManagedFields[]
}

/** Which program set which fields last. */
export interface ManagedFields {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: unknown
}

/** A kind that the lab's API serves, and the names that kubectl takes for it. */
export interface ApiKind {
  readonly kind: string
  readonly apiVersion: string
  readonly plural: string
  readonly shorts: readonly string[]
  readonly isNamespaced: boolean
}

const kind = (
  name: string,
  apiVersion: string,
  plural: string,
  shorts: readonly string[] = [],
  isNamespaced = true,
): ApiKind => ({ kind: name, apiVersion, plural, shorts, isNamespaced })

/** The kinds of the lab's cluster. */
const apiKinds: readonly ApiKind[] = [
  kind('ConfigMap', 'v1', 'configmaps', ['cm']),
  kind('Secret', 'v1', 'secrets'),
  kind('Pod', 'v1', 'pods', ['po']),
  kind('Node', 'v1', 'nodes', ['no'], false),
  kind('Namespace', 'v1', 'namespaces', ['ns'], false),
  kind('Deployment', 'apps/v1', 'deployments', ['deploy']),
  kind('StatefulSet', 'apps/v1', 'statefulsets', ['sts']),
  kind('DaemonSet', 'apps/v1', 'daemonsets', ['ds']),
  kind('CronJob', 'batch/v1', 'cronjobs', ['cj']),
  kind('Job', 'batch/v1', 'jobs'),
]

/** The kind that a word of kubectl names (`deploy`, `cronjobs.batch`), in any case. */
export function kindNamed(word: string): ApiKind | undefined {
  const [name = '', group] = splitAt(word.toLowerCase(), '.')
  return apiKinds.find(
    (each) =>
      [each.kind.toLowerCase(), each.plural, ...each.shorts].includes(name) &&
      (group === undefined || group === groupOf(each)),
  )
}

/** `apps` of `apps/v1`; empty for the core. */
export function groupOf({ apiVersion }: Pick<ApiKind, 'apiVersion'>): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''
}

/** `deployment.apps/NAME`, as kubectl names what it changed. */
export function shortName(each: ApiKind, name: string): string {
  const group = groupOf(each)
  return `${each.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

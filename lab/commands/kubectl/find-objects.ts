import { groupOf, kindNamed, type ApiKind, type ApiObject } from '../../kubernetes/api-object.ts'
import { fail, type Call, type Output, type Parsed } from '../command.ts'

/** Which objects a command names: a kind, and one name or all that fit. */
export interface Target {
  readonly kind: ApiKind
  readonly name: string | undefined
  readonly namespace: string | null
}

/** Reads `KIND NAME`, `KIND/NAME` or `KIND` with the namespace of the options; what kubectl says where that is wrong. */
export function targetOf(operands: readonly string[], options: Parsed): Target | Output {
  const [first = '', second] = operands
  const [word, name] = first.includes('/')
    ? (first.split('/', 2) as [string, string])
    : [first, second]
  if (word === '')
    return fail(
      1,
      'error: You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n',
    )
  const kind = kindNamed(word)
  if (!kind) return fail(1, `error: the server doesn't have a resource type "${word}"\n`)
  const everywhere = options.has('A', 'all-namespaces')
  const namespace =
    !kind.isNamespaced || everywhere ? null : (options.value('n', 'namespace') ?? 'default')
  return { kind, name, namespace }
}

/** The object that a target names, or what kubectl says where it is not there. */
export function findOne(call: Call, { kind, name, namespace }: Target): ApiObject | Output {
  const found = call.machine.world.kubernetes
    .list(kind.kind)
    .find(
      ({ metadata }) =>
        metadata.name === name && (namespace === null || metadata.namespace === namespace),
    )
  if (found) return found
  const group = groupOf(kind)
  return fail(
    1,
    `Error from server (NotFound): ${kind.plural}${group === '' ? '' : `.${group}`} "${name}" not found\n`,
  )
}

/** The objects of a target without a name, as far as the selectors let them through. */
export function findAll(
  call: Call,
  { kind, namespace }: Target,
  options: Parsed,
): readonly ApiObject[] | Output {
  const labels = selectorOf(options.value('l', 'selector') ?? '')
  const fields = selectorOf(options.value('field-selector') ?? '')
  if (!labels || !fields)
    return fail(1, 'error: the rehearsal lab reads selectors of the form KEY=VALUE,KEY=VALUE\n')
  const strange = fields.find(([path]) => !knownFields.has(path))
  if (strange)
    return fail(
      1,
      `Error from server (BadRequest): Unable to find "${kind.plural}" that match label selector "", field selector "${strange.join('=')}": field label not supported: ${strange[0]}\n`,
    )
  return call.machine.world.kubernetes
    .list(kind.kind)
    .filter(
      (each) =>
        (namespace === null || each.metadata.namespace === namespace) &&
        labels.every(([key, value]) => each.metadata.labels?.[key] === value) &&
        fields.every(([path, value]) => fieldOf(each, path) === value),
    )
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** Whether what was found is an answer of kubectl in its place: it was not found. */
export function isOutput(found: object): found is Output {
  return 'exitCode' in found
}

const knownFields = new Set([
  'metadata.name',
  'metadata.namespace',
  'spec.nodeName',
  'status.phase',
])

function selectorOf(text: string): readonly (readonly [string, string])[] | null {
  if (text === '') return []
  const pairs = text.split(',').map((part) => /^([^=!\s]+)==?([^=\s]*)$/.exec(part))
  return pairs.every((pair) => pair !== null) ? pairs.map((pair) => [pair[1]!, pair[2]!]) : null
}

function fieldOf(each: ApiObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
      each,
    )
}

function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

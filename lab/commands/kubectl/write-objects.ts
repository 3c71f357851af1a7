import { parse as parseYaml } from 'yaml'
import { yamlTokens } from '../../../runner/text/yaml-tokens.ts'
import { kindNamed, shortName, type ApiObject } from '../../kubernetes/api-object.ts'
import { mergePatch } from '../../kubernetes/merge-patch.ts'
import { fail, ok, type Call, type Output, type Parsed } from '../command.ts'
import { findOne, isOutput, targetOf } from './find-objects.ts'

/** `kubectl patch KIND NAME --type merge -p PATCH`, or with `--patch-file`. */
export async function patchObject(
  call: Call,
  operands: readonly string[],
  options: Parsed,
): Promise<Output> {
  const target = targetOf(operands, options)
  if (isOutput(target)) return target
  const type = options.value('type') ?? 'strategic'
  if (type !== 'merge')
    return fail(1, 'error: the rehearsal lab takes patches of the type merge: --type merge\n')
  const text = options.value('p', 'patch') ?? (await fileText(call, options.value('patch-file')))
  if (text === undefined)
    return fail(
      1,
      'error: must specify --patch or --patch-file containing the contents of the patch\n',
    )
  const patch = parsed(text)
  if (patch === undefined)
    return fail(
      1,
      `error: unable to parse "${text}": yaml: line 1: did not find expected node content\n`,
    )
  const found = findOne(call, target)
  if (isOutput(found)) return found
  const asked = (patch as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion
  if (asked !== undefined && asked !== found.metadata.resourceVersion)
    return fail(
      1,
      `Error from server (Conflict): Operation cannot be fulfilled on ${target.kind.plural} "${found.metadata.name}": the object has been modified; please apply your changes to the latest version and try again\n`,
    )
  const merged = mergePatch(withStringData(found), patch) as ApiObject
  const name = shortName(target.kind, found.metadata.name)
  if (withoutVersion(merged) === withoutVersion(found)) return ok(`${name} patched (no change)\n`)
  call.machine.world.kubernetes.write(merged, managerOf(options, 'kubectl-patch'))
  return ok(`${name} patched\n`)
}

/** `kubectl create -f -` and `kubectl apply -f -`, with objects from a file or from standard input. */
export async function makeObjects(
  call: Call,
  verb: 'create' | 'apply',
  options: Parsed,
): Promise<Output> {
  const file = options.value('f', 'filename')
  const text = await fileText(call, file === '-' ? '/dev/stdin' : file)
  if (text === undefined) return fail(1, 'error: must specify one of -f and -k\n')
  const object = parsed(text) as ApiObject | undefined
  const kind = object?.kind === undefined ? undefined : kindNamed(object.kind)
  if (!object || !kind || object.apiVersion !== kind.apiVersion)
    return fail(
      1,
      `error: unable to recognize "STDIN": no matches for kind "${object?.kind ?? ''}" in version "${object?.apiVersion ?? ''}"\n`,
    )
  const namespace = kind.isNamespaced
    ? (object.metadata.namespace ?? options.value('n', 'namespace') ?? 'default')
    : null
  const { kubernetes } = call.machine.world
  const found = findOne(call, { kind, name: object.metadata.name, namespace })
  const name = shortName(kind, object.metadata.name)
  const placed: ApiObject = {
    ...object,
    metadata: { ...object.metadata, ...(namespace === null ? {} : { namespace }) },
  }
  if (isOutput(found)) {
    kubernetes.write(placed, managerOf(options, `kubectl-${verb}`))
    return ok(`${name} created\n`)
  }
  if (verb === 'create')
    return fail(
      1,
      `Error from server (AlreadyExists): error when creating "STDIN": ${kind.plural} "${object.metadata.name}" already exists\n`,
    )
  kubernetes.write(mergePatch(found, placed) as ApiObject, managerOf(options, 'kubectl'))
  return ok(`${name} configured\n`)
}

/** `kubectl delete KIND NAME`. */
export function deleteObject(call: Call, operands: readonly string[], options: Parsed): Output {
  const target = targetOf(operands, options)
  if (isOutput(target)) return target
  if (target.name === undefined)
    return fail(1, 'error: resource(s) were provided, but no name was specified\n')
  const found = findOne(call, target)
  if (isOutput(found)) return options.has('ignore-not-found') ? ok() : found
  call.machine.world.kubernetes.remove(found)
  const [word, name] = shortName(target.kind, found.metadata.name).split('/')
  return ok(`${word} "${name}" deleted\n`)
}

async function fileText(call: Call, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  if (path === '/dev/stdin') return (await call.stdin()).toString('utf8')
  return Buffer.from(call.files.read(call.path(path))).toString('utf8')
}

function parsed(text: string): unknown {
  // The composer uses the call stack: what nests too deeply would end the whole lab.
  if ('tooDeepAt' in yamlTokens(text)) return undefined
  try {
    const value: unknown = parseYaml(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function managerOf(options: Parsed, usual: string): string {
  return options.value('field-manager') ?? usual
}

/** A Secret takes plain texts beside its encoded ones. */
function withStringData(object: ApiObject): ApiObject {
  return object.kind === 'Secret' ? { ...object, stringData: {} } : object
}

function withoutVersion(object: ApiObject): string {
  const { metadata, stringData, ...rest } = object as ApiObject & { stringData?: object }
  const { resourceVersion: _, ...named } = metadata
  const plain = Object.keys(stringData ?? {}).length > 0 ? { stringData } : {}
  return JSON.stringify([
    Object.entries(named).sort(),
    Object.entries({ ...rest, ...plain }).sort(),
  ])
}

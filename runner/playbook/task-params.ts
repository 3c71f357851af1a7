import { templateTree } from './template-file.ts'
import { dirname, join } from 'node:path'
import type { Scope, TaskParams, Tree, Verb } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import type { Value } from '../contract/value.ts'
import type { Names } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import { isNothing, type Located, type LocatedMap } from '../source/located.ts'
import { presenceFaults } from '../schema/presence.ts'
import { readValue } from '../schema/read-value.ts'
import { unknownValue, writtenValue, type ReadContext } from '../schema/written.ts'
import { filesFrom, fromFolder, isHashed } from './local-files.ts'
import { constant, report, type Loading } from './load-context.ts'
import { afterComma, oneLine, otherParam, otherValue } from './ansible-params.ts'
import { writtenOf } from './written-params.ts'
import { treeOf } from './compiled-values.ts'
import { hasRules } from '../contract/param-rules.ts'
import { brokenRules, checkRendered, type RuledTask } from './broken-rules.ts'

/** What params are checked with: their type and verb, the names known here, and where the task stands. */
export interface ParamsContext {
  readonly type: AnyResourceType
  readonly verb: Verb
  readonly names: Names
  readonly file: string
  readonly handler: boolean
  /** The items of the task's loop, where they are written out. */
  readonly items: readonly Value[] | null
}

/** The params of a task, checked as far as they are written; what is computed is checked again when it is rendered. */
export async function paramsOf(
  loading: Loading,
  located: Located,
  context: ParamsContext,
): Promise<TaskParams> {
  const { type } = context
  const written = mapOf(loading, located, context)
  const { fields, places, values } = await readFields(loading, written, context)
  const defaults = defaultsOf(context, located.at, fields)
  const task: RuledTask = { type, verb: context.verb, at: located.at, places, defaults }
  if (written) for (const broken of brokenRules(task, values)) report(loading, broken)
  const isOpen = Object.keys(fields).some((name) => !isKnownValue(values, name))
  return {
    fields,
    defaults,
    ...(isOpen && hasRules(type) ? { check: (params) => checkRendered(task, params) } : {}),
    broken: (known) => brokenRules(task, new Map([...values, ...known])),
    accept(field, value, at) {
      const schema = schemaOf(type, field)
      if (schema) return acceptValue(schema, field, value, at, context)
      throw new DiagnosticError({
        code: 'param/unknown',
        message: `${type.name} has no param '${field}'`,
        at,
        hint: didYouMean(field, Object.keys(type.params.properties)),
      })
    },
  }
}

/** The params that a task writes: their trees, where each stands, and the values that are known. */
interface WrittenFields {
  readonly fields: Record<string, Tree>
  readonly places: Map<string, Place>
  readonly values: Map<string, unknown>
}

async function readFields(
  loading: Loading,
  written: LocatedMap | null,
  context: ParamsContext,
): Promise<WrittenFields> {
  const { type } = context
  const read: WrittenFields = { fields: {}, places: new Map(), values: new Map() }
  const meant = new Set<string>()
  for (const [name, entry] of written?.entries ?? []) {
    const schema = schemaOf(type, name)
    if (!schema) {
      const other = otherParam(type.name, name, Object.keys(type.params.properties))
      if (other.meant !== null) meant.add(other.meant)
      report(loading, {
        code: 'param/unknown',
        message: `${type.name} has no param '${name}'`,
        at: entry.keyAt,
        hint: afterComma(entry) ?? other.hint,
        ...(other.fix && !written!.entries.has(other.meant!) ? { fix: other.fix } : {}),
      })
      continue
    }
    read.places.set(name, entry.value.at)
    read.fields[name] = await fieldTree(loading, schema, name, entry.value, dirname(context.file), {
      ...context,
      made: (value) => read.values.set(name, value),
    })
  }
  if (written) checkPresence(loading, written, meant, context)
  return read
}

function schemaOf({ params }: AnyResourceType, name: string): ParamSchema | undefined {
  return Object.hasOwn(params.properties, name) ? params.properties[name] : undefined
}

/** The defaults of the params that a task does not write, in canonical form. */
function defaultsOf(
  { type, file }: ParamsContext,
  at: Place,
  fields: Readonly<Record<string, Tree>>,
): Record<string, unknown> {
  const files = filesFrom(dirname(file))
  const defaults: Record<string, unknown> = {}
  const wrong: Diagnostic[] = []
  for (const [name, schema] of Object.entries(type.params.properties)) {
    if (schema.default === undefined || name in fields) continue
    defaults[name] =
      schema.default === null
        ? null
        : readValue(schema, writtenValue(schema.default, at, files), {
            name: `${type.name}.${name}`,
            files,
            report: (fault) => wrong.push(fault),
          })
  }
  if (wrong.length === 0) return defaults
  throw new Error(
    `the type ${type.name} has a default that breaks its own schema: ${wrong.map(({ message }) => message).join('; ')}`,
  )
}

function isKnownValue(values: ReadonlyMap<string, unknown>, name: string): boolean {
  return values.has(name) && values.get(name) !== unknownValue
}

function acceptValue(
  schema: ParamSchema,
  field: string,
  value: Value,
  at: Place,
  { type, handler, file }: ParamsContext,
): unknown {
  const found: Diagnostic[] = []
  const files = filesFrom(dirname(file))
  const made = readValue(schema, writtenValue(value, at, files), {
    name: `${type.name}.${field}`,
    files,
    otherValue,
    rendered: true,
    report: (d) => found.push(d),
  })
  const event = eventFault(type, field, made, at, handler)
  if (event) found.push(event)
  if (found.length > 0) throw new DiagnosticError(found)
  return made
}

function mapOf(loading: Loading, located: Located, { type }: ParamsContext): LocatedMap | null {
  if (located.kind === 'map') return located
  const params = Object.keys(type.params.properties)
  const first = type.params.required?.[0] ?? params[0] ?? 'name'
  const message = isNothing(located)
    ? `${type.name} has no params`
    : `${type.name} wants a map of its params`
  const pairs = located.kind === 'scalar' && !params.includes('cmd') ? oneLine(located.text) : null
  const one =
    located.kind === 'list' && located.items.length === 1 && located.items[0]!.kind === 'map'
  const inner =
    pairs ?? `${first}: ${located.kind === 'scalar' && located.text !== '' ? located.text : '…'}`
  report(loading, {
    code: 'param/not-a-map',
    message,
    at: located.at,
    hint: one ? 'remove the dash: the params are a map' : `write ${type.name}: { ${inner} }`,
  })
  return null
}

async function fieldTree(
  loading: Loading,
  schema: ParamSchema,
  name: string,
  value: Located,
  folder: string,
  context: ParamsContext & { readonly made: (value: unknown) => void },
): Promise<Tree> {
  if (schema.format === 'template' && value.kind === 'scalar' && typeof value.value === 'string')
    return templateTree(loading, value, folder, context.names, context.items)
  const tree =
    schema.format === 'host-folder'
      ? hostFolder(loading, treeOf(loading, value, context.names), name, folder, context)
      : treeOf(loading, value, context.names)
  const before = loading.diagnostics.length
  const reading: ReadContext = {
    name: `${context.type.name}.${name}`,
    files: filesFrom(folder),
    otherValue,
    report: (diagnostic) => report(loading, diagnostic),
  }
  const made = readValue(schema, writtenOf(value, tree, context.names), reading)
  if (loading.diagnostics.length > before || made === unknownValue) return tree
  context.made(made)
  const event = eventFault(context.type, name, made, value.at, context.handler)
  if (event) report(loading, event)
  // A local file is hashed once, now: what is sent later must be what was checked.
  return isHashed(made) ? constant(made as unknown as Value, value.at) : tree
}

/** The host's own folder in a local one: `logs` becomes `/playbooks/logs/x3000c0s19b1n0`. No host has a say in it. */
function hostFolder(
  loading: Loading,
  tree: Tree,
  param: string,
  folder: string,
  { type, names }: ParamsContext,
): Tree {
  if (tree.kind !== 'constant' && tree.kind !== 'computed') return tree
  const inner = tree.kind === 'computed' ? tree.computed : null
  const strange = inner?.paths.find(
    ([root]) => !names.given?.has(root!) && !(names.open && !names.known.has(root!)),
  )
  if (strange)
    report(loading, {
      code: 'param/local-folder',
      message: `${type.name}.${param} is a folder of this machine, and '${strange.join('.')}' may be what a host answered`,
      at: tree.at,
      hint: 'write the folder, or name an input, a var of the inventory or host.name',
    })
  const evaluate = (scope: Scope): Value => {
    const written = inner ? inner.evaluate(scope) : tree.kind === 'constant' ? tree.value : null
    if (typeof written !== 'string' || written === '') return written
    return join(fromFolder(folder, written), (scope['host'] as { readonly name: string }).name)
  }
  return {
    kind: 'computed',
    at: tree.at,
    computed: {
      text: inner?.text ?? String(tree.kind === 'constant' ? tree.value : ''),
      at: tree.at,
      paths: [...(inner?.paths ?? []), ['host', 'name']],
      evaluate,
    },
  }
}

function eventFault(
  type: AnyResourceType,
  field: string,
  value: unknown,
  at: Place,
  handler: boolean,
): Diagnostic | null {
  if (handler || field !== 'state' || !type.events?.includes(value as string)) return null
  return {
    code: 'task/event',
    message: `'${String(value)}' is an event, not a state: it would never be true`,
    at,
    hint: 'write `run:` with `unless:`, `creates:` or a `when:` on a register; or move it under handlers:, and notify it',
  }
}

function checkPresence(
  loading: Loading,
  written: LocatedMap,
  meant: ReadonlySet<string>,
  { type, verb }: ParamsContext,
): void {
  const presence = {
    name: type.name,
    given: new Set(written.entries.keys()),
    // What stands there under another name is one mistake, not two.
    meant,
    onlyIdentity: verb === 'read',
  }
  for (const { param, ...fault } of presenceFaults(type.params, presence))
    report(loading, { ...fault, at: (param && written.entries.get(param)?.keyAt) || written.at })
}

import type { Code } from '../model/codes.ts'
import type { Computed } from '../model/playbook.ts'
import type { Place } from '../model/diagnostic.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { isMap, same, type Value } from '../contract/value.ts'
import { printedFormat } from '../text/formats.ts'
import { anyShape, type Shape } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { isNothing, plain, type LocatedEntry, type LocatedMap } from '../source/located.ts'
import { readValue } from '../schema/read-value.ts'
import { writtenLocated } from '../schema/written-located.ts'
import { noFiles, unknownValue, writtenValue, type Written } from '../schema/written.ts'
import { report, type Loading } from './load-context.ts'
import { readDeclaration, type Declaration } from './declared-inputs.ts'
import { readMap } from './typed-entries.ts'
import { nameFault } from './visible-names.ts'

/** The inputs of a playbook: their values, and what is known of them. */
export interface ResolvedInputs {
  readonly values: Readonly<Record<string, Value>>
  readonly shapes: ReadonlyMap<string, Shape>
  /** What the playbook declares, in its order. */
  readonly declared: readonly DeclaredInput[]
}

/** An input as a playbook declares it. */
export interface DeclaredInput {
  readonly name: string
  readonly schema: ParamSchema
  readonly secret: boolean
  /** It has no default, and must be given. */
  readonly required: boolean
  /** As written; left out for a secret. */
  readonly fallback: Value | undefined
}

/** Resolves the inputs of a playbook from its declarations and from what was given, as text or as values. */
export function resolveInputs(
  loading: Loading,
  entry: LocatedEntry | undefined,
  given: Readonly<Record<string, Value>>,
  at: Place,
): ResolvedInputs {
  const values = Object.create(null) as Record<string, Value>
  const shapes = new Map<string, Shape>()
  const described: DeclaredInput[] = []
  const declared: LocatedMap | undefined =
    entry && isNothing(entry.value) ? undefined : readMap(loading, entry)
  for (const [name, each] of declared?.entries ?? []) {
    const fault = nameFault(name)
    if (fault)
      report(loading, {
        code: 'playbook/name',
        message: fault.message,
        at: each.keyAt,
        hint: fault.hint,
      })
    const declaration = readDeclaration(loading, each)
    shapes.set(name, anyShape)
    if (!declaration) continue
    const fallback = declaration.fallback ? plain(declaration.fallback.value) : undefined
    described.push({
      name,
      schema: declaration.schema,
      secret: declaration.secret,
      required: !declaration.optional && declaration.fallback === undefined,
      fallback,
    })
    const value = resolve(
      loading,
      name,
      declaration,
      Object.hasOwn(given, name) ? given[name]! : undefined,
      each.keyAt,
    )
    if (value === undefined) continue
    values[name] = value
    shapes.set(name, shapeOfInput(declaration, value))
  }
  for (const [name, value] of Object.entries(given)) {
    if (shapes.has(name)) continue
    // What the inventory calls a var may be given for one run.
    if (loading.knownVars === null || loading.knownVars.has(name)) {
      values[name] = value
      shapes.set(name, anyShape)
    } else
      report(loading, {
        code: 'input/unknown',
        message: `this playbook has no input '${name}'`,
        at,
        hint: didYouMean(name, shapes.keys()),
      })
  }
  return { values, shapes, declared: described }
}

/** Whether a computed value reads an input that has no value: that was said of the input already. */
export function waitsForInput(computed: Computed, inputs: ResolvedInputs): boolean {
  return computed.paths.some(
    ([name]) => inputs.shapes.has(name!) && !Object.hasOwn(inputs.values, name!),
  )
}

function resolve(
  loading: Loading,
  name: string,
  declared: Declaration,
  given: Value | undefined,
  at: Place,
): Value | undefined {
  const { schema, fallback } = declared
  const mayBeNull = declared.optional || (fallback !== undefined && isNothing(fallback.value))
  // Null again is what a resumed run or a saved plan gives for what was left out.
  if (given === null && mayBeNull) return null
  if (given !== undefined)
    return settle(loading, name, declared, ...givenValue(schema.type, given, at), 'input/value')
  if (fallback) {
    const value = fallback.value
    if (isNothing(value)) return null
    if (
      value.kind === 'scalar' &&
      value.tag !== '!raw' &&
      (value.tag === '!expr' || value.text.includes('{{'))
    ) {
      report(loading, {
        code: 'input/default',
        message: `the default of ${name} is a template: an input is known before anything is computed`,
        at: value.at,
        hint: 'write a plain value here, and compute under `vars:` of the play',
      })
      return undefined
    }
    // As written: `default: 1.10` of a string is a mistake to be named, not a 1.1.
    return settle(loading, name, declared, plain(value), writtenLocated(value), 'input/default')
  }
  if (declared.optional) return null
  if (!loading.asksInput(name)) return undefined
  report(loading, {
    code: 'input/missing',
    message: `the input ${name} is not given${schema.description ? `: ${schema.description}` : ''}`,
    at,
    hint: `give it: -e ${name}=…`,
  })
  return undefined
}

function settle(
  loading: Loading,
  name: string,
  { schema, secret }: Declaration,
  value: Value,
  written: Written,
  code: Code,
): Value | undefined {
  const { at } = written
  if (value === null && schema.type !== 'any') {
    report(loading, {
      code,
      message: `the input ${name} is empty`,
      at,
      hint: `give it: -e ${name}=…`,
    })
    return undefined
  }
  if (value instanceof Secret) return value
  const made = readValue(schema, written, {
    name,
    files: noFiles,
    report: (diagnostic) =>
      report(loading, { ...diagnostic, code, message: `the input ${diagnostic.message}` }),
  })
  if (made === unknownValue) return undefined
  // A size and a duration stay as they are written: they stand in texts, and in params of the same format.
  const kept = printedFormat(schema.format) ? value : (made as Value)
  return secret && typeof kept === 'string' ? new Secret(name, kept) : kept
}

function givenValue(type: ParamSchema['type'], given: Value, at: Place): [Value, Written] {
  const value = coerce(type, given)
  return [value, writtenValue(value, at, noFiles)]
}

/** What arrives from the command line is text; it becomes what the declaration says, or stays text and is refused. */
function coerce(type: ParamSchema['type'], given: Value): Value {
  if (typeof given !== 'string') return given
  switch (type) {
    case 'integer':
      return /^-?\d+$/.test(given.trim()) ? Number(given) : given
    case 'number':
      return /^-?\d+(?:\.\d+)?$/.test(given.trim()) ? Number(given) : given
    case 'boolean':
      return given === 'true' ? true : given === 'false' ? false : given
    case 'array':
    case 'object': {
      const { value, diagnostics } = parseYaml('-e', given)
      const parsed = value && diagnostics.length === 0 ? plain(value) : null
      return Array.isArray(parsed) || isMap(parsed) ? parsed : given
    }
    default:
      return given
  }
}

function shapeOfInput({ schema, secret }: Declaration, value: Value): Shape {
  if (value === null || secret || same(value, null)) return anyShape
  if (schema.type === 'string' && typeof value !== 'string') return anyShape
  if (schema.type === 'array') return { kind: 'list', items: anyShape }
  return schema.type === 'object' || schema.type === 'any'
    ? anyShape
    : { kind: 'value', type: schema.type }
}

import type { Code } from '../model/codes.ts'
import { patternFault } from '../text/pattern.ts'
import type { Computed } from '../model/playbook.ts'
import { withoutLine, type Place } from '../model/diagnostic.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { isMap, kindOf, same, type Value } from '../contract/value.ts'
import { anyShape, type Shape } from '../source/known-names.ts'
import { didYouMean } from '../source/suggest.ts'
import { parseYaml } from '../source/located-yaml.ts'
import { isNothing, plain, type LocatedEntry, type LocatedMap } from '../source/located.ts'
import { readValue } from '../schema/read-value.ts'
import { noFiles, unknownValue, writtenValue } from '../schema/written.ts'
import { report, type Loading } from './load-context.ts'
import { afterComma } from './other-words.ts'
import { readFlag, readMap, readText } from './typed-entries.ts'
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

/** The types of inputs, and what each is for JSON Schema. */
const inputTypes: Readonly<Record<string, ParamSchema['type']>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  list: 'array',
  map: 'object',
  any: 'any',
}
/** The keys of an input's declaration. */
export const inputKeys: Readonly<
  Record<string, { readonly description: string; readonly schema: object }>
> = {
  type: { description: 'What it is.', schema: { enum: Object.keys(inputTypes) } },
  description: { description: 'What it is for.', schema: { type: 'string' } },
  default: {
    description: 'Its value when none is given. Without one it must be given.',
    schema: {},
  },
  required: { description: '`false`: null when it is not given.', schema: { type: 'boolean' } },
  enum: { description: 'The values that it may have.', schema: { type: 'array' } },
  pattern: {
    description: 'A regular expression that its text must match.',
    schema: { type: 'string' },
  },
  minimum: { description: 'Its least value.', schema: { type: 'number' } },
  maximum: { description: 'Its greatest value.', schema: { type: 'number' } },
  secret: { description: 'It is never shown.', schema: { type: 'boolean' } },
}

interface Declared {
  readonly schema: ParamSchema
  readonly secret: boolean
  readonly optional: boolean
  readonly fallback: LocatedEntry | undefined
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
    const declaration = declare(loading, each)
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

function declare(loading: Loading, entry: LocatedEntry): Declared | null {
  if (entry.value.kind !== 'map') {
    const text = entry.value.kind === 'scalar' ? entry.value.text : '…'
    report(loading, {
      code: 'playbook/value',
      message: `the input ${entry.key} wants a map`,
      at: entry.value.kind === 'scalar' && text === '' ? entry.keyAt : entry.value.at,
      hint: `write ${entry.key}: { type: string, default: ${text || '…'}, description: … }`,
    })
    return null
  }
  const { entries } = entry.value
  for (const [key, each] of entries) {
    if (!Object.hasOwn(inputKeys, key))
      report(loading, {
        code: 'playbook/unknown-key',
        message: `unknown key '${key}' of an input`,
        at: each.keyAt,
        hint: afterComma(each) ?? didYouMean(key, Object.keys(inputKeys)),
      })
  }
  const written = readText(loading, entries.get('type')) ?? 'string'
  const type = Object.hasOwn(inputTypes, written) ? inputTypes[written] : undefined
  if (!type) {
    report(loading, {
      code: 'playbook/value',
      message: `'${written}' is not a type of input`,
      at: entries.get('type')!.value.at,
      hint: didYouMean(written, Object.keys(inputTypes)),
    })
    return null
  }
  const number = (key: string): number | undefined => {
    const value = entries.get(key)?.value
    return value?.kind === 'scalar' && typeof value.value === 'number' ? value.value : undefined
  }
  const choices = entries.get('enum')
  const pattern = readText(loading, entries.get('pattern'))
  const [minimum, maximum] = [number('minimum'), number('maximum')]
  const schema: ParamSchema = {
    type,
    description: readText(loading, entries.get('description')) ?? '',
    ...(choices?.value.kind === 'list'
      ? {
          enum: choices.value.items.map((item) =>
            type === 'string' && item.kind === 'scalar'
              ? item.text
              : (plain(item) as string | number),
          ),
        }
      : {}),
    ...(pattern !== undefined && isPattern(loading, pattern, entries.get('pattern')!.value.at)
      ? { pattern }
      : {}),
    ...(minimum !== undefined ? { minimum } : {}),
    ...(maximum !== undefined ? { maximum } : {}),
  }
  const fallback = entries.get('default')
  const secret = readFlag(loading, entries.get('secret')) ?? false
  // Only a text can be kept from being shown: a number, a list or a map would travel as it is.
  if (secret && type !== 'string') {
    report(loading, {
      code: 'playbook/value',
      message: `a secret input is a text, not ${written}`,
      at: entries.get('type')!.value.at,
      hint: 'write `type: string`',
    })
    return null
  }
  // A playbook is read by many, and a saved plan keeps its text.
  if (secret && fallback && !isNothing(fallback.value)) {
    report(loading, {
      code: 'input/default',
      message: `the default of the secret input ${entry.key} is written here for everybody who can read this playbook`,
      at: withoutLine(fallback.value.at),
      hint: 'remove `default`, and write `required: false` when it may be left out; the user who runs the playbook gives it',
    })
    return null
  }
  return {
    schema,
    secret,
    optional: readFlag(loading, entries.get('required')) === false,
    fallback,
  }
}

function isPattern(loading: Loading, pattern: string, at: Place): boolean {
  const fault = patternFault(pattern)
  if (fault)
    report(loading, {
      code: 'playbook/value',
      message: `this is not a regular expression: ${fault.message}`,
      at,
      hint: fault.hint,
    })
  return fault === null
}

function resolve(
  loading: Loading,
  name: string,
  declared: Declared,
  given: Value | undefined,
  at: Place,
): Value | undefined {
  const { schema, fallback } = declared
  const mayBeNull = declared.optional || (fallback !== undefined && isNothing(fallback.value))
  // Null again is what a resumed run or a saved plan gives for what was left out.
  if (given === null && mayBeNull) return null
  if (given !== undefined)
    return settle(loading, name, declared, coerce(schema.type, given), at, 'input/value')
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
    if (value.kind === 'scalar' && schema.type === 'string' && typeof value.value !== 'string') {
      report(loading, {
        code: 'input/default',
        message: `the default of ${name} is ${kindOf(value.value)}, not a text`,
        at: value.at,
        hint: `quote it: "${value.text}"`,
      })
      return undefined
    }
    return settle(loading, name, declared, plain(value), value.at, 'input/default')
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
  { schema, secret }: Declared,
  value: Value,
  at: Place,
  code: Code,
): Value | undefined {
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
  const made = readValue(schema, writtenValue(value, at, noFiles), {
    name,
    files: noFiles,
    report: (diagnostic) =>
      report(loading, { ...diagnostic, code, message: `the input ${diagnostic.message}` }),
  })
  if (made === unknownValue) return undefined
  return secret && typeof made === 'string' ? new Secret(name, made) : (made as Value)
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

function shapeOfInput({ schema, secret }: Declared, value: Value): Shape {
  if (value === null || secret || same(value, null)) return anyShape
  if (schema.type === 'array') return { kind: 'list', items: anyShape }
  return schema.type === 'object' || schema.type === 'any'
    ? anyShape
    : { kind: 'value', type: schema.type }
}

import { mapOf } from '../problems.ts'
import { NumberLiteral, readJson, withNumbersAs } from '../json-reader.ts'

/** A type of Go that a body is read into. */
export type GoType =
  | { readonly kind: 'string' | 'int' | 'int32' | 'bool' | 'any' }
  | { readonly kind: 'map'; readonly name: string }
  | { readonly kind: 'list'; readonly of: GoType }
  | GoStruct

/** A structure: its fields by their names in JSON, which are compared without regard to case. */
export interface GoStruct {
  readonly kind: 'struct'
  /** Its package and name. */
  readonly name: string
  /** How Go names the structure of its fields, where that is one within it. */
  readonly within?: string
  readonly fields: Readonly<Record<string, GoType>>
}

/** The type of a text. */
export const goString: GoType = { kind: 'string' }
/** The type of a whole number. */
export const goInt: GoType = { kind: 'int' }
/** The type of a whole number of 32 bits. */
export const goInt32: GoType = { kind: 'int32' }
/** The type of a truth. */
export const goBool: GoType = { kind: 'bool' }
/** A list of texts, as most filters are. */
export const goStrings: GoType = { kind: 'list', of: goString }

/** A structure with these fields. */
export function goStruct(name: string, fields: GoStruct['fields'], within?: string): GoStruct {
  return { kind: 'struct', name, fields, ...(within === undefined ? {} : { within }) }
}

/** A map of anything, by the name of its type. */
export function goMap(name: string): GoType {
  return { kind: 'map', name }
}

/** A body read as Go reads it, or what Go says is wrong: fields that the structure does not have are passed over. */
export function unmarshal(
  text: string,
  type: GoStruct,
):
  | { readonly value: Readonly<Record<string, any>>; readonly error: null }
  | { readonly error: string } {
  const given = readJson(text)
  if (given.error !== null) return given
  const errors: string[] = []
  const value = read(given.value, type, { struct: null, path: [] }, errors)
  return errors.length > 0
    ? { error: errors[0]! }
    : { value: (mapOf(value) ?? {}) as Readonly<Record<string, any>>, error: null }
}

interface Place {
  /** The structure that the field is in; null: the body itself. */
  readonly struct: string | null
  readonly path: readonly string[]
}

// The first error is reported, and reading goes on.
function read(value: unknown, type: GoType, at: Place, errors: string[]): unknown {
  if (value === null) return undefined
  if (type.kind === 'any') return plainValue(value)
  if (type.kind === 'list') {
    // Null leaves a value of a list as Go makes it.
    if (Array.isArray(value))
      return value.map((each) =>
        each === null ? zeroOf(type.of) : read(each, type.of, at, errors),
      )
    return mismatch(value, type, at, errors)
  }
  if (type.kind === 'struct') {
    const map = mapOf(value)
    return map ? fieldsOf(map, type, at, errors) : mismatch(value, type, at, errors)
  }
  if (type.kind === 'map') {
    const map = mapOf(value)
    return map ? plainValue(map) : mismatch(value, type, at, errors)
  }
  const bits = bitsOf[type.kind]
  if (bits !== undefined && value instanceof NumberLiteral)
    return isInt(value.text, bits)
      ? Number(value.text)
      : mismatch(value, type, at, errors, `number ${value.text}`)
  const wanted = type.kind === 'bool' ? 'boolean' : type.kind
  return typeof value === wanted ? value : mismatch(value, type, at, errors)
}

function zeroOf(type: GoType): unknown {
  if (type.kind === 'string') return ''
  if (bitsOf[type.kind] !== undefined) return 0
  if (type.kind === 'bool') return false
  return type.kind === 'struct' ? {} : undefined
}

const bitsOf: Readonly<Partial<Record<GoType['kind'], 32 | 64>>> = { int: 64, int32: 32 }

// Go looks at how a number is written: 1.0 is not an int, and neither is what its bits do not hold.
function isInt(text: string, bits: 32 | 64): boolean {
  return /^-?\d+$/.test(text) && BigInt.asIntN(bits, BigInt(text)) === BigInt(text)
}

/** A value of any type: its numbers are floats. */
function plainValue(value: unknown): unknown {
  return withNumbersAs(value, ({ text }) => Number(text))
}

function fieldsOf(
  map: Readonly<Record<string, unknown>>,
  type: GoStruct,
  at: Place,
  errors: string[],
): Readonly<Record<string, unknown>> {
  const names = Object.keys(type.fields)
  const result: Record<string, unknown> = {}
  for (const [key, held] of Object.entries(map)) {
    const name =
      names.find((each) => each === key) ??
      names.find((each) => each.toLowerCase() === key.toLowerCase())
    if (name === undefined) continue
    const struct = type.within ?? type.name.slice(type.name.indexOf('.') + 1)
    const place = { struct, path: [...at.path, name] }
    const inner = read(held, type.fields[name]!, place, errors)
    if (inner !== undefined) result[name] = inner
  }
  return result
}

function mismatch(
  value: unknown,
  type: GoType,
  at: Place,
  errors: string[],
  shown = kindOf(value),
): undefined {
  const where =
    at.struct === null
      ? `Go value of type ${typeName(type)}`
      : `Go struct field ${at.struct}.${at.path.join('.')} of type ${typeName(type)}`
  errors.push(`json: cannot unmarshal ${shown} into ${where}`)
  return undefined
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value instanceof NumberLiteral) return 'number'
  return { string: 'string', boolean: 'bool' }[typeof value as string] ?? 'object'
}

function typeName(type: GoType): string {
  if (type.kind === 'list') return `[]${typeName(type.of)}`
  return type.kind === 'struct' || type.kind === 'map' ? type.name : type.kind
}

/** A truth in one of the spellings that Go's strconv takes; null where the text is not one. */
export function goTruth(text: string): boolean | null {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? false : null
}

import { length, numberIn, PythonNumber, repr } from '../python.ts'
import { mapOf } from '../problems.ts'

/** A JSON Schema of an API's description, as far as the services use it. References are written out. */
export interface Schema {
  readonly additionalProperties?: boolean | Schema
  /** Only shown, in errors of parameters. */
  readonly default?: unknown
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly example?: unknown
  readonly items?: Schema
  readonly maxItems?: number
  readonly maxLength?: number
  readonly maxProperties?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly minLength?: number
  readonly minProperties?: number
  readonly minimum?: number
  readonly nullable?: boolean
  readonly oneOf?: readonly Schema[]
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly readOnly?: boolean
  readonly required?: readonly string[]
  readonly title?: string
  /** Only shown, as the title. */
  readonly writeOnly?: boolean
  readonly type?: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string'
}

/** What Python's jsonschema finds first. */
export interface Fault {
  readonly message: string
  readonly path: readonly (string | number)[]
  readonly keyword: string
}

type Keyword = keyof Schema
type Check = (value: unknown, schema: Schema, path: Fault['path']) => Iterable<Fault>

/**
 * The first thing that is wrong with a value, in the order in which Python's jsonschema looks: keyword after keyword as the
 * generated description has them, by the alphabet. That order is part of the answer, which is why ajv cannot do this.
 */
export function firstFault(value: unknown, schema: Schema): Fault | null {
  for (const fault of faultsOf(value, schema, [])) return fault
  return null
}

function* faultsOf(value: unknown, schema: Schema, path: Fault['path']): Iterable<Fault> {
  for (const keyword of keywords) {
    if (schema[keyword] === undefined) continue
    for (const fault of checks[keyword]!(value, schema, path))
      yield fault.keyword === '' ? { ...fault, keyword } : fault
  }
}

function said(message: string, path: Fault['path']): readonly Fault[] {
  return [{ message, path, keyword: '' }]
}

const checks: Readonly<Partial<Record<Keyword, Check>>> = {
  additionalProperties: checkOtherProperties,
  enum: (value, schema, path) =>
    schema.enum!.includes(value) || isGivenNull(value, schema)
      ? []
      : said(`${repr(value)} is not one of ${repr(schema.enum)}`, path),
  *items(value, schema, path) {
    if (!Array.isArray(value)) return
    for (const [i, item] of value.entries()) yield* faultsOf(item, schema.items!, [...path, i])
  },
  maxItems: (value, schema, path) =>
    Array.isArray(value) && value.length > schema.maxItems!
      ? said(`${repr(value)} is too long`, path)
      : [],
  maxLength: (value, schema, path) =>
    typeof value === 'string' && length(value) > schema.maxLength!
      ? said(
          `${repr(value)} ${schema.maxLength === 0 ? 'is expected to be empty' : 'is too long'}`,
          path,
        )
      : [],
  maxProperties: (value, schema, path) =>
    countOf(value) > schema.maxProperties!
      ? said(`${repr(value)} has too many properties`, path)
      : [],
  maximum: (value, schema, path) =>
    (numberIn(value) ?? -Infinity) > schema.maximum!
      ? said(`${repr(value)} is greater than the maximum of ${schema.maximum}`, path)
      : [],
  minItems: (value, schema, path) =>
    Array.isArray(value) && value.length < schema.minItems!
      ? said(`${repr(value)} ${tooFew(schema.minItems!, 'is too short')}`, path)
      : [],
  minLength: (value, schema, path) =>
    typeof value === 'string' && length(value) < schema.minLength!
      ? said(`${repr(value)} ${tooFew(schema.minLength!, 'is too short')}`, path)
      : [],
  minProperties: (value, schema, path) =>
    mapOf(value) && countOf(value) < schema.minProperties!
      ? said(
          `${repr(value)} ${tooFew(schema.minProperties!, 'does not have enough properties')}`,
          path,
        )
      : [],
  minimum: (value, schema, path) =>
    (numberIn(value) ?? Infinity) < schema.minimum!
      ? said(`${repr(value)} is less than the minimum of ${schema.minimum}`, path)
      : [],
  oneOf(value, schema, path) {
    const fitting = schema.oneOf!.filter((each) => firstFault(value, each) === null)
    if (fitting.length === 1) return []
    return said(
      fitting.length === 0
        ? `${repr(value)} is not valid under any of the given schemas`
        : `${repr(value)} is valid under each of ${fitting.slice(1).concat(fitting[0]!).map(repr).join(', ')}`,
      path,
    )
  },
  pattern: (value, schema, path) =>
    typeof value === 'string' && !pythonPattern(schema.pattern!).test(value)
      ? said(`${repr(value)} does not match ${repr(schema.pattern)}`, path)
      : [],
  *properties(value, schema, path) {
    const map = mapOf(value)
    for (const [name, inner] of Object.entries(map ? schema.properties! : {}))
      if (Object.hasOwn(map!, name)) yield* faultsOf(map![name], inner, [...path, name])
  },
  readOnly: (_value, schema, path) => (schema.readOnly ? said('Property is read-only', path) : []),
  required(value, schema, path) {
    const map = mapOf(value)
    // What only the service writes is not asked of a request.
    const missing = map
      ? schema.required!.find(
          (name) => !Object.hasOwn(map, name) && !schema.properties?.[name]?.readOnly,
        )
      : undefined
    return missing === undefined ? [] : said(`${repr(missing)} is a required property`, path)
  },
  type: (value, schema, path) =>
    isOfType(value, schema.type!) || isGivenNull(value, schema)
      ? []
      : said(`${repr(value)} is not of type ${repr(schema.type)}`, path),
}
const keywords = (Object.keys(checks) as Keyword[]).sort()

function* checkOtherProperties(
  value: unknown,
  schema: Schema,
  path: Fault['path'],
): Iterable<Fault> {
  const map = mapOf(value)
  if (!map) return
  const others = Object.keys(map).filter((name) => !Object.hasOwn(schema.properties ?? {}, name))
  const wanted = schema.additionalProperties
  if (typeof wanted === 'object')
    for (const name of others) yield* faultsOf(map[name], wanted, [...path, name])
  else if (wanted === false && others.length > 0)
    yield* said(
      `Additional properties are not allowed (${others.sort().map(repr).join(', ')} ${others.length === 1 ? 'was' : 'were'} unexpected)`,
      path,
    )
}

function tooFew(least: number, otherwise: string): string {
  return least === 1 ? 'should be non-empty' : otherwise
}

function isGivenNull(value: unknown, schema: Schema): boolean {
  return value === null && schema.nullable === true
}

function countOf(value: unknown): number {
  return Object.keys(mapOf(value) ?? {}).length
}

function isOfType(value: unknown, type: NonNullable<Schema['type']>): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return mapOf(value) !== null
  // 1.0 is not an integer.
  if (type === 'integer')
    return Number.isInteger(value) || (value instanceof PythonNumber && value.isInteger)
  if (type === 'number') return numberIn(value) !== null
  return typeof value === type
}

// In Python `$` also stands before a line end that ends the text.
function pythonPattern(pattern: string): RegExp {
  return new RegExp(pattern.replace(/\$$/, '(?=\\n?$)'), 'u')
}

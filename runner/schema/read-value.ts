import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { countOf } from '../text/count.ts'
import { formatOf } from '../text/formats.ts'
import { compilePattern } from '../text/pattern.ts'
import { numberForm } from '../source/number-forms.ts'
import { didYouMean } from '../source/suggest.ts'
import { isMatcher, readMatcher } from './read-matcher.ts'
import { readNumber, readTruth } from './read-number.ts'
import { readSecret, readText } from './read-text.ts'
import { readHole } from './schema-shape.ts'
import { wrongType } from './type-words.ts'
import {
  fault,
  unknownValue,
  writtenValue,
  type ReadContext,
  type Written,
  type WrittenScalar,
} from './written.ts'

const anything: ParamSchema = { type: 'any', description: '' }

/**
 * Holds a value against its schema and gives the canonical form that a type sees. This is the one reader of schemas: what it
 * takes in a playbook, it takes in a case, in the default of a manifest, in an input and in an inventory.
 */
export function readValue(schema: ParamSchema, written: Written, context: ReadContext): unknown {
  if (written.kind === 'hole') return readHole(schema, written, context)
  if (schema.matcher && written.kind === 'map' && isMatcher(schema, written))
    return readMatcher(schema, written, context, readValue)
  if (schema.orOne && schema.type === 'array' && written.kind !== 'list')
    return readValue(schema, { kind: 'list', items: [written], at: written.at }, context)
  if (schema.secret)
    return written.kind === 'scalar'
      ? readSecret(schema, written, context)
      : wrongType(schema, written, context)
  if (schema.type === 'any') return readAnything(written, context)
  if (schema.type === 'array') return readList(schema, written, context)
  if (schema.type === 'object') return readMap(schema, written, context)
  return written.kind === 'scalar'
    ? readScalar(schema, written, context)
    : wrongType(schema, written, context)
}

const readers = {
  string: readText,
  boolean: readTruth,
  integer: readNumber,
  number: readNumber,
} as const

function readScalar(schema: ParamSchema, written: WrittenScalar, context: ReadContext): unknown {
  const { value, at } = written
  if (value instanceof Secret) {
    const mayBeSecret = schema.format !== undefined && formatOf(schema.format).mayBeSecret
    if (schema.orSecret || mayBeSecret) return readSecret(schema, written, context)
    return fault(
      context,
      at,
      'param/secret',
      `${context.name} cannot be a secret: it would be shown`,
      'give the secret to a param that is marked secret, or render it in a template file',
    )
  }
  if (value === null)
    return fault(
      context,
      at,
      'param/empty',
      `${context.name} is empty`,
      'write a value, or remove the key',
    )
  return readers[schema.type as keyof typeof readers](schema, written, context)
}

function readList(schema: ParamSchema, written: Written, context: ReadContext): unknown {
  if (written.kind !== 'list') return wrongType(schema, written, context)
  if (schema.minItems !== undefined && written.items.length < schema.minItems)
    return fault(
      context,
      written.at,
      'param/empty',
      `${context.name} wants at least ${countOf(schema.minItems, 'item')}`,
      'add an item, or remove the key',
    )
  return whole(written.items.map((item) => readValue(schema.items ?? anything, item, context)))
}

function readMap(schema: ParamSchema, written: Written, context: ReadContext): unknown {
  if (written.kind !== 'map') return wrongType(schema, written, context)
  const made = Object.create(null) as Record<string, unknown>
  for (const [key, entry] of written.entries) {
    checkKey(schema, key, entry.at, context)
    const field = fieldOf(schema, key)
    if (field)
      made[key] = readValue(field, entry.value, { ...context, name: `${context.name}.${key}` })
    else
      fault(
        context,
        entry.at,
        'param/unknown',
        `${context.name} has no '${key}'`,
        didYouMean(key, Object.keys(schema.properties ?? {})),
      )
  }
  for (const key of schema.required ?? [])
    if (!written.entries.has(key))
      fault(
        context,
        written.at,
        'param/missing',
        `${context.name} needs '${key}'`,
        `add \`${key}:\``,
      )
  for (const [key, field] of Object.entries(schema.properties ?? {}))
    if (!written.entries.has(key) && field.default !== undefined && field.default !== null)
      made[key] = readValue(field, writtenValue(field.default, written.at, context.files), context)
  return Object.values(made).includes(unknownValue) ? unknownValue : made
}

function checkKey(
  { keyPattern, description }: ParamSchema,
  key: string,
  at: Written['at'],
  context: ReadContext,
): void {
  if (keyPattern === undefined || compilePattern(keyPattern).test(key)) return
  fault(
    context,
    at,
    'param/pattern',
    `${context.name} cannot hold '${key}': it does not match ${keyPattern}`,
    description,
  )
}

/** The schema of a value of a map; undefined where the map does not have the key. */
function fieldOf(
  { properties, additionalProperties }: ParamSchema,
  key: string,
): ParamSchema | undefined {
  if (properties && Object.hasOwn(properties, key)) return properties[key]
  if (additionalProperties) return additionalProperties
  return properties ? undefined : anything
}

function readAnything(written: Written, context: ReadContext): unknown {
  switch (written.kind) {
    case 'scalar':
      for (const warning of numberForm(written.value, written.text, written.at))
        context.report(warning)
      return written.value
    case 'hole':
      return unknownValue
    case 'list':
      return whole(written.items.map((item) => readAnything(item, context)))
    case 'map': {
      const made = Object.create(null) as Record<string, unknown>
      for (const [key, entry] of written.entries) made[key] = readAnything(entry.value, context)
      return Object.values(made).includes(unknownValue) ? unknownValue : made
    }
  }
}

function whole(items: readonly unknown[]): unknown {
  return items.includes(unknownValue) ? unknownValue : items
}

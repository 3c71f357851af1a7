import type { ParamSchema } from '../contract/param-schema.ts'
import { isMap, kindOf } from '../contract/value.ts'
import { fault, type ReadContext, type unknownValue, type Written } from './written.ts'

/** The types of schemas, as messages call a value of each. */
export const typeWords: Readonly<Record<ParamSchema['type'], string>> = {
  string: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  any: 'a value',
}

/** What to type where a value of another type stands. */
const typeHints: Readonly<Record<ParamSchema['type'], string>> = {
  string: 'write one text; quote it if it holds `: ` or brackets',
  integer: 'write one value',
  number: 'write one value',
  boolean: 'write one value',
  array: 'write a list: [a, b]',
  object: 'write a map: { key: value }',
  any: 'write one value',
}

/** Reports that a list, a map or one value stands where the schema wants another of them. */
export function wrongType(
  schema: ParamSchema,
  written: Written,
  context: ReadContext,
): typeof unknownValue {
  const found = written.kind === 'scalar' ? kindOf(written.value) : `a ${written.kind}`
  return fault(
    context,
    written.at,
    'param/type',
    `${context.name} wants ${typeWords[schema.type]}, not ${found}`,
    typeHints[schema.type],
  )
}

/** Whether a value has the type that a schema names. */
export function isOfType(type: ParamSchema['type'], value: unknown): boolean {
  switch (type) {
    case 'any':
      return true
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isMap(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

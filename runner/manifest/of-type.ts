import type { ParamSchema } from '../contract/param-schema.ts'
import { isMap, type Value } from '../contract/value.ts'

/** Whether a value is of the type that a schema names. */
export function isOfType(type: ParamSchema['type'], value: Value): boolean {
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

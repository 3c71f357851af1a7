import type { Fault, Schema } from './json-schema.ts'
import { prettyRepr } from '../python.ts'

/** Where a value and its schema stand, as Python's jsonschema writes it: `['boot_sets']['a']`. */
export interface Place {
  readonly schema: string
  readonly instance: string
}

/** A fault of a single value with its schema, in the many lines of Python's jsonschema. */
export function explained(
  fault: Fault,
  value: unknown,
  schema: Schema,
  at: Place = { schema: '', instance: '' },
): string {
  const inOrder = Object.entries(schema).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    fault.message,
    '',
    `Failed validating '${fault.keyword}' in schema${at.schema}:`,
    indented(prettyRepr(Object.fromEntries(inOrder))),
    '',
    `On instance${at.instance}:`,
    indented(prettyRepr(value)),
  ].join('\n')
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}

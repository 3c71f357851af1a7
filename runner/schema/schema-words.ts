import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { printedText } from '../text/formats.ts'

/** What a schema describes, in words for a manual: `list of text, or one`, `size`, `a or b`. */
export function schemaWords(
  schema: Pick<
    ParamSchema,
    'type' | 'enum' | 'format' | 'items' | 'orOne' | 'additionalProperties'
  >,
): string {
  if (schema.enum) return schema.enum.map((each) => `\`${each}\``).join(' or ')
  if (schema.format) return schema.format.replace('-', ' ')
  if (schema.type === 'array')
    return `list${schema.items ? ` of ${schemaWords(schema.items)}` : ''}${schema.orOne ? ', or one' : ''}`
  if (schema.type === 'object')
    return schema.additionalProperties
      ? `map of ${schemaWords(schema.additionalProperties)}`
      : 'map'
  return schema.type === 'string' ? 'text' : schema.type
}

/** A value of a schema as people write it, for a manual; of a secret its name. */
export function schemaValueText({ format }: Pick<ParamSchema, 'format'>, value: unknown): string {
  if (value instanceof Secret) return String(value)
  return printedText(format, value) ?? (typeof value === 'string' ? value : JSON.stringify(value))
}

import type { ParamSchema } from '../contract/param-schema.ts'
import { anyShape, mapShape, type Shape } from '../source/known-names.ts'
import { formatOf } from '../text/formats.ts'
import { typeWords } from './type-words.ts'
import { fault, unknownValue, type ReadContext, type Written } from './written.ts'

type Scalar = Extract<Shape, { kind: 'value' }>['type']

/** The shape of what a schema describes. */
export function shapeOf(schema: ParamSchema): Shape {
  if (schema.secret || schema.matcher) return anyShape
  switch (schema.type) {
    case 'any':
      return anyShape
    case 'array':
      return { kind: 'list', items: schema.items ? shapeOf(schema.items) : anyShape }
    case 'object':
      if (!schema.properties) return anyShape
      return mapShape(
        Object.entries(schema.properties).map(([name, field]) => [name, shapeOf(field)]),
        schema.additionalProperties !== undefined && schema.additionalProperties !== false,
      )
    default:
      return { kind: 'value', type: schema.type }
  }
}

/** A computed value is read when it is rendered; where its type is known already, it is checked now. */
export function readHole(
  schema: ParamSchema,
  { shape, at }: Extract<Written, { kind: 'hole' }>,
  context: ReadContext,
): typeof unknownValue {
  if (
    shape.kind !== 'value' ||
    fits(schema, shape.type) ||
    (schema.orOne && schema.items && fits(schema.items, shape.type))
  )
    return unknownValue
  const wanted = typeWords[schema.type]
  const hint =
    schema.type === 'string'
      ? 'write !expr string(…)'
      : schema.type === 'integer' && shape.type === 'string'
        ? 'write !expr int(…)'
        : `give it ${wanted}`
  return fault(
    context,
    at,
    'param/type',
    `${context.name} wants ${wanted}; this is ${typeWords[shape.type]}`,
    hint,
  )
}

function fits(schema: ParamSchema, type: Scalar): boolean {
  if (schema.type === type || schema.type === 'any') return true
  if (type !== 'integer') return false
  if (schema.orInteger || schema.type === 'number') return true
  return schema.format !== undefined && formatOf(schema.format).fromNumber !== undefined
}

import type { ParamSchema } from '../contract/param-schema.ts'
import { kindOf } from '../contract/value.ts'
import type { Code } from '../model/codes.ts'
import { didYouMean } from '../source/suggest.ts'
import { printedText } from '../text/formats.ts'
import { typeWords } from './type-words.ts'
import { fault, type ReadContext, type unknownValue, type WrittenScalar } from './written.ts'

/** The canonical value of a number. */
export function readNumber(
  schema: ParamSchema,
  written: WrittenScalar,
  context: ReadContext,
): unknown {
  const { value, text, at } = written
  if (typeof value !== 'number') {
    const hint = /^-?\d+(?:\.\d+)?$/.test(text)
      ? `remove the quotes: ${text}; an input of this name wants \`type: ${schema.type}\``
      : 'write a number'
    const message = `${context.name} wants ${typeWords[schema.type]}, not ${kindOf(value)}`
    return fault(context, at, 'param/type', message, hint)
  }
  if (schema.type === 'integer' && !Number.isSafeInteger(value))
    return fault(
      context,
      at,
      'param/type',
      `${context.name} wants an integer, not ${text}`,
      'write a whole number',
    )
  if (schema.enum && !schema.enum.includes(value)) return notInEnum(schema, written, context)
  const wrong = rangeFault(schema, value, context.name)
  return wrong ? fault(context, at, ...wrong) : value
}

/** The canonical value of true or false. */
export function readTruth(
  _schema: ParamSchema,
  { value, text, at }: WrittenScalar,
  context: ReadContext,
): boolean | typeof unknownValue {
  if (typeof value === 'boolean') return value
  const meant = /^(?:yes|on|y)$/i.test(text)
    ? 'true'
    : /^(?:no|off|n)$/i.test(text)
      ? 'false'
      : 'true or false'
  return fault(
    context,
    at,
    'param/type',
    `${context.name} wants true or false, not ${kindOf(value)}`,
    `write ${meant}`,
  )
}

/** What is wrong with a number that is too small or too large; null where it is neither. */
export function rangeFault(
  { minimum, maximum, format }: ParamSchema,
  value: number,
  name: string,
): readonly [code: Code, message: string, hint: string] | null {
  const print = (number: number): string => printedText(format, number) ?? String(number)
  if (minimum !== undefined && value < minimum)
    return [
      'param/range',
      `${name} is ${print(value)}; the least is ${print(minimum)}`,
      `write ${print(minimum)} or more`,
    ]
  if (maximum !== undefined && value > maximum)
    return [
      'param/range',
      `${name} is ${print(value)}; the most is ${print(maximum)}`,
      `write ${print(maximum)} or less`,
    ]
  return null
}

/** Reports a value that is not one of those that the schema lists. */
export function notInEnum(
  schema: ParamSchema,
  { text, at }: WrittenScalar,
  context: ReadContext,
): typeof unknownValue {
  const allowed = (schema.enum ?? []).map(String)
  return fault(
    context,
    at,
    'param/value',
    `${context.name} is not one of ${allowed.join(', ')}`,
    context.otherValue?.(context.name, text) ?? didYouMean(text, allowed),
  )
}

import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { kindOf } from '../contract/value.ts'
import type { Code } from '../model/codes.ts'
import { countOf } from '../text/count.ts'
import { formatOf, type FormatName, type FormatUse } from '../text/formats.ts'
import { compilePattern } from '../text/pattern.ts'
import { notInEnum, rangeFault } from './read-number.ts'
import { fault, type ReadContext, type unknownValue, type WrittenScalar } from './written.ts'

/** What is wrong with a text: the code, what was found, and what to type. */
type TextFault = readonly [code: Code, message: string, hint: string]

/** The canonical value of a text. */
export function readText(
  schema: ParamSchema,
  written: WrittenScalar,
  context: ReadContext,
): unknown {
  const { value, text, at } = written
  const isLocal = schema.format === 'local-file' || schema.format === 'local-folder'
  if (isLocal && context.files.isFile(value)) return value
  if (typeof value === 'number') {
    const format = schema.format === undefined ? null : formatOf(schema.format)
    const number = format?.fromNumber?.(value) ?? null
    if (number !== null) return inRange(schema, number, at, context)
    if (schema.orInteger && Number.isSafeInteger(value) && String(value) === text)
      return String(value)
  }
  if (typeof value !== 'string') return notText(schema, written, context)
  if (schema.enum && !schema.enum.includes(value)) return notInEnum(schema, written, context)
  const wrong = lengthFault(schema, value, context.name)
  if (wrong) return fault(context, at, ...wrong)
  const made = formatted(schema, value, context)
  if (!('value' in made)) return fault(context, at, ...made.fault)
  if (schema.pattern === undefined || ownsPattern(schema.format))
    return inRange(schema, made.value, at, context)
  if (compilePattern(schema.pattern).test(value)) return made.value
  return fault(
    context,
    at,
    'param/pattern',
    `${context.name} '${value}' does not match ${schema.pattern}`,
    patternHint(schema, value, schema.pattern),
  )
}

function ownsPattern(format: FormatName | undefined): boolean {
  return format !== undefined && formatOf(format).ownsPattern === true
}

function inRange(
  schema: ParamSchema,
  value: unknown,
  at: WrittenScalar['at'],
  context: ReadContext,
): unknown {
  const wrong = typeof value === 'number' ? rangeFault(schema, value, context.name) : null
  return wrong ? fault(context, at, ...wrong) : value
}

function patternHint(
  { format, hint, description }: ParamSchema,
  text: string,
  form: string,
): string {
  const ofFormat = format === undefined ? null : formatOf(format).patternHint?.(text, form)
  return ofFormat ?? hint ?? description
}

function lengthFault(
  { minLength, maxLength }: ParamSchema,
  { length }: string,
  name: string,
): TextFault | null {
  if (minLength !== undefined && length < minLength)
    return [
      'param/empty',
      `${name} is ${length === 0 ? 'empty' : 'too short'}`,
      `write at least ${countOf(minLength, 'character')}`,
    ]
  if (maxLength !== undefined && length > maxLength)
    return [
      'param/range',
      `${name} has ${countOf(length, 'character')}; the most is ${maxLength}`,
      `write at most ${countOf(maxLength, 'character')}`,
    ]
  return null
}

/** The canonical value of a text by the format of its schema. */
function formatted(
  schema: ParamSchema,
  text: string,
  context: ReadContext,
): { readonly value: unknown } | { readonly fault: TextFault } {
  if (schema.format === undefined) return { value: text }
  const format = formatOf(schema.format)
  const read = format.read(text, useOf(schema, context))
  if ('value' in read) return read
  return {
    fault: [
      read.code ?? format.code ?? 'param/format',
      read.wrong ?? `'${text}' is not ${format.words}`,
      read.hint ?? format.hint,
    ],
  }
}

function useOf({ description, pattern, xnames }: ParamSchema, context: ReadContext): FormatUse {
  const { name, rendered, files } = context
  return {
    name,
    description,
    pattern,
    xnames,
    rendered,
    readFile: (path) => files.read(path),
    readFolder: (path) => files.readFolder(path),
  }
}

/** YAML took a number, or true or false, where a text is meant. */
function notText(
  schema: ParamSchema,
  { value, text, at }: WrittenScalar,
  context: ReadContext,
): typeof unknownValue {
  const format = schema.format === undefined ? null : formatOf(schema.format)
  const meant = format?.quoted ? null : format?.meant ? format.meant(text) : text
  const isNamed = schema.hint !== undefined && typeof value === 'boolean'
  const hint = isNamed
    ? schema.hint
    : context.rendered
      ? 'quote it where it is written, or write !expr string(…)'
      : meant === null
        ? (format?.quoted?.(text) ?? format!.hint)
        : `quote it: "${meant}"`
  const wanted = format?.namedByType ? format.words : 'a text'
  return fault(
    context,
    at,
    'param/type',
    context.rendered
      ? `${context.name} wants ${wanted}; this gives ${kindOf(value)} (${text})`
      : `${context.name} wants ${wanted}; YAML takes ${text} for ${kindOf(value)}`,
    hint,
    isNamed || context.rendered || meant === null ? undefined : { replace: `"${meant}"` },
  )
}

/** A secret is checked as a text is, and never shown in what is said of it. */
export function readSecret(
  schema: ParamSchema,
  { value, at }: WrittenScalar,
  context: ReadContext,
): unknown {
  if (!(value instanceof Secret) && typeof value !== 'string')
    return fault(
      context,
      at,
      'param/type',
      `${context.name} wants a text, not ${kindOf(value)}`,
      value === null ? 'write a value, or remove the key' : 'quote it',
    )
  const secret = value instanceof Secret ? value : new Secret(context.name, value)
  const wrong = secretFault(schema, secret, context)
  return wrong === null ? secret : fault(context, at, ...wrong)
}

/** What is wrong with the text of a secret, without a word of it. */
function secretFault(schema: ParamSchema, secret: Secret, context: ReadContext): TextFault | null {
  const { name } = context
  let wrong: TextFault | null = null
  secret.map((text) => {
    const { minLength = 0, maxLength = Infinity, format, pattern, hint, description } = schema
    if (text.length < minLength || text.length > maxLength)
      wrong = ['param/empty', `${name} is ${lengthWords(text, minLength)}`, 'give the secret']
    else if (format !== undefined) wrong = hiddenFault(schema, format, text, context)
    if (!wrong && pattern !== undefined && !compilePattern(pattern).test(text))
      wrong = ['param/pattern', `${name} does not match ${pattern}`, hint ?? description]
    return text
  })
  return wrong
}

function lengthWords(text: string, minLength: number): string {
  if (text === '') return 'empty'
  return text.length < minLength ? 'too short' : 'too long'
}

function hiddenFault(
  schema: ParamSchema,
  format: FormatName,
  text: string,
  context: ReadContext,
): TextFault | null {
  const made = formatted(schema, text, context)
  if ('value' in made) return null
  const { words, hint } = formatOf(format)
  return [
    made.fault[0],
    `${context.name} wants ${words}, and this secret is something else`,
    made.fault[0] === 'param/line' ? 'trim it: it holds a line end' : hint,
  ]
}

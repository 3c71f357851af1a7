import { matcherWords, type MatcherWord } from '../contract/matcher.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { formatOf } from '../text/formats.ts'
import { operandSchema } from './read-matcher.ts'

/** A JSON Schema, or a part of one. */
export type Json = { readonly [key: string]: unknown }

// What editors know of params. An editor sees the text of a template or an expression and nothing of its value, so a text
// that may be computed is accepted in the place of any value. It knows no tags: whether `!expr` stands before a text, it
// cannot tell.

const template = '\\{\\{'
/** A name with a dot or an index, a call, a text, a list, or an operator between blanks: no value of a format and of a list of values. */
const expression =
  '^\\s*[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*|\\[[^\\]]*\\])+\\s*$|[("\'\\[{?]|\\S\\s+(?:[-+*/%<>:]|[<>=!]=|&&|\\|\\||in)\\s+\\S'
/** Anything that has a letter or an operator, in the place of a number, a list or a map. */
const anyExpression = '[A-Za-z_(\\[{]|\\S\\s+[-+*/%]\\s+\\S'
const truthWords = '^\\s*(?:[Yy]es|[Nn]o|[Oo]n|[Oo]ff|[YyNn]|[Tt]rue|[Ff]alse)\\s*$'

/** The definitions that the schemas of params refer to. */
export const paramDefinitions: Json = {
  computed: { type: 'string', pattern: template, description: 'A template: {{ name }}' },
  computedWord: {
    type: 'string',
    pattern: `${template}|${expression}`,
    description: 'A template: {{ name }}, or an expression behind `!expr`.',
  },
  computedValue: {
    type: 'string',
    pattern: `${template}|${anyExpression}`,
    description: 'A template: {{ name }}, or an expression behind `!expr`.',
  },
  computedTruth: {
    type: 'string',
    pattern: anyExpression,
    not: { pattern: truthWords },
    description: 'A template: {{ name }}, or an expression behind `!expr`.',
  },
}

const reference = (name: string): Json => ({ $ref: `#/$defs/${name}` })

/** A value of which nothing is computed, as it may be written: in a configuration, an inventory, a keyword. */
export function plainJsonSchema(schema: ParamSchema): Json {
  return formsOf(schema, 'plain')
}

/** What may stand in the place of a value that is one of these. */
export function valuesOrComputed(values: readonly unknown[]): Json {
  return { anyOf: [{ enum: values }, reference('computedWord')] }
}

/** A param as it may be written: itself, a matcher, one item for a list, or a template or an expression in its place. */
export function paramJsonSchema(param: ParamSchema): Json {
  return formsOf(param, 'computed')
}

/** `computed`: a template or an expression may stand in the place of the value. */
type Place = 'plain' | 'computed'

function formsOf(param: ParamSchema, place: Place): Json {
  const forms: readonly Json[] = [
    oneForm(param, place),
    ...(param.orOne && param.items ? [oneForm(param.items, place)] : []),
    ...(param.matcher ? [matcherSchema(param)] : []),
    ...(place === 'computed' ? computedForm(param) : []),
  ]
  return { ...about(param), ...(forms.length === 1 ? forms[0] : { anyOf: forms }) }
}

function about(param: ParamSchema): Json {
  const { description, identity, secret, default: usual, examples } = param
  const words = [
    description,
    ...(identity ? ['Says which thing is meant.'] : []),
    ...(secret ? ['Secret.'] : []),
  ]
  return {
    description: words.join(' '),
    ...(usual === undefined ? {} : { default: usual }),
    ...(examples ? { examples } : {}),
  }
}

/** What a computed value may stand in for; a text without a form takes any text already. */
function computedForm(param: ParamSchema): readonly Json[] {
  if (param.type === 'any') return []
  if (param.enum) return [reference('computedWord')]
  if (param.maxLength !== undefined) return [reference('computed')]
  if (param.type === 'string') return []
  if (param.type === 'boolean') return [reference('computedTruth')]
  return param.orOne && param.items?.type === 'string' && !param.items.enum
    ? []
    : [reference('computedValue')]
}

function oneForm(param: ParamSchema, place: Place): Json {
  switch (param.type) {
    case 'any':
      return {}
    case 'string':
      return param.enum ? { enum: param.enum } : textSchema(param, place)
    case 'array':
      return {
        type: 'array',
        ...(param.minItems === undefined ? {} : { minItems: param.minItems }),
        ...(param.items ? { items: formsOf(param.items, place) } : {}),
      }
    case 'object':
      return mapSchema(param, place)
    default:
      return {
        type: param.type,
        ...(param.enum ? { enum: param.enum } : {}),
        ...bounds(param),
      }
  }
}

function bounds({ minimum, maximum }: ParamSchema): Json {
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  }
}

/** A text: of its format and its pattern, or computed. */
function textSchema(param: ParamSchema, place: Place): Json {
  const format = param.format === undefined ? null : formatOf(param.format)
  const takesNumber = param.orInteger || format?.fromNumber !== undefined
  const patterns = [
    ...(format?.editorPattern ? [format.editorPattern(param)] : []),
    ...(param.pattern !== undefined && !format?.ownsPattern ? [param.pattern] : []),
  ].filter((pattern) => pattern !== undefined)
  const forms = patterns.map((pattern): Json => ({
    pattern: place === 'plain' ? pattern : `(?:${pattern})|${template}|${expression}`,
    patternErrorMessage: param.hint ?? format?.hint ?? param.description,
  }))
  return {
    type: takesNumber ? ['string', 'integer'] : 'string',
    ...(format?.fromNumber ? { minimum: 0 } : {}),
    ...(param.minLength === undefined ? {} : { minLength: param.minLength }),
    ...(param.maxLength === undefined ? {} : { maxLength: param.maxLength }),
    ...(forms.length > 1 ? { allOf: forms } : forms[0]),
  }
}

function mapSchema(param: ParamSchema, place: Place): Json {
  const { properties, additionalProperties, keyPattern, required } = param
  return {
    type: 'object',
    ...(properties ? { properties: mapValues(properties, (field) => formsOf(field, place)) } : {}),
    ...(keyPattern === undefined ? {} : { propertyNames: { pattern: keyPattern } }),
    ...(additionalProperties
      ? { additionalProperties: formsOf(additionalProperties, place) }
      : properties
        ? { additionalProperties: false }
        : {}),
    ...(required ? { required } : {}),
  }
}

const matcherText: Readonly<Record<MatcherWord, string>> = {
  at_least: 'This, or more.',
  at_most: 'This, or less.',
  one_of: 'One of these.',
  matches: 'A text in which this regular expression finds something.',
  contains: 'A text that holds this text, or a list that holds this item.',
  not: 'Anything but this.',
}

function matcherSchema(param: ParamSchema): Json {
  const properties = Object.fromEntries(
    matcherWords.map((word) => [
      word,
      { ...paramJsonSchema(operandSchema(param, word)), description: matcherText[word] },
    ]),
  )
  return {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    properties,
  }
}

/** A map with each value transformed. */
export function mapValues<T>(
  map: Readonly<Record<string, T>>,
  transform: (value: T) => Json,
): Json {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, transform(value)]))
}

import { verbs } from '../model/playbook.ts'
import { matcherWords, type MatcherWord } from '../contract/matcher.ts'
import { isReadOnly, type AnyResourceType } from '../contract/resource.ts'
import type { ParamCondition, ParamSchema, ParamsSchema } from '../contract/param-schema.ts'
import { inputKeys } from './inputs.ts'
import { playKeywords, taskKeywords, verbKeywords, type Keyword } from './keywords.ts'

type Json = { readonly [key: string]: unknown }

/**
 * The JSON Schema of playbooks, for editors. A task is one object with every keyword, verb and type as an optional
 * property: that a task has one verb and one type is said by the loader, whose messages are better than a schema's.
 */
export function playbookSchema(types: Iterable<AnyResourceType>): Json {
  const sorted = [...types].sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'trueup playbook',
    anyOf: [{ $ref: '#/$defs/playbook' }, { type: 'array', items: { $ref: '#/$defs/task' } }],
    $defs: {
      playbook: {
        type: 'object',
        additionalProperties: false,
        required: ['playbook', 'plays'],
        properties: {
          playbook: { type: 'string', description: 'The title of the playbook.' },
          requires: {
            type: 'string',
            description: 'The versions of trueup that it is written for: `">=0.3"`.',
          },
          inputs: {
            type: 'object',
            description: 'What is given from outside, with its type and default.',
            additionalProperties: {
              type: 'object',
              additionalProperties: false,
              properties: described(inputKeys),
            },
          },
          plays: {
            type: 'array',
            description: 'Plays, in order; the end of a play is a barrier.',
            items: { $ref: '#/$defs/play' },
          },
        },
      },
      play: {
        type: 'object',
        additionalProperties: false,
        properties: {
          ...described(playKeywords),
          include: { type: 'string', description: 'Another playbook, whose plays stand here.' },
          inputs: { type: 'object', description: 'Beside `include`: the inputs of that playbook.' },
        },
      },
      task: {
        type: 'object',
        additionalProperties: false,
        // Types of one's own have a dot in their name.
        patternProperties: { '^[a-z][a-z0-9_]*\\.': {} },
        properties: {
          ...described(verbKeywords),
          ...described(taskKeywords),
          ...Object.fromEntries(sorted.map((type) => [type.name, typeSchema(type)])),
        },
      },
      computed: { type: 'string', pattern: '\\{\\{', description: 'A template: {{ name }}' },
    },
  }
}

function described(keywords: Readonly<Record<string, Keyword>>): Json {
  return Object.fromEntries(
    Object.entries(keywords).map(([name, { description, schema }]) => [
      name,
      { description, ...schema },
    ]),
  )
}

function typeSchema(type: AnyResourceType): Json {
  const works = verbs.filter((verb) =>
    verb === 'ensure'
      ? !isReadOnly(type)
      : verb === 'run'
        ? type.act !== undefined
        : verb !== 'confirm',
  )
  return {
    description: `${type.summary}\n\nVerbs: ${works.join(', ')}.`,
    ...paramsSchema(type.params),
  }
}

function paramsSchema(params: ParamsSchema): Json {
  // What is required depends on the verb: `read` needs only the identity.
  return {
    type: 'object',
    additionalProperties: false,
    properties: mapValues(params.properties, (param) => valueSchema(param)),
    ...idleRules(params),
  }
}

/** A param that means something only beside certain values of others, as editors understand it. */
function idleRules({ properties }: ParamsSchema): Json {
  const rules = Object.entries(properties).flatMap(([name, { onlyWith }]) =>
    onlyWith === undefined
      ? []
      : [{ if: { required: [name] }, then: besideSchema(onlyWith, properties) }],
  )
  return rules.length === 0 ? {} : { allOf: rules }
}

function besideSchema(onlyWith: ParamCondition, properties: ParamsSchema['properties']): Json {
  const required = Object.entries(onlyWith).filter(
    ([other, values]) => !values.includes(properties[other]?.default as string),
  )
  return {
    properties: mapValues(onlyWith, (values) => ({
      description: `Beside this: ${values.join(' or ')}.`,
      anyOf: [{ enum: values }, { $ref: '#/$defs/computed' }],
    })),
    ...(required.length > 0 ? { required: required.map(([other]) => other) } : {}),
  }
}

/** A param as it may be written: itself, a matcher, one item for a list, or a template in its place. */
function valueSchema(param: ParamSchema): Json {
  const { description } = param
  const about = {
    description: [
      description,
      ...(param.identity ? ['Says which thing is meant.'] : []),
      ...(param.secret ? ['Secret.'] : []),
    ].join(' '),
    ...(param.default === undefined ? {} : { default: param.default }),
    ...(param.examples ? { examples: param.examples } : {}),
  }
  const forms: Json[] = [plainSchema(param)]
  if (param.orOne && param.items) forms.push(plainSchema(param.items))
  if (param.matcher) forms.push(matcherSchema(param))
  const takesText =
    param.type === 'any' ||
    forms.some(
      (form) =>
        form['type'] === 'string' && form['enum'] === undefined && form['pattern'] === undefined,
    )
  if (!takesText) forms.push({ $ref: '#/$defs/computed' })
  return forms.length === 1 ? { ...about, ...forms[0] } : { ...about, anyOf: forms }
}

function plainSchema(param: ParamSchema): Json {
  if (param.type === 'any') return {}
  if (param.format === 'size') return { type: ['string', 'integer'] }
  return {
    type: param.orInteger ? ['string', 'integer'] : param.type,
    ...(param.enum ? { enum: param.enum } : {}),
    ...(param.pattern !== undefined && param.format === undefined
      ? { pattern: param.pattern }
      : {}),
    ...(param.minimum === undefined ? {} : { minimum: param.minimum }),
    ...(param.maximum === undefined ? {} : { maximum: param.maximum }),
    ...(param.minItems === undefined ? {} : { minItems: param.minItems }),
    ...(param.items ? { items: valueSchema(param.items) } : {}),
    ...(param.properties ? { properties: mapValues(param.properties, valueSchema) } : {}),
    ...(param.keyPattern === undefined ? {} : { propertyNames: { pattern: param.keyPattern } }),
    ...(param.type === 'object' && param.additionalProperties
      ? { additionalProperties: valueSchema(param.additionalProperties) }
      : param.properties
        ? { additionalProperties: false }
        : {}),
    ...(param.required ? { required: param.required } : {}),
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
  const { matcher: _matcher, default: _default, examples: _examples, ...rest } = param
  const operand = valueSchema(rest)
  const forms: Readonly<Record<string, Json>> = {
    one_of: { type: 'array', items: operand },
    matches: { type: 'string' },
    contains: {},
  }
  const properties = Object.fromEntries(
    matcherWords.map((word) => [
      word,
      { ...(forms[word] ?? operand), description: matcherText[word] },
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

function mapValues<T>(map: Readonly<Record<string, T>>, transform: (value: T) => Json): Json {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, transform(value)]))
}

import { verbs, type Verb } from '../model/playbook.ts'
import { isReadOnly, type AnyResourceType } from '../contract/resource.ts'
import { mapValues, paramDefinitions, type Json } from '../schema/value-json-schema.ts'
import { paramsJsonSchema, presenceJsonSchema } from '../schema/params-json-schema.ts'
import { inputKeys } from './declared-inputs.ts'
import {
  blockKeywords,
  includeKeywords,
  playKeywords,
  taskKeywords,
  verbKeywords,
  verbsOfKeyword,
  type Keyword,
} from './keywords.ts'

/** Types of one's own have a dot in their name. */
const ownType = '^[a-z][a-z0-9_]*\\.'

/**
 * The JSON Schema of playbooks, for editors without the language server: it marks what the loader refuses as far as a schema
 * can say it. A task is one object with every keyword, verb and type; rules beside it say that it has one verb, a type that
 * fits the verb, and the params that the verb asks for.
 */
export function playbookSchema(types: Iterable<AnyResourceType>): Json {
  const sorted = [...types].sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'trueup playbook',
    if: { type: 'array' },
    then: { items: { $ref: '#/$defs/task' } },
    else: { $ref: '#/$defs/playbook' },
    $defs: {
      playbook: wholePlaybook,
      play: playSchema,
      task: taskSchema(sorted),
      ...typesOfVerbs(sorted),
      ...paramDefinitions,
    },
  }
}

const wholePlaybook: Json = {
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
      type: ['object', 'null'],
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
}

const playSchema: Json = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...described(playKeywords),
    include: { type: 'string', description: 'Another playbook, whose plays stand here.' },
    inputs: { type: 'object', description: 'Beside `include`: the inputs of that playbook.' },
  },
  if: { required: ['include'] },
  else: { required: ['play', 'hosts', 'tasks'] },
}

function taskSchema(types: readonly AnyResourceType[]): Json {
  return {
    type: 'object',
    additionalProperties: false,
    patternProperties: { [ownType]: {} },
    properties: {
      ...described(verbKeywords),
      ...described(taskKeywords),
      ...Object.fromEntries(types.map((type) => [type.name, typeSchema(type)])),
    },
    oneOf: [...verbs, 'block', 'include'].map((key) => ({ required: [key] })),
    dependencies: mapValues(verbsOfKeyword, (verbsOfIt) => ({
      anyOf: verbsOfIt.map((verb) => ({ required: [verb] })),
    })),
    allOf: [
      { if: { required: ['block'] }, then: { propertyNames: { enum: blockKeywords } } },
      { if: { required: ['include'] }, then: { propertyNames: { enum: includeKeywords } } },
      ...verbs.map((verb) => ({ if: { required: [verb] }, then: verbRule(verb) })),
      {
        if: { required: ['read'] },
        then: { properties: presences(types, true) },
        else: { properties: presences(types, false) },
      },
    ],
  }
}

/** What must stand beside a verb: a type that it works with; `require` and `wait` go with a condition alone. */
function verbRule(verb: Verb): Json {
  const type = { $ref: `#/$defs/${verb}Type` }
  if (verb === 'confirm') return { propertyNames: { enum: ['confirm', ...keywordNames] } }
  return verb === 'require' || verb === 'wait'
    ? { anyOf: [{ allOf: [{ required: ['that'] }, withoutType] }, type] }
    : type
}

const keywordNames = Object.keys(taskKeywords)
const withoutType: Json = { propertyNames: { enum: [...verbs, ...keywordNames] } }

/** For each verb: exactly one type that it works with, or one of the user's own. */
function typesOfVerbs(types: readonly AnyResourceType[]): Json {
  return Object.fromEntries(
    verbs.map((verb) => [
      `${verb}Type`,
      {
        oneOf: [
          ...types
            .filter((type) => worksWith(type, verb))
            .map(({ name }) => ({ required: [name] })),
          { not: { propertyNames: { not: { pattern: ownType } } } },
        ],
      },
    ]),
  )
}

function worksWith(type: AnyResourceType, verb: Verb): boolean {
  if (verb === 'ensure') return !isReadOnly(type)
  if (verb === 'run') return type.act !== undefined || type.events !== undefined
  return verb !== 'confirm'
}

/** The params that each type must be given. */
function presences(types: readonly AnyResourceType[], onlyIdentity: boolean): Json {
  return Object.fromEntries(
    types
      .map(({ name, params }) => [name, presenceJsonSchema(params, onlyIdentity)] as const)
      .filter(([, presence]) => Object.keys(presence).length > 0),
  )
}

function described(keywords: Readonly<Record<string, Keyword>>): Json {
  return mapValues(keywords, ({ description, schema }) => ({ ...schema, description }))
}

function typeSchema(type: AnyResourceType): Json {
  const works = verbs.filter((verb) => worksWith(type, verb))
  return {
    description: `${type.summary}\n\nVerbs: ${works.join(', ')}.`,
    ...paramsJsonSchema(type.params),
  }
}

import type { ParamSchema } from '../contract/param-schema.ts'
import { mapValues, plainJsonSchema, type Json } from '../schema/value-json-schema.ts'
import { connectionWords } from './connection-words.ts'
import { tokenKeys, type serviceKeys } from './services.ts'
import { sourceSchema, timeSchema } from './source-schema.ts'

const text: Json = { type: 'string', minLength: 1 }
const nothing: Json = { type: 'null' }

/** A secret: in a file, in the environment, or written here. */
function secretSchema({ description }: ParamSchema): Json {
  const from = (key: string, about: string): Json => ({
    type: 'object',
    properties: { [key]: { ...text, description: about } },
    required: [key],
    additionalProperties: false,
  })
  return {
    oneOf: [
      from('file', 'File that holds it, beginning where this file lies.'),
      from('env', 'Variable of the environment that holds it.'),
      { ...text, description: 'The secret itself: better in a file or the environment.' },
    ],
    description,
  }
}

/** The words that say how hosts are reached, as editors check them. */
const connection = mapValues<ParamSchema>(connectionWords, (schema) => {
  if (schema.secret) return secretSchema(schema)
  return schema.format === 'duration'
    ? timeSchema(schema, { exclusiveMinimum: 0 })
    : plainJsonSchema(schema)
})

const reference = (name: string): Json => ({ $ref: `#/definitions/${name}` })
const groups: Json = { anyOf: [reference('group'), nothing] }

/** The JSON Schema of inventory files, for editors: our shape and Ansible's. */
export function inventorySchema(): Json {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'trueup inventory',
    type: 'object',
    properties: { ...topSchema(), ...connection },
    // Ansible's shape may name its groups at the top.
    additionalProperties: groups,
    definitions: {
      vars: varsSchema(),
      host: hostSchema(),
      hosts: hostsSchema(),
      group: groupSchema(),
      source: sourceSchema(),
      service: serviceSchema(),
    },
  }
}

function topSchema(): Json {
  return {
    hosts: {
      ...reference('hosts'),
      description: 'Hosts by name or range (`x3000c0s[19-21]b[1-4]n0`), and how they are reached.',
    },
    groups: {
      type: 'object',
      description: 'Groups of hosts.',
      propertyNames: { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' },
      additionalProperties: groups,
    },
    vars: { ...reference('vars'), description: 'Vars of all hosts.' },
    services: {
      type: 'object',
      description: 'HTTP services.',
      additionalProperties: reference('service'),
    },
    source: {
      ...reference('source'),
      description: 'What is asked for hosts: a program, or HSM and SLS.',
    },
    all: {
      ...reference('group'),
      description: "The root of an inventory in Ansible's shape.",
    },
  }
}

function varsSchema(): Json {
  return {
    anyOf: [
      {
        type: 'object',
        properties: connection,
        propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
      },
      nothing,
    ],
  }
}

function hostSchema(): Json {
  const vars = { ...reference('vars'), description: 'Vars of this host.' }
  return { anyOf: [{ type: 'object', properties: { ...connection, vars } }, nothing] }
}

function hostsSchema(): Json {
  return {
    anyOf: [
      { ...text, description: 'A pattern: names, ranges, `@group`, `,` `!` `&` `^`.' },
      { type: 'array', items: text },
      { type: 'object', additionalProperties: reference('host') },
      nothing,
    ],
  }
}

function groupSchema(): Json {
  return {
    type: 'object',
    properties: {
      hosts: {
        ...reference('hosts'),
        description: 'Its hosts: named, in ranges, or a pattern over other groups.',
      },
      children: {
        anyOf: [
          text,
          { type: 'array', items: text },
          { type: 'object', additionalProperties: groups },
          nothing,
        ],
        description: 'Groups that lie in this one.',
      },
      vars: { ...reference('vars'), description: 'Vars of its hosts.' },
      where: {
        ...text,
        description: 'A condition (CEL) over each host: those for which it holds are in the group.',
      },
      by: {
        ...text,
        description:
          'An expression (CEL) over each host: its value names a group in this one, `GROUP_value`.',
      },
      ...connection,
    },
    additionalProperties: false,
  }
}

function serviceSchema(): Json {
  const properties: Record<(typeof serviceKeys)[number], Json> = {
    url: plainJsonSchema({ type: 'string', format: 'url', description: 'Base URL.' }),
    ca: { ...text, description: 'PEM file of the authorities to trust.' },
    insecure: { type: 'boolean', description: 'Do not verify certificates.' },
    via: { ...text, description: 'Host through whose SSH connection it is reached.' },
    token: {
      oneOf: Object.entries(tokenKeys).map(([from, keys]) => tokenSchema(from, keys)),
      description: 'Where the bearer token comes from, or the keys that requests are signed with.',
    },
  }
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, schema]) => [
        key,
        key === 'url'
          ? schema
          : { anyOf: [schema, { type: 'null' }], description: schema['description'] },
      ]),
    ),
    additionalProperties: false,
  }
}

const tokenWords: Readonly<Record<string, string>> = {
  path: 'File that holds it.',
  host: 'Host on which the secret of Kubernetes is read.',
  namespace: 'Namespace of the secret of Kubernetes: `services` when absent.',
  secret: 'Name of the secret of Kubernetes.',
  key: 'Its key.',
  region: 'Region that signatures name: `default` when absent.',
  url: 'Where the secret is changed for a token.',
  client_id: 'Client that asks for it.',
}

const neededTokenKeys: Readonly<Record<string, readonly string[]>> = {
  file: ['path'],
  'k8s-secret': ['secret', 'key'],
}

function tokenSchema(from: string, keys: readonly string[]): Json {
  const properties = Object.fromEntries(
    keys.map((key) => [key, { ...text, description: tokenWords[key] }]),
  )
  return {
    type: 'object',
    properties: { from: { const: from, description: 'Where it comes from.' }, ...properties },
    required: ['from', ...(neededTokenKeys[from] ?? [])],
    additionalProperties: false,
  }
}

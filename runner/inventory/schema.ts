import { connectionWords } from './connection.ts'
import { tokenKeys, type serviceKeys } from './services.ts'

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string', minLength: 1 }
const secret: Schema = {
  oneOf: [
    { type: 'object', properties: { file: { ...text, description: 'File that holds it, beginning where this file lies.' } }, required: ['file'], additionalProperties: false },
    { type: 'object', properties: { env: { ...text, description: 'Variable of the environment that holds it.' } }, required: ['env'], additionalProperties: false },
    { ...text, description: 'The secret itself: better in a file or the environment.' },
  ],
}
const secretFile: Schema = { ...text, description: 'File that holds nothing but the secret.' }

const words: Readonly<Record<string, Schema>> = {
  address: { ...text, description: "Name or address to connect to; the host's name when absent." },
  port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'TCP port of sshd.' },
  user: { ...text, description: 'User to log in as.' },
  connection: { enum: ['ssh', 'local'], description: '`local` runs on this machine, without SSH.' },
  key_files: { oneOf: [text, { type: 'array', items: text }], description: 'Private keys to offer, in this order.' },
  password: { ...secret, description: 'Password to log in with.' },
  password_file: secretFile,
  key_passphrase: { ...secret, description: 'Passphrase of the private keys.' },
  key_passphrase_file: secretFile,
  jump: { oneOf: [text, { type: 'array', items: text }], description: '`user@host:port` to go through; several are joined by commas, the nearest first.' },
  host_keys: { enum: ['strict', 'accept-new', 'off', 'new-after-boot'], description: 'What happens to a host key that is not known.' },
  known_hosts_file: { ...text, description: 'File of the known host keys.' },
  connect_timeout: { oneOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'string', pattern: '^([0-9.]+(ms|s|m|h|d)\\s*)+$' }], description: 'Seconds, or a duration (`30s`), for TCP, handshake and login together.' },
  become_password: { ...secret, description: 'Password that sudo asks for.' },
  become_password_file: secretFile,
}

/** The JSON Schema of inventory files, for editors: our shape and Ansible's. */
export function inventorySchema(): Schema {
  const connection = Object.fromEntries(connectionWords.map((word) => [word, words[word] ?? {}]))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'trueup inventory',
    type: 'object',
    properties: {
      hosts: { $ref: '#/definitions/hosts', description: 'Hosts by name or range (`x3000c0s[19-21]b[1-4]n0`), and how they are reached.' },
      groups: { type: 'object', description: 'Groups of hosts.', propertyNames: { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' }, additionalProperties: { anyOf: [{ $ref: '#/definitions/group' }, { type: 'null' }] } },
      vars: { $ref: '#/definitions/vars', description: 'Vars of all hosts.' },
      services: { type: 'object', description: 'HTTP services.', additionalProperties: { $ref: '#/definitions/service' } },
      all: { $ref: '#/definitions/group', description: "The root of an inventory in Ansible's shape." },
      ...connection,
    },
    // Ansible's shape may name its groups at the top.
    additionalProperties: { anyOf: [{ $ref: '#/definitions/group' }, { type: 'null' }] },
    definitions: {
      vars: { anyOf: [{ type: 'object', properties: connection, propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } }, { type: 'null' }] },
      host: { anyOf: [{ type: 'object', properties: { ...connection, vars: { $ref: '#/definitions/vars' } } }, { type: 'null' }] },
      hosts: {
        anyOf: [
          { ...text, description: 'A pattern: names, ranges, `@group`, `,` `!` `&` `^`.' },
          { type: 'array', items: text },
          { type: 'object', additionalProperties: { $ref: '#/definitions/host' } },
          { type: 'null' },
        ],
      },
      group: {
        type: 'object',
        properties: {
          hosts: { $ref: '#/definitions/hosts' },
          children: { anyOf: [{ ...text }, { type: 'array', items: text }, { type: 'object', additionalProperties: { anyOf: [{ $ref: '#/definitions/group' }, { type: 'null' }] } }, { type: 'null' }], description: 'Groups that lie in this one.' },
          vars: { $ref: '#/definitions/vars' },
          ...connection,
        },
        additionalProperties: false,
      },
      service: serviceSchema(),
    },
  }
}

function serviceSchema(): Schema {
  const properties: Record<(typeof serviceKeys)[number], Schema> = {
    url: { ...text, pattern: '^https?://', description: 'Base URL.' },
    ca: { ...text, description: 'PEM file of the authorities to trust.' },
    insecure: { type: 'boolean', description: 'Do not verify certificates.' },
    via: { ...text, description: 'Host through whose SSH connection it is reached.' },
    token: { oneOf: Object.entries(tokenKeys).map(([from, keys]) => tokenSchema(from, keys)), description: 'Where the bearer token comes from.' },
  }
  return { type: 'object', properties: Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, key === 'url' ? schema : { anyOf: [schema, { type: 'null' }] }])), additionalProperties: false }
}

function tokenSchema(from: string, keys: readonly string[]): Schema {
  return { type: 'object', properties: { from: { const: from }, ...Object.fromEntries(keys.map((key) => [key, text])) }, required: from === 'file' ? ['from', 'path'] : ['from'], additionalProperties: false }
}

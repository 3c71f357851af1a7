import { connectionWords } from './connection.ts'
import { tokenKeys, type serviceKeys } from './services.ts'
import { csmFilters, type CsmFilter, type sourceKeys } from './sources/source.ts'

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string', minLength: 1 }
const secret: Schema = {
  oneOf: [
    {
      type: 'object',
      properties: {
        file: { ...text, description: 'File that holds it, beginning where this file lies.' },
      },
      required: ['file'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { env: { ...text, description: 'Variable of the environment that holds it.' } },
      required: ['env'],
      additionalProperties: false,
    },
    { ...text, description: 'The secret itself: better in a file or the environment.' },
  ],
}
const secretFile: Schema = { ...text, description: 'File that holds nothing but the secret.' }

const words: Readonly<Record<string, Schema>> = {
  address: { ...text, description: "Name or address to connect to; the host's name when absent." },
  port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'TCP port of sshd.' },
  user: { ...text, description: 'User to log in as.' },
  connection: { enum: ['ssh', 'local'], description: '`local` runs on this machine, without SSH.' },
  key_files: {
    oneOf: [text, { type: 'array', items: text }],
    description: 'Private keys to offer, in this order.',
  },
  password: { ...secret, description: 'Password to log in with.' },
  password_file: secretFile,
  key_passphrase: { ...secret, description: 'Passphrase of the private keys.' },
  key_passphrase_file: secretFile,
  jump: {
    oneOf: [text, { type: 'array', items: text }],
    description: '`user@host:port` to go through; several are joined by commas, the nearest first.',
  },
  host_keys: {
    enum: ['strict', 'accept-new', 'off', 'new-after-boot'],
    description: 'What happens to a host key that is not known.',
  },
  known_hosts_file: { ...text, description: 'File of the known host keys.' },
  transport: {
    enum: ['ssh2', 'openssh'],
    description: "What makes the connection: `ssh2` in this process, or the system's own ssh.",
  },
  ssh_config: {
    ...text,
    description: "ssh_config to read in place of ~/.ssh/config and the system's; `none`: no file.",
  },
  connect_timeout: {
    oneOf: [
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'string', pattern: '^([0-9.]+(ms|s|m|h|d)\\s*)+$' },
    ],
    description: 'Seconds, or a duration (`30s`), for TCP, handshake and login together.',
  },
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
      hosts: {
        $ref: '#/definitions/hosts',
        description:
          'Hosts by name or range (`x3000c0s[19-21]b[1-4]n0`), and how they are reached.',
      },
      groups: {
        type: 'object',
        description: 'Groups of hosts.',
        propertyNames: { pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' },
        additionalProperties: { anyOf: [{ $ref: '#/definitions/group' }, { type: 'null' }] },
      },
      vars: { $ref: '#/definitions/vars', description: 'Vars of all hosts.' },
      services: {
        type: 'object',
        description: 'HTTP services.',
        additionalProperties: { $ref: '#/definitions/service' },
      },
      source: {
        $ref: '#/definitions/source',
        description: 'What is asked for hosts: a program, or HSM and SLS.',
      },
      all: {
        $ref: '#/definitions/group',
        description: "The root of an inventory in Ansible's shape.",
      },
      ...connection,
    },
    // Ansible's shape may name its groups at the top.
    additionalProperties: { anyOf: [{ $ref: '#/definitions/group' }, { type: 'null' }] },
    definitions: {
      vars: {
        anyOf: [
          {
            type: 'object',
            properties: connection,
            propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
          },
          { type: 'null' },
        ],
      },
      host: {
        anyOf: [
          {
            type: 'object',
            properties: {
              ...connection,
              vars: { $ref: '#/definitions/vars', description: 'Vars of this host.' },
            },
          },
          { type: 'null' },
        ],
      },
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
          hosts: {
            $ref: '#/definitions/hosts',
            description: 'Its hosts: named, in ranges, or a pattern over other groups.',
          },
          children: {
            anyOf: [
              { ...text },
              { type: 'array', items: text },
              {
                type: 'object',
                additionalProperties: {
                  anyOf: [{ $ref: '#/definitions/group' }, { type: 'null' }],
                },
              },
              { type: 'null' },
            ],
            description: 'Groups that lie in this one.',
          },
          vars: { $ref: '#/definitions/vars', description: 'Vars of its hosts.' },
          where: {
            ...text,
            description:
              'A condition (CEL) over each host: those for which it holds are in the group.',
          },
          by: {
            ...text,
            description:
              'An expression (CEL) over each host: its value names a group in this one, `GROUP_value`.',
          },
          ...connection,
        },
        additionalProperties: false,
      },
      source: sourceSchema(),
      service: serviceSchema(),
    },
  }
}

function sourceSchema(): Schema {
  const age = (description: string): Schema => ({
    oneOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: '^([0-9.]+(ms|s|m|h|d)\\s*)+$' },
    ],
    description,
  })
  const shared = {
    max_age: age(
      'How long an answer is used again before the source is asked again (`10m`). Absent: it is asked each time.',
    ),
    timeout: age('How long it may take; a minute when absent.'),
  }
  const about: Readonly<Record<CsmFilter, string>> = {
    role: 'Roles: `Compute`, `Application` …',
    subrole: 'Subroles: `Worker`, `UAN` …',
    arch: 'Architectures: `X86`, `ARM`.',
    class: 'Classes: `River`, `Mountain`, `Hill`.',
    state: 'States: `Ready`, `On`, `Off` …',
    enabled: 'Whether they are enabled.',
    group: 'Groups of HSM.',
    partition: 'Partitions of HSM.',
  }
  const only = Object.fromEntries(
    csmFilters.map((key) => [
      key,
      key === 'enabled'
        ? { type: 'boolean', description: about[key] }
        : {
            oneOf: [text, { type: 'array', items: text }],
            description: `${about[key]} \`!value\` leaves out.`,
          },
    ]),
  )
  const kinds: {
    readonly [K in keyof typeof sourceKeys]: Readonly<
      Record<(typeof sourceKeys)[K][number], Schema>
    >
  } = {
    csm: {
      kind: { const: 'csm', description: 'HSM and SLS.' },
      hsm: { ...text, description: 'The service that is HSM; `hsm` when absent.' },
      sls: {
        oneOf: [text, { const: false }],
        description:
          'The service that is SLS; `sls` when absent. `false`: it is not asked, and aliases are made of NIDs.',
      },
      only: {
        type: 'object',
        properties: only,
        additionalProperties: false,
        description: 'Which nodes are taken; all of these must hold.',
      },
      prefix: { type: 'string', description: 'What the names of its groups begin with.' },
      ...shared,
    },
    program: {
      kind: { const: 'program', description: "A program that prints Ansible's JSON form." },
      path: { ...text, description: 'The program; a relative path begins where this file lies.' },
      ...shared,
    },
  }
  return {
    oneOf: [
      { const: 'csm' },
      ...Object.entries(kinds).map(([kind, properties]) => ({
        type: 'object',
        properties,
        required: kind === 'program' ? ['kind', 'path'] : ['kind'],
        additionalProperties: false,
      })),
    ],
  }
}

function serviceSchema(): Schema {
  const properties: Record<(typeof serviceKeys)[number], Schema> = {
    url: { ...text, pattern: '^https?://', description: 'Base URL.' },
    ca: { ...text, description: 'PEM file of the authorities to trust.' },
    insecure: { type: 'boolean', description: 'Do not verify certificates.' },
    via: { ...text, description: 'Host through whose SSH connection it is reached.' },
    token: {
      oneOf: Object.entries(tokenKeys).map(([from, keys]) => tokenSchema(from, keys)),
      description: 'Where the bearer token comes from.',
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
  host: 'Host on which the secret admin-client-auth is read.',
  url: 'Where the secret is changed for a token.',
  client_id: 'Client that asks for it.',
}

function tokenSchema(from: string, keys: readonly string[]): Schema {
  const properties = Object.fromEntries(
    keys.map((key) => [key, { ...text, description: tokenWords[key] }]),
  )
  return {
    type: 'object',
    properties: { from: { const: from, description: 'Where it comes from.' }, ...properties },
    required: from === 'file' ? ['from', 'path'] : ['from'],
    additionalProperties: false,
  }
}

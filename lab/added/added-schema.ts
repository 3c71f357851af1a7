const text = { type: 'string' } as const
const texts = { type: 'array', items: text } as const
const names = {
  anyOf: [text, texts],
  description: 'write one name, or a list: on: [management, x3000c0s19b1n0]',
} as const

const file = {
  anyOf: [
    text,
    {
      type: 'object',
      additionalProperties: false,
      properties: { src: text, content: text, mode: text, on: names },
    },
  ],
  description: 'write the path of a file below this folder, or { src or content, mode, on }',
} as const

const command = {
  anyOf: [
    text,
    {
      type: 'object',
      additionalProperties: false,
      required: ['script'],
      properties: { script: text, on: names, replaces: { type: 'boolean' } },
    },
  ],
  description: 'write the path of a script below this folder, or { script, on, replaces }',
} as const

const map = (item: object): object => ({ type: 'object', additionalProperties: item })

const node = {
  type: 'object',
  additionalProperties: false,
  required: ['role'],
  properties: {
    role: { enum: ['compute', 'application', 'master', 'worker', 'storage'] },
    arch: { enum: ['x86_64', 'aarch64'] },
    service_pack: { type: 'integer', enum: [3, 4, 5, 6, 7] },
    packages: texts,
    groups: texts,
  },
}

const added = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'repository'],
  properties: {
    version: text,
    repository: text,
    summary: text,
    requires: texts,
    signed: { type: 'boolean' },
    files: map(file),
    commands: map(text),
    installed_on: names,
  },
}

const service = {
  type: 'object',
  additionalProperties: false,
  properties: {
    prefix: text,
    state: { type: 'object' },
    module: text,
    routes: { type: 'array', items: { type: 'object' } },
  },
}

/** The shape of lab.yaml. What its values mean is checked by what reads them. */
export const addedSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    nodes: map(node),
    packages: map(added),
    files: map(file),
    commands: map(command),
    objects: { type: 'array' },
    services: map(service),
    requests: { type: 'array', items: { type: 'object' } },
  },
} as const

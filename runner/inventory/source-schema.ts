import type { ParamSchema } from '../contract/param-schema.ts'
import { plainJsonSchema, type Json } from '../schema/value-json-schema.ts'
import { csmFilters, type CsmFilter, type sourceKeys } from './sources/source.ts'

const text = { type: 'string', minLength: 1 } as const

/** Seconds, as other programs write them, or a duration. */
export function timeSchema({ description }: Pick<ParamSchema, 'description'>, least: Json): Json {
  return {
    description,
    anyOf: [
      { type: 'number', ...least },
      { type: 'string', pattern: '^[0-9]{1,9}$' },
      plainJsonSchema({ type: 'string', format: 'duration', description: 'A time.' }),
    ],
  }
}

const shared = {
  max_age: timeSchema(
    {
      description:
        'How long an answer is used again before the source is asked again (`10m`). Absent: it is asked each time.',
    },
    { minimum: 0 },
  ),
  timeout: timeSchema(
    { description: 'How long it may take; a minute when absent.' },
    { exclusiveMinimum: 0 },
  ),
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

function filterSchema(key: CsmFilter): Json {
  return key === 'enabled'
    ? { type: 'boolean', description: about[key] }
    : {
        oneOf: [text, { type: 'array', items: text }],
        description: `${about[key]} \`!value\` leaves out.`,
      }
}

const kinds: {
  readonly [K in keyof typeof sourceKeys]: Readonly<Record<(typeof sourceKeys)[K][number], Json>>
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
      properties: Object.fromEntries(csmFilters.map((key) => [key, filterSchema(key)])),
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

/** The JSON Schema of `source:`: a program, or HSM and SLS. */
export function sourceSchema(): Json {
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

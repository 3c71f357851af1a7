import type { ParamSchema } from '../contract/param-schema.ts'

/** A value of a setting, as YAML gives it. */
export type SettingValue = string | number | boolean | readonly string[]

/** A setting: what it means, and what it takes. */
export interface Setting {
  /** Its name in a configuration file; a dot is a map in a map. */
  readonly name: string
  readonly description: string
  readonly kind:
    | 'address'
    | 'keep'
    | 'path'
    | 'paths'
    | 'words'
    | 'reports'
    | 'count'
    | 'truth'
    | 'duration'
    | 'size'
    | 'choice'
  readonly choices?: readonly string[]
  /** The option of the command line that says the same, as commander names it. */
  readonly option?: string
  /** What holds where nothing says otherwise, in words. */
  readonly otherwise: string
}

/** Every setting of a configuration file. The table in docs/configuration.md and the JSON Schema are made of it. */
export const settings: readonly Setting[] = [
  {
    name: 'inventory',
    kind: 'paths',
    option: 'inventory',
    description: 'Inventory files, folders and programs',
    otherwise: './inventory, where there is one',
  },
  {
    name: 'forks',
    kind: 'count',
    option: 'forks',
    description: 'Hosts whose connections are open at once',
    otherwise: '50',
  },
  {
    name: 'ask_become_pass',
    kind: 'truth',
    option: 'askBecomePass',
    description: 'Ask for the sudo password before a run',
    otherwise: 'false',
  },
  {
    name: 'become_password_file',
    kind: 'path',
    description:
      'A file for you alone with the sudo password of hosts whose inventory names none; `ask_become_pass` wins',
    otherwise: 'none',
  },
  {
    name: 'output',
    kind: 'choice',
    choices: ['auto', 'plain', 'json'],
    option: 'output',
    description: 'The form of the output',
    otherwise: 'auto: a screen on a terminal, else plain',
  },
  {
    name: 'diff',
    kind: 'truth',
    option: 'diff',
    description: 'Show what differs, field by field',
    otherwise: 'false',
  },
  {
    name: 'ssh_config',
    kind: 'path',
    option: 'sshConfig',
    description: "An ssh_config in place of the user's and the system's",
    otherwise: '~/.ssh/config and /etc/ssh/ssh_config',
  },
  {
    name: 'lock_timeout',
    kind: 'duration',
    option: 'lockTimeout',
    description: 'How long an apply waits for another run on its host',
    otherwise: '30s',
  },
  {
    name: 'keep',
    kind: 'keep',
    option: 'keep',
    description:
      'How long connections are kept for the next run of a person at a terminal; 0: not at all',
    otherwise: '60s',
  },
  {
    name: 'state_dir',
    kind: 'path',
    option: 'stateDir',
    description: 'The folder of run logs and guesses',
    otherwise: '~/.local/state/trueup',
  },
  {
    name: 'log',
    kind: 'truth',
    option: 'log',
    description: 'Keep a log of each run',
    otherwise: 'true',
  },
  {
    name: 'log_to',
    kind: 'words',
    option: 'logTo',
    description:
      'Logs that get what changes and fails too: `syslog`, or `otlp:URL` of a collector of OpenTelemetry',
    otherwise: 'none',
  },
  {
    name: 'keep_runs.count',
    kind: 'count',
    description: 'Run logs that are kept; older ones are removed',
    otherwise: '200',
  },
  {
    name: 'keep_runs.size',
    kind: 'size',
    description: 'Bytes that all run logs may take; the oldest ones are removed',
    otherwise: 'no limit',
  },
  {
    name: 'keep_runs.age',
    kind: 'duration',
    description: 'Age after which a run log is removed',
    otherwise: 'no limit',
  },
  {
    name: 'report',
    kind: 'reports',
    option: 'report',
    description: 'Reports that are written at the end of a run, as FORM or FORM:FILE',
    otherwise: 'none',
  },
  {
    name: 'metrics',
    kind: 'path',
    option: 'metrics',
    description: 'A file for node_exporter that says how the last run ended',
    otherwise: 'none',
  },
  {
    name: 'types',
    kind: 'paths',
    option: 'types',
    description: "Folders of a site's own resource types, beside those that lie next to a playbook",
    otherwise: 'none',
  },
  {
    name: 'on_end.command',
    kind: 'words',
    description:
      'A program and its arguments, started when a run has ended; it reads what the run did as JSON',
    otherwise: 'none',
  },
  {
    name: 'on_end.webhook',
    kind: 'address',
    description: 'An address that gets the same JSON by POST',
    otherwise: 'none',
  },
]

/** The name of a setting's environment variable: `TRUEUP_KEEP_RUNS_COUNT`. */
export function variableOf(setting: Setting): string {
  return `TRUEUP_${setting.name.toUpperCase().replaceAll('.', '_')}`
}

const word: ParamSchema = { type: 'string', minLength: 1, description: 'A text.' }
const several = { type: 'array', minItems: 1, items: word } as const

const schemas: Readonly<Record<Setting['kind'], Omit<ParamSchema, 'description'>>> = {
  address: { type: 'string', format: 'url' },
  path: { type: 'string', minLength: 1 },
  paths: several,
  words: several,
  reports: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'string',
      pattern: '^(html|md|junit|json)(:.+)?$',
      description: 'A form, and behind a colon its file.',
    },
  },
  count: { type: 'integer', minimum: 1 },
  truth: { type: 'boolean' },
  duration: { type: 'string', format: 'duration' },
  size: { type: 'string', format: 'size' },
  choice: { type: 'string' },
  keep: {
    type: 'string',
    orInteger: true,
    pattern: '^(?:\\d{1,9}|\\s*(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d)\\s*)+)$',
    hint: 'write a duration such as 60s or 10m, or 0',
  },
}

/** The values that a setting takes. */
export function schemaOf({ kind, choices, description, otherwise }: Setting): ParamSchema {
  return {
    ...schemas[kind],
    ...(choices ? { enum: choices } : {}),
    description: `${description}. Default: ${otherwise}.`,
  }
}

/** The value that an environment variable's text means. A text that is not of the setting's kind stays a text, and the check refuses it. */
export function valueOfVariable(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'paths':
      return text.split(':').filter((path) => path !== '')
    case 'words':
    case 'reports':
      return text.split(/\s+/).filter((word) => word !== '')
    case 'count':
      return /^\d+$/.test(text) ? Number(text) : text
    case 'truth':
      return text === 'true' || text === '1'
        ? true
        : text === 'false' || text === '0'
          ? false
          : text
    default:
      return text
  }
}

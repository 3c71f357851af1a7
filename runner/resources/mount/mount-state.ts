import type { StateSchema } from '../../contract/state.ts'

/** What is known of the mounts at a path. */
export const mountState = {
  source: {
    type: 'string',
    description:
      'What shows at the path: `src`, when device and folder are those that it names; null where nothing is mounted.',
  },
  times: { type: 'integer', description: 'How many mounts lie over each other at the path.' },
  mode: {
    type: 'string',
    description: 'Permissions of the mounted folder; null where nothing is mounted.',
  },
  options: {
    type: 'object',
    additionalProperties: { type: 'boolean', description: 'On.' },
    description: 'Its options: ro, nosuid, nodev …',
  },
  line: {
    type: 'string',
    description:
      'Its line in /etc/fstab, with one blank between the fields; null where no line mounts anything there.',
  },
  table: { type: 'string', information: true, description: 'The text of /etc/fstab.' },
  device: { type: 'string', information: true, description: '`major:minor` of the file system.' },
  root: {
    type: 'string',
    information: true,
    description: 'The folder of the file system that shows.',
  },
  fstype: { type: 'string', information: true, description: 'Kind of file system.' },
  real: { type: 'string', information: true, description: 'The path without links.' },
  is_alike: {
    type: 'boolean',
    information: true,
    description: 'Whether all that is mounted there is the same.',
  },
  path_kind: {
    type: 'string',
    information: true,
    description: 'What the path is: `directory` …; null where nothing is.',
  },
  source_kind: {
    type: 'string',
    information: true,
    description: 'What `src` is: `block`, `directory` …; null where nothing is.',
  },
  aimed_by: {
    type: 'string',
    information: true,
    description: 'Who but root could exchange the folder while it is mounted: `alice`, `others`.',
  },
  covers: {
    type: 'array',
    items: { type: 'string', description: 'Name.' },
    information: true,
    description: 'First entries of the folder, where a mount would hide them.',
  },
  below: {
    type: 'array',
    items: { type: 'string', description: 'Path.' },
    information: true,
    description: 'What is mounted below the path, the deepest first.',
  },
  busy: {
    type: 'array',
    items: { type: 'string', description: 'Name.' },
    information: true,
    description: 'Entries that `unless_holds` names.',
  },
} as const satisfies StateSchema

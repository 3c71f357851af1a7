import { stat } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { entriesIn, namesIn } from '../folder-entries.ts'
import { unclear } from '../unclear.ts'

const pattern = {
  type: 'string',
  format: 'line',
  pattern: '^[^/]+$',
  description: 'Pattern of the shell.',
} as const

/** A folder holds nothing, or nothing of certain names. */
export const directoryEmpty = defineResource({
  name: 'directory_empty',
  summary: 'A folder holds nothing, or nothing of certain names.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (bind mounts over /tmp and /var/lib/containers); find(1)',
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'The folder.',
      },
      only: {
        type: 'array',
        orOne: true,
        minItems: 1,
        identity: true,
        items: pattern,
        description: 'Only entries with these names count: `ims_*` are jobs of IMS.',
        examples: ['ims_*'],
      },
      except: {
        type: 'array',
        orOne: true,
        minItems: 1,
        identity: true,
        items: pattern,
        description: 'Entries with these names do not count.',
        examples: ['lost+found'],
      },
      empty: { type: 'boolean', default: true, description: 'Whether it must be empty.' },
    },
  },
  state: {
    empty: {
      type: 'boolean',
      description:
        'Whether nothing that counts is in it; a folder that is not there holds nothing.',
    },
    exists: { type: 'boolean', information: true, description: 'Whether the folder is there.' },
    entries: {
      type: 'array',
      items: { type: 'string', format: 'line', description: 'Name.' },
      information: true,
      description: 'Names of what counts, the first twenty.',
    },
  },
  probe: ({ path, only, except }, seen) => ({
    at: stat(path, { follow: true }),
    entries: seen['at']?.kind === 'directory' ? entriesIn(path, only, except) : undefined,
  }),
  observe: ({ at, entries }, { path }) => {
    if (at.exists && at.kind !== 'directory')
      return unclear(`${path} is a ${at.kind}, not a folder`, 'name the folder')
    const names = entries ? namesIn(entries.stdout) : []
    return { empty: names.length === 0, exists: at.exists, entries: names }
  },
  desire: ({ empty }) => ({ empty }),
})

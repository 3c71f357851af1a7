import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'

/** A command is found in the host's PATH. */
export const commandExists = defineResource({
  name: 'command_exists',
  summary: "A command is found in the host's PATH.",
  source: 'Configure a Remote Build Node, "Use an existing compute node" step 1',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.+-]*$',
        description: 'Name of the command.',
      },
      path: {
        type: 'string',
        matcher: true,
        description: 'Where it must be found. Left out: anywhere.',
        examples: ['/usr/bin/podman'],
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether it is found.' },
    path: { type: 'string', description: 'Where it is found first.' },
  },
  // Of a command that is not there some shells say 1, others 127.
  probe: ({ name }) => ({ found: ask(['sh', '-c', 'command -v "$1"', 'sh', name], [0, 1, 127]) }),
  observe: ({ found }) => ({
    exists: found.exit === 0,
    path: found.exit === 0 ? found.stdout.trim() : null,
  }),
  desire: ({ path }) => ({ exists: true, path }),
})

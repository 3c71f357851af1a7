import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'

/** A host runs in this boot, or in another one than that. */
export const bootId = defineResource({
  name: 'boot_id',
  summary: 'A host runs in this boot, or in another one than that.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (wait until it is booted); random(4)',
  params: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        default: '/proc/sys/kernel/random/boot_id',
        description: 'Where the kernel shows it.',
      },
      id: {
        type: 'string',
        matcher: true,
        description: 'The identifier that it must have, or must not have. Left out: any.',
        examples: [{ not: '4f1c…' }],
      },
    },
  },
  state: {
    id: {
      type: 'string',
      description: 'Identifier of the running boot: another one after each boot.',
    },
  },
  probe: ({ path }) => ({ boot: text(path) }),
  observe: ({ boot }, { path }) => ({
    id:
      boot.exists && boot.text.trim() !== ''
        ? boot.text.trim()
        : unclear(`${path} holds no boot id`, 'only Linux has one'),
  }),
  desire: ({ id }) => ({ id }),
})

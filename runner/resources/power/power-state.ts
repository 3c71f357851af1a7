import type { StateSchema } from '../../contract/state.ts'

/** What is known of the power of a component. */
export const powerState = {
  power: {
    type: 'string',
    enum: ['on', 'off', 'undefined'],
    description: '`undefined`: PCS cannot tell.',
  },
  children: {
    type: 'object',
    additionalProperties: { type: 'string', description: '`on`, `off` or `undefined`.' },
    description: 'With `children: true`: the power of each node and slot that it feeds.',
  },
  feeds: {
    type: 'array',
    information: true,
    items: { type: 'string', description: 'A component.' },
    description: 'Nodes and slots that it feeds and that have power; read only where it matters.',
  },
  fixed: {
    type: 'array',
    information: true,
    items: { type: 'string', description: 'A component.' },
    description: 'Of those that it feeds, the ones that HSM has locked.',
  },
  supported: {
    type: 'array',
    information: true,
    items: { type: 'string', description: 'An operation.' },
    description: 'What PCS can do to it: `On`, `Off`, `Force-Off` …',
  },
  management: {
    type: 'string',
    information: true,
    description: '`available`, or `unavailable` where PCS cannot reach the controller of the node.',
  },
  locked: {
    type: 'boolean',
    information: true,
    description: 'Whether HSM has it locked; read only where it is to be switched.',
  },
  transition: {
    type: 'string',
    information: true,
    description:
      'How far PCS is with the transition that it works on: `new`, `in-progress`, `completed`, `failed` …',
  },
  operation: {
    type: 'string',
    information: true,
    description: 'What that transition does: `on`, `off`, `hard-restart` …',
  },
  trouble: {
    type: 'string',
    information: true,
    description: 'Why the transition failed, in the words of PCS.',
  },
} as const satisfies StateSchema

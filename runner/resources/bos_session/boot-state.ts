import type { StateSchema } from '../../contract/state.ts'
import { stages } from '../service-job.ts'

/** What is known of the boot of some nodes. */
export const bootState = {
  booted: {
    type: 'boolean',
    description:
      'Whether all of the nodes run the image, by their own word, and BOS is done with them.',
  },
  off: {
    type: 'boolean',
    description: 'Whether PCS says of all of the nodes that they are off; read for `shutdown`.',
  },
  staged: {
    type: 'boolean',
    description: 'Whether all of the nodes hold a staged session of this name; read for `stage`.',
  },
  image: {
    type: 'string',
    information: true,
    description: 'Id of the image of the template; null without a template.',
  },
  waiting: {
    type: 'array',
    items: { type: 'string', description: 'Component name.' },
    information: true,
    description: 'The nodes that are not there yet: a session is for these and no other.',
  },
  images: {
    type: 'object',
    additionalProperties: { type: 'any', description: 'Id, or null.' },
    information: true,
    description: 'The image that each node runs, by its own word; null where it has said nothing.',
  },
  power: {
    type: 'string',
    information: true,
    description:
      '`on` or `off` for all that a session is for; `mixed`; `undefined` where PCS cannot tell of one.',
  },
  session: {
    type: 'string',
    information: true,
    description: 'The last session of this name; null without one.',
  },
  outcome: {
    type: 'string',
    enum: stages,
    information: true,
    description:
      '`succeeded`: complete, with every node done. `none` also where other sessions have had the nodes since.',
  },
  phase: { type: 'string', information: true, description: 'What BOS does just now.' },
  trouble: {
    type: 'string',
    information: true,
    description: 'Why it failed, or why none is begun.',
  },
  remedy: { type: 'string', information: true, description: 'What to do about that.' },
  next: {
    type: 'string',
    information: true,
    description: 'What the next session would be called.',
  },
} as const satisfies StateSchema

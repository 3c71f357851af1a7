import type { ParamsSchema } from '../../contract/param-schema.ts'

const name = '^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,120}[a-zA-Z0-9])?$'

/** What a task says of a session. */
export const sessionParams = {
  type: 'object',
  required: ['name', 'template_name', 'limit'],
  properties: {
    name: {
      type: 'string',
      identity: true,
      pattern: name,
      description:
        'Name of the session. Where one of this name has ended, the next is NAME-2, NAME-3 …',
      examples: ['builder-x3000c0s19b4n0'],
    },
    template_name: {
      type: 'string',
      identity: true,
      pattern: name,
      description: 'Session template that has the image.',
    },
    limit: {
      type: 'array',
      identity: true,
      orOne: true,
      minItems: 1,
      items: { type: 'string', format: 'xname', description: 'Component name of a node.' },
      description: 'The nodes, by xname; no other node is touched.',
    },
    operation: {
      type: 'string',
      enum: ['auto', 'boot', 'reboot', 'shutdown'],
      default: 'auto',
      description:
        '`auto`: `boot` where PCS says that the power is off, `reboot` where it is on. `shutdown`: the nodes are off.',
    },
    stage: {
      type: 'boolean',
      default: false,
      onlyWith: { operation: ['boot', 'reboot', 'shutdown'] },
      description:
        'Only record what the nodes are to do; BOS does it when the stage is applied (`/v2/applystaged`).',
    },
    include_disabled: {
      type: 'boolean',
      default: false,
      description: 'Also act on nodes that are disabled in HSM.',
    },
  },
} as const satisfies ParamsSchema

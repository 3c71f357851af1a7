import type { ParamsSchema } from '../../contract/param-schema.ts'

/** What a task says of the power of a component. */
export const powerParams = {
  type: 'object',
  required: ['xname', 'state'],
  properties: {
    xname: {
      type: 'string',
      format: 'xname',
      xnames: [
        'Node',
        'VirtualNode',
        'Chassis',
        'ComputeModule',
        'RouterModule',
        'CabinetPDUPowerConnector',
        'NodeBMC',
        'RouterBMC',
        'ChassisBMC',
      ],
      identity: true,
      description: 'Component name of the node, slot, chassis, outlet or controller.',
    },
    state: { type: 'string', enum: ['on', 'off'], description: 'On, or off.' },
    force: {
      onlyWith: { state: ['off'] },
      type: 'boolean',
      default: false,
      description: 'Take the power away at once, instead of letting the node shut down.',
    },
    children: {
      type: 'boolean',
      default: false,
      description:
        'Of a slot or a chassis: also switch the nodes and slots that it feeds, in the order that PCS keeps.',
    },
    deadline: {
      type: 'integer',
      minimum: 1,
      default: 5,
      description: 'Minutes that PCS gives the node to shut down.',
    },
  },
} as const satisfies ParamsSchema

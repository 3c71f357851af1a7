/** Which devices and targets an action is for. */
export const filterParams = {
  xnames: {
    type: 'array',
    orOne: true,
    minItems: 1,
    items: {
      type: 'string',
      format: 'xname',
      xnames: ['NodeBMC', 'ChassisBMC', 'RouterBMC'],
      description: 'Component name of a controller.',
    },
    description: 'Controllers, by xname.',
    examples: [['x3000c0s19b1']],
  },
  device_types: {
    type: 'array',
    orOne: true,
    minItems: 1,
    items: {
      type: 'string',
      enum: ['NodeBMC', 'ChassisBMC', 'RouterBMC'],
      description: 'Kind of controller.',
    },
    description: 'All controllers of these kinds that the other filters leave.',
  },
  groups: {
    type: 'array',
    orOne: true,
    minItems: 1,
    items: { type: 'string', format: 'line', minLength: 1, description: 'Label of a group.' },
    description: 'Groups of HSM that the controllers must be in.',
  },
  manufacturer: {
    type: 'string',
    format: 'line',
    minLength: 1,
    description: 'Manufacturer of the devices: `cray`, `hpe`, `gigabyte`.',
  },
  model: { type: 'string', format: 'line', minLength: 1, description: 'Model of the devices.' },
  targets: {
    type: 'array',
    orOne: true,
    minItems: 1,
    items: { type: 'string', format: 'line', minLength: 1, description: 'Name of a target.' },
    description: 'What of a device is updated; all that it has when left out.',
    examples: [['BMC'], ['Node0.BIOS', 'Node1.BIOS'], ['iLO 5']],
  },
} as const

/** What the targets are to get, and how. */
export const commandParams = {
  image: {
    type: 'string',
    pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    description: 'Id of the image of FAS that the targets must get.',
  },
  version: {
    type: 'string',
    enum: ['latest', 'earliest'],
    description: 'Which of the images with the tag; `latest` when no image is given.',
  },
  tag: {
    type: 'string',
    format: 'line',
    minLength: 1,
    default: 'default',
    description: 'Tag that the images must have.',
  },
  restore_not_possible_override: {
    type: 'boolean',
    default: false,
    description: 'Update also what FAS has no image for to go back to.',
  },
  overwrite_same_image: {
    type: 'boolean',
    default: false,
    description: 'Write the image also to targets that run its version.',
  },
  time_limit: {
    type: 'string',
    format: 'duration',
    default: '3h',
    description:
      'After this FAS fails what has not ended; without a limit it would wait a year for a locked device.',
  },
} as const

/** Parameters of the command line that a task sets. */
export const parametersParam = {
  type: 'object',
  keyPattern: '^[^\\s="]+$',
  onlyWith: { state: ['present'] },
  additionalProperties: {
    type: 'string',
    pattern: '^(?:[^\\s"]|"[^"\\n\\r]*")*$',
    orInteger: true,
    description: 'Its value; empty for a parameter without one.',
  },
  description: 'Parameters of the command line by name; the others are left alone.',
  examples: [{ 'metal.server': 's3://boot-images/ID/rootfs', quiet: '' }],
} as const

/** Parameters of the command line that a task takes away. */
export const withoutParam = {
  type: 'array',
  minItems: 1,
  onlyWith: { state: ['present'] },
  items: {
    type: 'string',
    pattern: '^[^\\s="]+$',
    description: 'Name of a parameter.',
  },
  description: 'Parameters that the command line must not have, whatever their values.',
} as const

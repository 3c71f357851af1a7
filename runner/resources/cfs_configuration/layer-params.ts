const sourceFields = {
  clone_url: {
    type: 'string',
    format: 'line',
    minLength: 1,
    pattern: '^[^\\s;]*$',
    hint: 'CFS takes an address without blanks and `;`',
    description: 'Repository, by its name inside the cluster.',
  },
  source: {
    type: 'string',
    format: 'line',
    minLength: 1,
    description: 'Name of a source of CFS, instead of `clone_url`.',
  },
  commit: { type: 'string', pattern: '^[0-9a-f]{40}$', description: 'Commit, 40 digits.' },
  branch: {
    type: 'string',
    format: 'line',
    minLength: 1,
    description:
      'Branch, instead of `commit`; CFS takes its head when the configuration is written.',
  },
  name: { type: 'string', format: 'line', minLength: 1, description: 'Name.' },
} as const

/** The layers of a configuration, as a task writes them. */
export const layersParam = {
  onlyWith: { state: ['present'] },
  type: 'array',
  minItems: 1,
  description: 'Its layers, in order. Needed to create it.',
  items: {
    type: 'object',
    required: ['playbook'],
    description: 'A layer.',
    properties: {
      ...sourceFields,
      playbook: {
        type: 'string',
        format: 'line',
        minLength: 1,
        pattern: '^[^\\s;]*$',
        hint: 'CFS takes a path without blanks and `;`',
        description: 'Playbook of the repository.',
      },
      special_parameters: {
        type: 'object',
        properties: {
          ims_require_dkms: {
            type: 'boolean',
            description: 'Whether the IMS job needs DKMS.',
          },
        },
        description: 'For IMS.',
      },
    },
  },
} as const

/** The repository of a further inventory. */
export const inventoryParam = {
  onlyWith: { state: ['present'] },
  type: 'object',
  properties: sourceFields,
  description: 'Repository of a further inventory. Left out: left alone.',
} as const

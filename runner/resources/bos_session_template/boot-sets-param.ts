const names = {
  type: 'array',
  items: { type: 'string', format: 'line', minLength: 1, description: 'Name.' },
} as const

/** The boot sets of a template, as a task writes them. */
export const bootSetsParam = {
  onlyWith: { state: ['present'] },
  type: 'object',
  description: 'Its boot sets, by name. Needed to create it.',
  additionalProperties: {
    type: 'object',
    required: ['path'],
    description: 'A boot set: whole, for what is left out is not in it.',
    properties: {
      name: {
        type: 'string',
        format: 'line',
        description: 'Its own name, as BOS lists it: that of its key.',
      },
      path: {
        type: 'string',
        format: 'line',
        minLength: 1,
        description: 'Manifest of the image: `s3://boot-images/…/manifest.json`.',
      },
      type: {
        type: 'string',
        enum: ['s3'],
        description: 'Kind of the path: `s3`, also when it is left out.',
      },
      etag: { type: 'string', format: 'line', description: 'Etag of the manifest.' },
      kernel_parameters: {
        type: 'string',
        format: 'line',
        description:
          'Parameters of the kernel. `${SPIRE_JOIN_TOKEN}` is literal text, which is filled in at boot.',
      },
      node_list: { ...names, description: 'Its nodes, by xname.' },
      node_roles_groups: { ...names, description: 'Its nodes, by role.' },
      node_groups: { ...names, description: 'Its nodes, by group of HSM.' },
      arch: {
        type: 'string',
        enum: ['X86', 'ARM', 'Other', 'Unknown'],
        description: 'Architecture; BOS takes X86 when it is left out.',
      },
      rootfs_provider: {
        type: 'string',
        format: 'line',
        description: 'Provider of the root file system.',
      },
      rootfs_provider_passthrough: {
        type: 'string',
        format: 'line',
        description: 'Parameters for the provider.',
      },
      cfs: {
        type: 'object',
        properties: {
          configuration: {
            type: 'string',
            format: 'line',
            minLength: 1,
            description: 'Name of the configuration.',
          },
        },
        description: 'Configuration of this boot set.',
      },
    },
  },
} as const

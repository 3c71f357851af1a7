const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

/** What a session works on. */
export const targetParam = {
  type: 'object',
  required: ['definition'],
  description: 'What it works on.',
  properties: {
    definition: {
      type: 'string',
      enum: ['image', 'spec', 'repo', 'dynamic'],
      description: '`image` customizes images.',
    },
    groups: {
      type: 'array',
      description: 'Ansible groups, with what is in them.',
      items: {
        type: 'object',
        required: ['name', 'members'],
        description: 'A group.',
        properties: {
          name: { type: 'string', format: 'line', description: 'Name of the group.' },
          members: {
            type: 'array',
            items: { type: 'string', format: 'line', description: 'Image id or host.' },
            description: 'Ids of images.',
          },
        },
      },
    },
    image_map: {
      type: 'array',
      description: 'Names of the resulting images: by them a later run finds what was made.',
      items: {
        type: 'object',
        required: ['source_id', 'result_name'],
        description: 'One image.',
        properties: {
          source_id: {
            type: 'string',
            pattern: uuid,
            description: 'Id of the image that is customized.',
          },
          result_name: {
            type: 'string',
            format: 'line',
            minLength: 1,
            description: 'Name of the result.',
          },
        },
      },
    },
  },
} as const

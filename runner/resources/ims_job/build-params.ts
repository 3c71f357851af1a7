import type { ParamsSchema } from '../../contract/param-schema.ts'

/** How the image is built: what is sent along with a new job. */
export const buildParams = {
  enable_debug: { type: 'boolean', description: 'Keep a failed job open.' },
  build_env_size: { type: 'integer', minimum: 1, description: 'Gigabytes for the work.' },
  job_mem_size: { type: 'integer', minimum: 1, description: 'Gigabytes of memory.' },
  require_dkms: { type: 'boolean', description: 'Whether kernel modules are built.' },
  kernel_file_name: {
    type: 'string',
    format: 'line',
    description: 'Name of the kernel in the image.',
  },
  initrd_file_name: {
    type: 'string',
    format: 'line',
    description: 'Name of the initial RAM disk in the image.',
  },
  kernel_parameters_file_name: {
    type: 'string',
    format: 'line',
    description: 'Name of the file of kernel parameters in the image.',
  },
  ssh_containers: {
    type: 'array',
    description: 'How a customized image is opened: one at most.',
    items: {
      type: 'object',
      required: ['name', 'jail'],
      properties: {
        name: { type: 'string', format: 'line', description: 'Name.' },
        jail: { type: 'boolean', description: 'Sign in to the image itself.' },
      },
      description: 'A container.',
    },
  },
} as const satisfies ParamsSchema['properties']

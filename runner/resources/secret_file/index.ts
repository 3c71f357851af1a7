import { withoutEnd } from '../../text/trim-end.ts'
import { defineResource } from '../../contract/resource.ts'

/** A file of the host is there; what it holds is read as a secret, and never shown. */
export const secretFile = defineResource({
  name: 'secret_file',
  summary: 'A file of the host is there; what it holds is read as a secret, and never shown.',
  source: "Ansible's slurp with no_log",
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        description: 'The file.',
        examples: ['/etc/kubernetes/admin.conf'],
      },
      value: {
        type: 'string',
        secret: true,
        description: 'What it must hold, but for line ends at its end. Left out: any text.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the file is there.' },
    content: {
      type: 'string',
      secret: true,
      information: true,
      description: 'All that it holds: a secret.',
    },
    value: {
      type: 'string',
      secret: true,
      description: 'The same without line ends at its end: a secret.',
    },
  },
  probe: ({ path }) => ({
    file: { read: 'text' as const, path, secret: `content of ${path}` },
  }),
  observe: ({ file }) =>
    file.exists
      ? {
          exists: true,
          content: file.text,
          value: file.text.map((held) => withoutEnd(held, '\r\n')),
        }
      : { exists: false, content: null, value: null },
  desire: ({ value }) => ({ exists: true, value }),
})

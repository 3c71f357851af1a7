import { exec } from '../../contract/change.ts'
import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { writeContent } from '../content.ts'

/** A host is called by this name, now and after a boot. */
export const hostname = defineResource({
  name: 'hostname',
  summary: 'A host is called by this name, now and after a boot.',
  source: "Ansible's hostname",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        pattern:
          '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$',
        maxLength: 253,
        identity: true,
        description: 'Name of the host.',
      },
    },
  },
  state: {
    name: { type: 'string', description: 'Its name in the running kernel.' },
    configured: {
      type: 'string',
      description: 'Its name in /etc/hostname; null if it does not exist.',
    },
    text: { type: 'string', information: true, description: 'The whole file.' },
  },
  probe: () => ({ live: text('/proc/sys/kernel/hostname'), file: text('/etc/hostname') }),
  observe: ({ live, file }) => ({
    name: live.exists ? live.text.trim() : null,
    configured: file.exists
      ? (file.text
          .split('\n')
          .map((line) => line.trim())
          .find((line) => line !== '' && !line.startsWith('#')) ?? null)
      : null,
    text: file.exists ? file.text : null,
  }),
  desire: ({ name }) => ({ name, configured: name }),
  change: (diff, { name }, current) => [
    ...(diff.name
      ? [
          {
            title: `call the host ${name}`,
            repairs: ['name'] as const,
            actions: [exec(['hostname', name])],
          },
        ]
      : []),
    ...(diff.configured
      ? writeContent('/etc/hostname', `${name}\n`, ['configured'], {
          kind: current.text === null ? null : 'file',
          guard: 'file',
          attributes: {},
        })
      : []),
  ],
})

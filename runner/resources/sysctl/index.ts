import { exec } from '../../contract/change.ts'
import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { writeContent } from '../content.ts'
import { blanked, edited, pathOf, valueIn } from './file.ts'

/** A kernel parameter has this value, now and after a boot. */
export const sysctl = defineResource({
  name: 'sysctl',
  summary: 'A kernel parameter has this value, now and after a boot.',
  source: "Ansible's ansible.posix.sysctl",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_:@-]+(?:[./][A-Za-z0-9_:@-]+)+$',
        hint: 'write words with `.` between, or a path with `/` where a word holds a dot: net/ipv4/conf/bond0.7/rp_filter',
        description:
          'Name of the parameter, with `.` or `/` between its words; the first of them decides.',
        examples: ['net.ipv4.ip_forward', 'net/ipv4/conf/bond0.7/rp_filter'],
      },
      value: {
        type: 'string',
        format: 'line',
        pattern: '\\S',
        orInteger: true,
        onlyWith: { state: ['present'] },
        neededWith: { state: ['present'] },
        description: 'Its value.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description:
          '`absent`: its line is gone from the file; the running kernel keeps its value.',
      },
      sysctl_file: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        default: '/etc/sysctl.conf',
        description: 'The file that it is written to.',
      },
      sysctl_set: {
        type: 'boolean',
        default: true,
        onlyWith: { state: ['present'] },
        description: 'Set it in the running kernel too.',
      },
    },
  },
  state: {
    value: {
      type: 'string',
      description: 'Its value in the running kernel; null where the kernel does not know it.',
    },
    configured: {
      type: 'string',
      description: 'Its value in the file; null if the file does not set it.',
    },
    text: { type: 'string', information: true, description: 'The whole file.' },
  },
  probe: ({ name, sysctl_file }) => ({
    live: text(`/proc/sys/${pathOf(name)}`),
    file: text(sysctl_file),
  }),
  observe: ({ live, file }, { name }) => ({
    value: live.exists ? blanked(live.text) : null,
    configured: file.exists ? valueIn(file.text, name) : null,
    text: file.exists ? file.text : null,
  }),
  desire: ({ state, value, sysctl_set }) => {
    if (state === 'absent') return { configured: null }
    return { value: sysctl_set ? blanked(value!) : undefined, configured: blanked(value!) }
  },
  change: (diff, { name, value, state, sysctl_file }, current) => {
    const wanted = state === 'absent' ? null : blanked(value!)
    const written = diff.configured
      ? writeContent(sysctl_file, edited(current.text ?? '', name, wanted), ['configured'], {
          kind: current.text === null ? null : 'file',
          guard: 'file',
          attributes: {},
        })
      : []
    return [
      ...(diff.value
        ? [
            {
              title: `set ${name} to ${wanted}`,
              repairs: ['value'] as const,
              actions: [exec(['sysctl', '-w', `${name}=${wanted}`])],
            },
          ]
        : []),
      ...written,
    ]
  },
})

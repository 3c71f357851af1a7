import { exec } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'

/** A group exists, with this number, or does not. */
export const group = defineResource({
  name: 'group',
  summary: 'A group exists, with this number, or does not.',
  source: "Ansible's group",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
        description: 'Name of the group.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
      gid: { type: 'integer', minimum: 0, description: 'Its number. Left out: left alone.' },
      system: { type: 'boolean', default: false, description: 'A system group, when it is made.' },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    gid: { type: 'integer', description: 'Its number.' },
    members: {
      type: 'array',
      items: { type: 'string', description: 'A user.' },
      information: true,
      description: 'Users who have it as a further group.',
    },
  },
  probe: ({ name }) => ({ entry: ask(['getent', 'group', name], [0, 2]) }),
  observe: ({ entry }) => {
    if (entry.exit === 2) return { exists: false, gid: null, members: [] }
    const [, , gid, members = ''] = entry.stdout.trim().split(':')
    return { exists: true, gid: Number(gid), members: members.split(',').filter(Boolean).sort() }
  },
  desire: ({ state, gid }) => (state === 'absent' ? { exists: false } : { exists: true, gid }),
  change: (diff, { name, state, gid, system }, current) => {
    const number = gid === undefined ? [] : ['--gid', String(gid)]
    if (state === 'absent')
      return [
        {
          title: `delete the group ${name}`,
          repairs: ['exists'],
          effect: 'replaces',
          guard: ['entry'],
          actions: [exec(['groupdel', '--', name])],
        },
      ]
    if (!current.exists)
      return [
        {
          title: `make the group ${name}`,
          repairs: drifted(diff, ['exists', 'gid']),
          actions: [exec(['groupadd', ...number, ...(system ? ['--system'] : []), '--', name])],
        },
      ]
    return [
      {
        title: `give the group ${name} the number ${gid}`,
        repairs: ['gid'],
        actions: [exec(['groupmod', ...number, '--', name])],
      },
    ]
  },
})

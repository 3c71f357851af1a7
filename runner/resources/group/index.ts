import { exec, refuse } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { accountName } from '../account-name.ts'
import { drifted } from '../attributes.ts'
import { rootFault } from '../root-account.ts'

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
        pattern: accountName,
        description: 'Name of the group.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
      gid: {
        type: 'integer',
        minimum: 0,
        onlyWith: { state: ['present'] },
        description: 'Its number. Left out: left alone.',
      },
      system: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'A system group, when it is made.',
      },
    },
  },
  checks: { name: ({ name, state }) => rootFault('group', name, state) },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    gid: { type: 'integer', description: 'Its number.' },
    members: {
      type: 'array',
      items: { type: 'string', description: 'A user.' },
      information: true,
      description: 'Users who have it as a further group.',
    },
    gid_of: {
      type: 'string',
      information: true,
      description: 'The group that has the number already, where another has it.',
    },
  },
  probe: ({ name, gid }) => ({
    entry: ask(['getent', 'group', name], [0, 2]),
    owner: gid === undefined ? undefined : ask(['getent', 'group', String(gid)], [0, 2]),
  }),
  observe: ({ entry, owner }, { name }) => {
    const holder = owner?.exit === 0 ? owner.stdout.split(':')[0]! : name
    const gid_of = holder === name ? null : holder
    if (entry.exit === 2) return { exists: false, gid: null, members: [], gid_of }
    const [, , gid, members = ''] = entry.stdout.trim().split(':')
    return {
      exists: true,
      gid: Number(gid),
      members: members.split(',').filter(Boolean).sort(),
      gid_of,
    }
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
    if (current.gid_of !== null && diff.gid)
      return [
        {
          title: `give the group ${name} the number ${gid}`,
          repairs: drifted(diff, ['exists', 'gid']),
          actions: [
            refuse(
              `the number ${gid} belongs to the group ${current.gid_of}`,
              'give another `gid`',
            ),
          ],
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

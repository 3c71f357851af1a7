import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { accountOf } from '../account-home.ts'
import { rootFault } from '../root-account.ts'
import { accountChanges } from './account-changes.ts'
import { accountParams } from './account-params.ts'

/** A user account exists, with these settings, or does not. */
export const user = defineResource({
  name: 'user',
  summary: 'A user account exists, with these settings, or does not.',
  source: "Ansible's user",
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['name'],
    needs: { append: ['groups'], update_password: ['password'] },
    properties: accountParams,
  },
  checks: { name: ({ name, state }) => rootFault('account', name, state) },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    uid: { type: 'integer', description: 'Its number.' },
    group: { type: 'string', description: 'Its first group.' },
    groups: {
      type: 'array',
      items: { type: 'string', description: 'A group.' },
      description: 'Its further groups, sorted.',
    },
    comment: { type: 'string', description: 'Its person.' },
    home: { type: 'string', description: 'Its home.' },
    shell: { type: 'string', description: 'Its login shell.' },
    password: {
      type: 'string',
      secret: true,
      description: 'Hash of its password; read only when the task gives one.',
    },
    uid_of: {
      type: 'string',
      information: true,
      description: 'The account that has the number of the task, where another has it.',
    },
    own_group: {
      type: 'boolean',
      information: true,
      description: 'Whether a group of its name is there, where the account is not.',
    },
  },
  probe: (params, seen) => ({
    account: accountOf(params.name),
    // What useradd would stumble over is known before.
    owner:
      params.uid === undefined ? undefined : ask(['getent', 'passwd', String(params.uid)], [0, 2]),
    own:
      seen['account']?.exit === 2 && params.state === 'present' && params.group === undefined
        ? ask(['getent', 'group', params.name], [0, 2])
        : undefined,
    groups: ask(['id', '-Gn', params.name], [0, 1]),
    shadow:
      params.state === 'present' && params.password !== undefined
        ? {
            ...ask(['getent', 'shadow', params.name], [0, 2]),
            secret: `password of ${params.name}`,
          }
        : undefined,
  }),
  observe: ({ account, owner, own, groups, shadow }, { name }) => {
    const holder = owner?.exit === 0 ? owner.stdout.split(':')[0]! : name
    const uid_of = holder === name ? null : holder
    if (account.exit !== 0)
      return {
        exists: false,
        uid: null,
        group: null,
        groups: null,
        comment: null,
        home: null,
        shell: null,
        password: null,
        uid_of,
        own_group: own ? own.exit === 0 : null,
      }
    const [, , uid, , comment = '', home = '', shell = ''] = account.stdout.trim().split(':')
    const [first = null, ...further] = groups.stdout.trim().split(/\s+/)
    return {
      exists: true,
      uid: Number(uid),
      group: first,
      groups: further.sort(),
      comment,
      home,
      shell,
      password: shadow ? shadow.stdout.map((line) => line.split(':')[1] ?? '') : null,
      uid_of,
      own_group: null,
    }
  },
  desire: (params, current) => {
    if (params.state === 'absent') return { exists: false }
    const { uid, group, groups, append, comment, home, shell, password, update_password } = params
    const all =
      groups &&
      (append ? [...(current.groups ?? []), ...groups] : groups).filter(
        (each) => each !== (group ?? current.group),
      )
    return {
      exists: true,
      uid,
      group,
      groups: all && [...new Set(all)].sort(),
      comment,
      home,
      shell,
      password: current.exists && update_password === 'on_create' ? undefined : password,
    }
  },
  change: accountChanges,
})

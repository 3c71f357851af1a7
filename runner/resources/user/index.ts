import { exec, refuse } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { accountName } from '../account-name.ts'
import { drifted } from '../attributes.ts'
import { accountOf } from '../account-home.ts'

const fields = ['exists', 'uid', 'group', 'groups', 'comment', 'home', 'shell'] as const

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
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: accountName,
        description: 'Name of the account.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
      uid: {
        type: 'integer',
        minimum: 0,
        onlyWith: { state: ['present'] },
        description: 'Its number. Left out: left alone.',
      },
      group: {
        type: 'string',
        pattern: accountName,
        hint: 'write its name: `getent group 4400` tells that of a number',
        onlyWith: { state: ['present'] },
        description:
          'Its first group, by name. Left out: left alone; a new account gets the group of its own name where there is one.',
      },
      groups: {
        type: 'array',
        orOne: true,
        items: {
          type: 'string',
          pattern: accountName,
          hint: 'write its name: `getent group 4400` tells that of a number',
          description: 'A group.',
        },
        onlyWith: { state: ['present'] },
        description: 'Its further groups. Left out: left alone.',
      },
      append: {
        type: 'boolean',
        default: true,
        onlyWith: { state: ['present'] },
        description: '`false`: it leaves the groups that `groups` does not name.',
      },
      comment: {
        type: 'string',
        format: 'line',
        pattern: '^[^:]*$',
        onlyWith: { state: ['present'] },
        description: "The account's person (GECOS).",
      },
      home: {
        type: 'string',
        format: 'path',
        pattern: '^/[^:]*$',
        onlyWith: { state: ['present'] },
        description: 'Its home; what is in the old one stays there.',
      },
      shell: {
        type: 'string',
        format: 'path',
        pattern: '^/[^:]*$',
        onlyWith: { state: ['present'] },
        description: 'Its login shell.',
      },
      password: {
        type: 'string',
        secret: true,
        format: 'line',
        pattern: '^(?:[!*][^:]*|\\$[A-Za-z0-9_-]+\\$[^:]*)$',
        hint: 'give the hash, never the password itself: `openssl passwd -6` or `mkpasswd` makes it; `!` locks the password',
        onlyWith: { state: ['present'] },
        description: 'Hash of its password, as crypt(3) makes it: never the password itself.',
      },
      update_password: {
        type: 'string',
        enum: ['always', 'on_create'],
        default: 'always',
        onlyWith: { state: ['present'] },
        description: '`on_create`: only a new account gets the password.',
      },
      system: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'A system account, when it is made.',
      },
      create_home: {
        type: 'boolean',
        default: true,
        onlyWith: { state: ['present'] },
        description: 'Make its home, when it is made.',
      },
      remove: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['absent'] },
        description: 'With `absent`: its home and mail go too.',
      },
    },
  },
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
  change: (diff, params, current) => {
    const { name, state, password, system, create_home, remove } = params
    if (state === 'absent') return [deletion(name, remove)]
    if (current.uid_of !== null && diff.uid)
      return [
        {
          title: current.exists ? `change the account ${name}` : `make the account ${name}`,
          repairs: drifted(diff, [...fields, 'password']),
          actions: [
            refuse(`the number ${params.uid} belongs to ${current.uid_of}`, 'give another `uid`'),
          ],
        },
      ]
    const value = (option: string, drift: { readonly to: unknown } | undefined): string[] =>
      drift ? [option, Array.isArray(drift.to) ? drift.to.join(',') : String(drift.to)] : []
    const settings = [
      ...value('--uid', diff.uid),
      ...value('--gid', diff.group),
      ...value('--groups', diff.groups),
      ...value('--comment', diff.comment),
      ...value(current.exists ? '--home' : '--home-dir', diff.home),
      ...value('--shell', diff.shell),
    ]
    const setting = current.exists
      ? exec(['usermod', ...settings, '--', name])
      : exec([
          'useradd',
          ...settings,
          // Some hosts make a group of the name, and fail where it is there; others do not.
          ...(current.own_group ? ['--gid', name] : []),
          create_home ? '--create-home' : '--no-create-home',
          ...(system ? ['--system'] : []),
          '--',
          name,
        ])
    const repairs = drifted(diff, fields)
    return [
      ...(repairs.length > 0
        ? [
            {
              title: current.exists ? `change the account ${name}` : `make the account ${name}`,
              repairs,
              actions: [setting],
            },
          ]
        : []),
      // Standard input, for the arguments of a command are visible to all.
      ...(diff.password && password
        ? [
            {
              title: `set the password of ${name}`,
              repairs: ['password'] as const,
              actions: [
                exec(['chpasswd', '--encrypted'], {
                  stdin: password.map((hash) => `${name}:${hash}\n`),
                }),
              ],
            },
          ]
        : []),
    ]
  },
})

/** Deletes an account; with its home, data is lost. */
function deletion(name: string, remove: boolean) {
  return {
    title: `delete the account ${name}${remove ? ' with its home' : ''}`,
    repairs: ['exists'] as const,
    effect: remove ? ('destroys' as const) : ('replaces' as const),
    guard: ['account'] as const,
    actions: [exec(['userdel', ...(remove ? ['--remove'] : []), '--', name])],
  }
}

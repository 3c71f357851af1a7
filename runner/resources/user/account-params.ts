import type { ParamsSchema } from '../../contract/param-schema.ts'
import { accountName } from '../account-name.ts'

/** What a task may say of an account. */
export const accountParams = {
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
    // Of the usual methods the hash has one length: one that was cut locks the account.
    pattern:
      '^(?:[!*][^:]*|\\$1\\$[^$:]{0,8}\\$[./A-Za-z0-9]{22}|\\$5\\$(?:rounds=\\d+\\$)?[^$:]{0,16}\\$[./A-Za-z0-9]{43}|\\$6\\$(?:rounds=\\d+\\$)?[^$:]{0,16}\\$[./A-Za-z0-9]{86}|\\$2[abxy]\\$\\d\\d\\$[./A-Za-z0-9]{53}|\\$(?:[0347-9A-Za-z]|[A-Za-z013-9][A-Za-z0-9_,=-]+)\\$[^:]+)$',
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
} as const satisfies ParamsSchema['properties']

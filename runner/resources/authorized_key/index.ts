import { stat, text, type StatReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { absolute, accountOf } from '../account-home.ts'
import { givenKeys, grantOf, grantsIn, keysFault, optionsFault } from './keys.ts'
import { changesOf } from './repair.ts'

/** A user may sign in with these SSH keys, or may not. */
export const authorizedKey = defineResource({
  name: 'authorized_key',
  summary: 'A user may sign in with these SSH keys, or may not.',
  source:
    'Configure a Remote Build Node, "Use an existing compute node" step 2; Ansible\'s ansible.posix.authorized_key',
  params: {
    type: 'object',
    required: ['user'],
    atMostOne: [['path', 'manage_dir']],
    properties: {
      user: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
        description: 'Account whose authorized_keys is meant.',
      },
      path: {
        type: 'string',
        identity: true,
        format: 'path',
        pattern: '^/',
        description:
          'The file, where it is not ~user/.ssh/authorized_keys. Folder, owner and mode are then left alone.',
      },
      key: {
        type: 'string',
        minLength: 1,
        neededWith: { state: ['present', 'absent'] },
        description:
          'Public keys, one a line. Type and blob count; a comment is kept when the line is added.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Allowed, or not.',
      },
      key_options: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: 'Options before the key; they replace those that it has.',
        examples: ['from="10.252.0.0/17"'],
      },
      comment: {
        type: 'string',
        format: 'line',
        onlyWith: { state: ['present'] },
        description: 'Comment of a line that is added, instead of that of the key.',
      },
      exclusive: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'No other key stays in the file. All keys must then stand in this one task.',
      },
      manage_dir: {
        type: 'boolean',
        default: true,
        onlyWith: { state: ['present'] },
        description:
          "The folder exists, belongs to the user and is open to no one else, as sshd's StrictModes asks.",
      },
    },
  },
  checks: {
    key: ({ key, key_options }) => (key === undefined ? null : keysFault(key, key_options)),
    key_options: ({ key_options }) =>
      key_options === undefined ? null : optionsFault(key_options),
  },
  state: {
    keys: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Options.' },
      description:
        'Per key (type and blob, behind `cert-authority` where it is one), its options; empty where it has none, those of each line where it stands more than once.',
    },
    folder: { type: 'string', description: 'Mode and owner of the folder: `0700 root`.' },
    file: { type: 'string', description: 'Mode and owner of the file: `0600 root`.' },
    path: { type: 'string', information: true, description: 'Path of the file.' },
    text: { type: 'string', information: true, description: 'The whole file.' },
    login_group: {
      type: 'string',
      information: true,
      description: 'Number of the login group of the user.',
    },
    kinds: {
      type: 'array',
      information: true,
      items: { type: 'string', description: 'Kind.' },
      description: 'What folder and file are: `directory`, `file`, `link` …',
    },
  },
  probe: ({ user, path }) => ({
    account: path === undefined ? accountOf(user) : undefined,
    folder: stat(path === undefined ? `~${user}/.ssh` : path.replace(/\/[^/]*$/, '') || '/'),
    at: stat(path ?? `~${user}/.ssh/authorized_keys`),
    keys: text(path ?? `~${user}/.ssh/authorized_keys`),
  }),
  observe: ({ account, folder, at, keys }, { user, path }) => ({
    keys: grantsIn(keys.exists ? keys.text : ''),
    folder: modeAndOwner(folder),
    file: modeAndOwner(at),
    path: absolute(path ?? `~${user}/.ssh/authorized_keys`, account),
    text: keys.exists ? keys.text : '',
    login_group: account?.exit === 0 ? (account.stdout.split(':')[3] ?? null) : null,
    kinds: [folder, at].map((each) => (each.exists ? each.kind : '')),
  }),
  desire: ({ user, path, key, state, key_options, exclusive, manage_dir }, current) => {
    const given = givenKeys(key!, key_options)
    const none = (grants: readonly string[]) =>
      Object.fromEntries(grants.map((grant) => [grant, null as never]))
    // Who may not sign in with a key may not sign with it for others either.
    if (state === 'absent')
      return { keys: none(given.flatMap((line) => [line.key, `cert-authority ${line.key}`])) }
    return {
      // Without options of its own a task wants the key unrestricted: the difference is shown, and refused.
      keys: {
        ...none(exclusive ? Object.keys(current.keys ?? {}) : []),
        ...Object.fromEntries(given.map((line) => [grantOf(line), line.options])),
      },
      folder: manage_dir && path === undefined ? `0700 ${user}` : undefined,
      file: manage_dir && path === undefined ? `0600 ${user}` : undefined,
    }
  },
  change: (diff, { user, path, key, key_options, comment }, current) =>
    changesOf({
      user,
      path: current.path!,
      isOwn: path === undefined,
      kinds: current.kinds!,
      group: current.login_group,
      text: current.text ?? '',
      had: current.keys ?? {},
      wanted: diff.keys?.to as Readonly<Record<string, string | null>> | undefined,
      given: givenKeys(key!, key_options).map((line) => ({
        ...line,
        comment: comment ?? line.comment,
      })),
      repairs: drifted(diff, ['keys', 'folder', 'file']),
    }),
})

function modeAndOwner(at: StatReading): string | null {
  return at.exists ? `${at.mode} ${at.owner}` : null
}

import { refuse } from '../../contract/change.ts'
import { stat, text, type StatReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { byteLength, writeLimit } from '../content.ts'
import { absolute, accountOf } from '../home.ts'
import { invalid } from '../unclear.ts'
import { edited, keysOf, type KeyLine } from './keys.ts'

/** A user may sign in with these SSH keys, or may not. */
export const authorizedKey = defineResource({
  name: 'authorized_key',
  summary: 'A user may sign in with these SSH keys, or may not.',
  source:
    'Configure a Remote Build Node, "Use an existing compute node" step 2; Ansible\'s ansible.posix.authorized_key',
  params: {
    type: 'object',
    required: ['user'],
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
        minLength: 1,
        description: 'Options before the key; they replace those that it has.',
        examples: ['from="10.252.0.0/17"'],
      },
      comment: {
        type: 'string',
        description: 'Comment of a line that is added, instead of that of the key.',
      },
      exclusive: {
        type: 'boolean',
        default: false,
        description: 'No other key stays in the file. All keys must then stand in this one task.',
      },
      manage_dir: {
        type: 'boolean',
        default: true,
        description:
          "The folder exists, belongs to the user and is open to no one else, as sshd's StrictModes asks.",
      },
    },
  },
  state: {
    keys: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Options.' },
      description: 'Per key (type and blob), its options; empty where it has none.',
    },
    folder: { type: 'string', description: 'Mode and owner of the folder: `0700 root`.' },
    file: { type: 'string', description: 'Mode and owner of the file: `0600 root`.' },
    path: { type: 'string', information: true, description: 'Path of the file.' },
    text: { type: 'string', information: true, description: 'The whole file.' },
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
    keys: Object.fromEntries(
      keysOf(keys.exists ? keys.text : '').map(({ id, options }) => [id, options]),
    ),
    folder: modeAndOwner(folder),
    file: modeAndOwner(at),
    path: absolute(path ?? `~${user}/.ssh/authorized_keys`, account),
    text: keys.exists ? keys.text : '',
    kinds: [folder, at].map((each) => (each.exists ? each.kind : '')),
  }),
  desire: ({ user, path, key, state, key_options, exclusive, manage_dir }, current) => {
    const given = parsed(key)
    if (state === 'absent')
      return { keys: Object.fromEntries(given.map(({ id }) => [id, null as never])) }
    const others = exclusive ? Object.keys(current.keys ?? {}) : []
    return {
      // Without options of its own a task wants the key unrestricted: the difference is shown, and refused.
      keys: {
        ...Object.fromEntries(others.map((id) => [id, null as never])),
        ...Object.fromEntries(given.map(({ id, options }) => [id, key_options ?? options])),
      },
      folder: manage_dir && path === undefined ? `0700 ${user}` : undefined,
      file: manage_dir && path === undefined ? `0600 ${user}` : undefined,
    }
  },
  change: (diff, params, current) => {
    const { user, key_options, comment } = params
    const repairs = drifted(diff, ['keys', 'folder', 'file'])
    const path = current.path!
    const folder = path.replace(/\/[^/]*$/, '')
    const title = titleOf(diff.keys, user)
    const [folderKind, fileKind] = current.kinds!
    if (folderKind !== '' && folderKind !== 'directory')
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `${folder} is a ${folderKind}, not a folder`,
              'give the file that sshd reads with `path:`',
            ),
          ],
        },
      ]
    if (fileKind !== '' && fileKind !== 'file')
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `${path} is a ${fileKind}, not a file`,
              'give the file that sshd reads with `path:`',
            ),
          ],
        },
      ]
    const wanted = diff.keys?.to as Readonly<Record<string, string | null>> | undefined
    const had = current.keys ?? {}
    const restricted =
      key_options === undefined &&
      Object.entries(wanted ?? {}).find(
        ([id, options]) => options !== null && had[id] !== undefined,
      )
    if (restricted) {
      const [id] = restricted
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `the key …${id.slice(-12)} is there with the options ${had[id] || '(none)'}`,
              'keep them with `key_options:`, or take the key out in a task before this one',
            ),
          ],
        },
      ]
    }
    const mend = diff.folder
      ? [
          {
            do: 'attributes' as const,
            path: folder,
            owner: user,
            mode: '0700',
            ...(folderKind === '' ? { make: true as const } : { seenBy: 'folder' }),
          },
        ]
      : []
    if (!wanted)
      return [
        {
          title,
          repairs,
          actions: [
            ...mend,
            ...(diff.file
              ? [
                  {
                    do: 'attributes' as const,
                    path,
                    owner: user,
                    mode: '0600',
                    seenBy: 'at',
                  },
                ]
              : []),
          ],
        },
      ]
    const lines = parsed(params.key)
      .filter(({ id }) => typeof wanted[id] === 'string')
      .map((line) => ({ id: line.id, options: wanted[line.id]!, comment: comment ?? line.comment }))
    const gone = new Set(Object.keys(wanted).filter((id) => wanted[id] === null))
    const content = edited(current.text ?? '', lines, gone)
    if (byteLength(content) > writeLimit)
      return [
        {
          title,
          repairs,
          actions: [
            refuse(
              `${path} would have ${byteLength(content)} bytes, and a write carries ${writeLimit} at most`,
              'send the whole file with `copy` and `src:`',
            ),
          ],
        },
      ]
    const write = {
      do: 'write' as const,
      path,
      content,
      ...(params.path === undefined ? { owner: user, mode: '0600' } : {}),
    }
    // Somebody else's edit between reading and writing must not be lost: the file is read again first.
    return [
      gone.size > 0
        ? { title, repairs, effect: 'replaces', guard: ['keys'], actions: [...mend, write] }
        : { title, repairs, guard: ['keys'], actions: [...mend, write] },
    ]
  },
})

function parsed(key: string | undefined): readonly KeyLine[] {
  if (key === undefined) return invalid('the task gives no key', 'add `key:` to the task')
  const keys = keysOf(key)
  const wrong =
    key.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length -
    keys.length
  return keys.length > 0 && wrong === 0
    ? keys
    : invalid(
        'what the task gives is no public SSH key',
        'a public key is one line: its type, a blob, and maybe a comment',
      )
}

function modeAndOwner(at: StatReading): string | null {
  return at.exists ? `${at.mode} ${at.owner}` : null
}

function titleOf(keys: { readonly to: unknown } | undefined, user: string): string {
  if (!keys) return `close the folder of ${user}'s keys to others`
  const options = Object.values(keys.to as Readonly<Record<string, string | null>>)
  const [add, remove] = [
    options.filter((each) => each !== null).length,
    options.filter((each) => each === null).length,
  ]
  return [
    add > 0 ? `allow ${add} key${add > 1 ? 's' : ''} for ${user}` : '',
    remove > 0 ? `take ${remove} key${remove > 1 ? 's' : ''} from ${user}` : '',
  ]
    .filter(Boolean)
    .join(' and ')
}

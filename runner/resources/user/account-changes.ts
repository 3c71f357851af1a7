import { exec, type Change, type ExecAction } from '../../contract/change.ts'
import type { Secret } from '../../contract/secret.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { systemFolderFault } from '../system-folders.ts'

type Setting = 'exists' | 'uid' | 'group' | 'groups' | 'comment' | 'home' | 'shell'
type Field = Setting | 'password'
const settings: readonly Setting[] = [
  'exists',
  'uid',
  'group',
  'groups',
  'comment',
  'home',
  'shell',
]

interface Wish {
  readonly name: string
  readonly uid?: number | undefined
  readonly state: 'present' | 'absent'
  readonly password?: Secret | undefined
  readonly system: boolean
  readonly create_home: boolean
  readonly remove: boolean
}
interface Current {
  readonly exists: boolean | null
  readonly uid_of: string | null
  readonly own_group: boolean | null
  readonly home: string | null
}
interface Drifted {
  readonly to: unknown
}
type Differences = { readonly [F in Field]?: Drifted }

/** What makes, changes or deletes an account; or why that is refused. */
export function accountChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, state, uid, password } = wish
  if (state === 'absent') return deletions(wish, current)
  const title = current.exists ? `change the account ${name}` : `make the account ${name}`
  if (current.uid_of !== null && diff.uid)
    return refused(
      title,
      drifted<Field>(diff, [...settings, 'password']),
      `the number ${uid} belongs to ${current.uid_of}`,
      'give another `uid`',
    )
  const repairs = drifted(diff, settings)
  const change = { title, repairs, actions: [settingAction(diff, wish, current)] }
  return [
    ...(repairs.length > 0 ? [change] : []),
    ...(diff.password && password ? [passwordChange(name, password)] : []),
  ]
}

function settingAction(diff: Differences, wish: Wish, current: Current): ExecAction {
  const { name, system, create_home } = wish
  const words = [
    ...option('--uid', diff.uid),
    ...option('--gid', diff.group),
    ...option('--groups', diff.groups),
    ...option('--comment', diff.comment),
    ...option(current.exists ? '--home' : '--home-dir', diff.home),
    ...option('--shell', diff.shell),
  ]
  if (current.exists) return exec(['usermod', ...words, '--', name])
  return exec([
    'useradd',
    ...words,
    // Some hosts make a group of the name, and fail where it is there; others do not.
    ...(current.own_group ? ['--gid', name] : []),
    create_home ? '--create-home' : '--no-create-home',
    ...(system ? ['--system'] : []),
    '--',
    name,
  ])
}

function option(word: string, drift: Drifted | undefined): readonly string[] {
  if (!drift) return []
  return [word, Array.isArray(drift.to) ? drift.to.join(',') : String(drift.to)]
}

/** The hash goes to standard input, for the arguments of a command are visible to all. */
function passwordChange(name: string, password: Secret): Change<Field> {
  const stdin = password.map((hash) => `${name}:${hash}\n`)
  return {
    title: `set the password of ${name}`,
    repairs: ['password'],
    actions: [exec(['chpasswd', '--encrypted'], { stdin })],
  }
}

/** Deletes an account; with its home, data is lost. The home of an account of a service is often a folder that others need. */
function deletions(wish: Wish, { home }: Current): readonly Change<Field>[] {
  const change = deletion(wish)
  const fault = wish.remove && home !== null ? systemFolderFault(home) : null
  return fault
    ? refused(change.title, change.repairs, `its home ${fault.message}`, 'leave `remove` out')
    : [change]
}

function deletion({ name, remove }: Wish): Change<Field> {
  return {
    title: `delete the account ${name}${remove ? ' with its home' : ''}`,
    repairs: ['exists'],
    effect: remove ? 'destroys' : 'replaces',
    guard: ['account'],
    actions: [exec(['userdel', ...(remove ? ['--remove'] : []), '--', name])],
  }
}

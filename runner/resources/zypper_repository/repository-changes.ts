import { exec, type Change, type ExecAction } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { withUrl } from './repo-file.ts'

type Field = 'present' | 'url' | 'description' | 'priority' | 'enabled' | 'autorefresh' | 'gpgcheck'
const fields: readonly Field[] = [
  'present',
  'url',
  'description',
  'priority',
  'enabled',
  'autorefresh',
  'gpgcheck',
]

interface Wish {
  readonly name: string
  readonly repo?: string | undefined
  readonly state: 'present' | 'absent'
  readonly description?: string | undefined
  readonly priority?: number | undefined
  readonly enabled: boolean
  readonly autorefresh?: boolean | undefined
  readonly disable_gpg_check?: boolean | undefined
  readonly auto_import_keys: boolean
  readonly runrefresh: boolean
}
interface Current {
  readonly url: string | null
  readonly files: string | null
}
type Differences = { readonly [F in Field]?: { readonly to: unknown } }

/** What defines, changes or removes a repository; or why that is refused. */
export function repositoryChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { name, repo } = wish
  const repairs = drifted(diff, fields)
  if (wish.state === 'absent')
    return [
      {
        title: `remove the repository ${name}`,
        repairs,
        effect: 'replaces',
        guard: ['repos'],
        actions: [zypper(['removerepo', '--', name])],
      },
    ]
  if (!diff.present && !diff.url)
    return [
      {
        title: `change the repository ${name}`,
        repairs,
        actions: [zypper(['modifyrepo', ...driftFlags(diff), '--', name]), ...refresh(wish)],
      },
    ]
  if (repo === undefined)
    return refused(
      `add the repository ${name}`,
      repairs,
      `the repository ${name} does not exist, and the task gives no URL`,
      'add `repo:` to the task',
    )
  return diff.present
    ? [
        {
          title: `add the repository ${name}`,
          repairs,
          actions: [add(wish, repo), ...refresh(wish)],
        },
      ]
    : moving(diff, wish, repo, current)
}

/** Another zypper often runs on a node that boots: its lock is waited for. */
function zypper(words: readonly string[]): ExecAction {
  return exec(['zypper', '--non-interactive', ...words], {
    environment: { ZYPP_LOCK_TIMEOUT: '60' },
  })
}

function refresh({ name, runrefresh, auto_import_keys }: Wish): readonly ExecAction[] {
  if (!runrefresh && !auto_import_keys) return []
  return [zypper([...(auto_import_keys ? ['--gpg-auto-import-keys'] : []), 'refresh', '--', name])]
}

/** Of what addrepo does anyway nothing is said, and for some it has no words. */
function add(wish: Wish, repo: string): ExecAction {
  const settings = {
    description: wish.description,
    priority: wish.priority,
    enabled: wish.enabled ? null : false,
    autorefresh: wish.autorefresh || null,
    gpgcheck: wish.disable_gpg_check === undefined ? null : !wish.disable_gpg_check,
  }
  return zypper(['addrepo', ...flags(settings), '--', repo, wish.name])
}

/** The repository gets another address, and keeps all else that its file says. */
function moving(
  diff: Differences,
  wish: Wish,
  repo: string,
  current: Current,
): readonly Change<Field>[] {
  const { name } = wish
  const repairs = drifted(diff, fields)
  const title = `give the repository ${name}, which is at ${current.url}, another address`
  const edited = withUrl(current.files ?? '', name, repo)
  if ('because' in edited) return refused(title, repairs, edited.because, edited.instead)
  const others = driftFlags(diff)
  return [
    {
      title,
      repairs,
      effect: 'replaces',
      guard: ['repos', 'files'],
      actions: [
        proof(repo),
        { do: 'write', path: edited.path, content: edited.content },
        // What was fetched from the old address would be used until the next refresh.
        zypper(['clean', '--metadata', '--raw-metadata', '--', name]),
        ...(others.length > 0 ? [zypper(['modifyrepo', ...others, '--', name])] : []),
        ...refresh(wish),
      ],
    },
  ]
}

/** zypper has the last word on an address: it is added to an empty folder first, and nothing of the host changes. */
function proof(url: string): ExecAction {
  const script =
    'd=$(mktemp -d) || exit; zypper --non-interactive --reposd-dir "$d" addrepo -- "$1" proof; s=$?; rm -rf "$d"; exit $s'
  return exec(['sh', '-c', script, 'sh', url], {
    shown: `zypper --reposd-dir (an empty folder) addrepo -- ${url} proof`,
    environment: { ZYPP_LOCK_TIMEOUT: '60' },
  })
}

interface Settings {
  readonly description: unknown
  readonly priority: unknown
  readonly enabled: unknown
  readonly autorefresh: unknown
  readonly gpgcheck: unknown
}

function driftFlags(diff: Differences): readonly string[] {
  return flags({
    description: diff.description?.to,
    priority: diff.priority?.to,
    enabled: diff.enabled?.to,
    autorefresh: diff.autorefresh?.to,
    gpgcheck: diff.gpgcheck?.to,
  })
}

/** The options that set what is known; null and undefined say nothing. */
function flags({ description, priority, enabled, autorefresh, gpgcheck }: Settings): string[] {
  const either = (value: unknown, yes: string, no: string): string[] =>
    typeof value === 'boolean' ? [value ? yes : no] : []
  return [
    ...(typeof description === 'string' ? ['--name', description] : []),
    ...(typeof priority === 'number' ? ['--priority', String(priority)] : []),
    ...either(enabled, '--enable', '--disable'),
    ...either(autorefresh, '--refresh', '--no-refresh'),
    ...either(gpgcheck, '--gpgcheck', '--no-gpgcheck'),
  ]
}

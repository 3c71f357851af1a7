import { exec, type Change, type ExecAction } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { refused } from '../refused.ts'

/** No person is there to be asked for a password. */
export const quiet = { environment: { GIT_TERMINAL_PROMPT: '0' } }

/** Clones into `f`, all of it: a clone that fails half-way leaves nothing. */
const cloneScript = `git clone --quiet --no-checkout -- "$1" f && cd f || exit
git checkout --quiet --detach "$2" || exit
if [ -e .gitmodules ]; then git submodule --quiet update --init --recursive; fi`
const submodulesScript = `if [ -e .gitmodules ]; then
git submodule --quiet sync --recursive && git submodule --quiet update --init --recursive; fi`

type Field = 'repo' | 'commit' | 'modified' | 'submodules'
const fields: readonly Field[] = ['repo', 'commit', 'modified', 'submodules']

interface Wish {
  readonly repo: string
  readonly dest: string
  readonly version: string
  readonly timeout: number
}
interface Current {
  readonly repo: string | null
  readonly available: string | null
  readonly kept: boolean | null
  readonly kind: string | null
}
type Differences = { readonly [F in Field]?: unknown }

/** What brings a clone to its version, or makes it; or why that is refused. */
export function gitChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const repairs = drifted(diff, fields)
  return current.kind === 'clone'
    ? updating(diff, wish, current, repairs)
    : cloning(wish, current, repairs)
}

function within({ dest, timeout }: Wish, ...words: readonly string[]): ExecAction {
  return exec(['git', ...words], {
    ...quiet,
    inside: dest,
    timeout,
    shown: ['git', '-C', dest, ...words].join(' '),
  })
}

function bringSubmodules({ dest, timeout }: Wish): ExecAction {
  return exec(['sh', '-c', submodulesScript], {
    ...quiet,
    inside: dest,
    timeout,
    shown: `git -C ${dest} submodule update --init --recursive`,
  })
}

function checkout(wish: Wish, commit: string): readonly ExecAction[] {
  return [within(wish, 'checkout', '--quiet', '--detach', commit), bringSubmodules(wish)]
}

function cloning(
  wish: Wish,
  { available, kind }: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const { repo, dest, timeout } = wish
  const commit = available!
  const title = `clone ${repo} to ${dest}, at ${commit.slice(0, 12)}`
  if (kind === null)
    return [
      {
        title,
        repairs,
        actions: [
          {
            do: 'produce',
            path: dest,
            makes: 'directory',
            argv: ['sh', '-c', cloneScript, 'clone', repo, commit],
            shown: `git clone ${repo} ${dest}`,
            ...quiet,
            timeout,
          },
        ],
      },
    ]
  if (kind !== 'directory')
    return refused(
      title,
      repairs,
      `${dest} is a ${kind}`,
      'name another folder, or remove it in a task before this one',
    )
  // git itself refuses a folder that is not empty.
  const clone = within(wish, 'clone', '--quiet', '--no-checkout', '--', repo, '.')
  return [{ title, repairs, actions: [clone, ...checkout(wish, commit)] }]
}

function updating(
  diff: Differences,
  wish: Wish,
  current: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const { repo, dest, version } = wish
  const commit = current.available!
  const title = `check out ${version} (${commit.slice(0, 12)}) in ${dest}`
  if (diff.modified)
    return refused(
      title,
      repairs,
      `files of ${dest} were changed by hand`,
      `look at them with \`git -C ${dest} status\`, then commit, stash or discard them there`,
    )
  if (diff.commit && !current.kept)
    return refused(
      title,
      repairs,
      `${dest} is at a commit that no branch and no tag holds: it would be lost`,
      `keep it with \`git -C ${dest} branch NAME\``,
    )
  const origin: Change<Field> = {
    title: `take ${repo} as the origin of ${dest}`,
    repairs: ['repo'],
    actions: [within(wish, 'remote', current.repo === '' ? 'add' : 'set-url', 'origin', repo)],
  }
  const parts: Change<Field> = {
    title: `bring the submodules of ${dest} to their commits`,
    repairs: ['submodules'],
    guard: ['head', 'changes'],
    actions: [bringSubmodules(wish)],
  }
  const move: Change<Field> = {
    title,
    repairs: drifted(diff, ['commit', 'submodules']),
    guard: ['head', 'changes'],
    actions: [
      within(wish, 'fetch', '--quiet', '--tags', '--force', 'origin'),
      ...checkout(wish, commit),
    ],
  }
  return [
    ...(diff.repo ? [origin] : []),
    ...(diff.commit ? [move] : diff.submodules ? [parts] : []),
  ]
}

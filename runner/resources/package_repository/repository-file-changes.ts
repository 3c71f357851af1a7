import { exec, type Change, type ExecAction } from '../../contract/change.ts'
import { drifted } from '../attributes.ts'
import { writeContent } from '../content.ts'
import { refused } from '../refused.ts'

interface Wish {
  readonly name: string
  readonly update_cache: boolean
  readonly state: 'present' | 'absent'
}
interface Current {
  readonly manager: string | null
  readonly kind: string | null
  readonly path: string | null
}

/** What writes or removes the file of a repository, and has apt read its lists again; or why that is refused. */
export function repositoryFileChanges(
  diff: { readonly content?: { readonly to: unknown } },
  { name, update_cache, state }: Wish,
  { manager, kind, path }: Current,
): readonly Change<'content'>[] {
  const repairs = drifted(diff, ['content'])
  if (manager === null)
    return refused(
      `add the repository ${name}`,
      repairs,
      'the host has neither apt nor dnf',
      'for zypper there is `zypper_repository`',
    )
  const lists: readonly ExecAction[] =
    manager === 'apt' && update_cache
      ? [
          exec(['apt-get', '-q', 'update'], {
            environment: { DEBIAN_FRONTEND: 'noninteractive' },
          }),
        ]
      : []
  if (state === 'absent')
    return [
      {
        title: `remove the repository ${name}`,
        repairs,
        effect: 'replaces',
        guard: ['file'],
        actions: [{ do: 'remove', path: path! }, ...lists],
      },
    ]
  return writeContent(path!, diff.content!.to as string, repairs, {
    kind,
    guard: 'file',
    attributes: kind === null ? { mode: '0644' } : {},
  }).map((change) => ({ ...change, actions: [...change.actions, ...lists] }))
}

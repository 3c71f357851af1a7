import type { Change } from '../../contract/change.ts'
import { attributeChanges, drifted } from '../attributes.ts'
import { refused } from '../refused.ts'
import { withoutStranger } from '../stranger.ts'

type Field = 'kind' | 'target' | 'owner' | 'group' | 'mode'
const fields: readonly Field[] = ['kind', 'target', 'owner', 'group', 'mode']

interface Wish {
  readonly path: string
  readonly state: 'file' | 'directory' | 'link' | 'absent'
  readonly src?: string | undefined
  readonly recurse: boolean
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}
interface Current {
  readonly kind: string | null
  readonly target: string | null
  /** What a folder holds, in words; empty where it holds nothing. */
  readonly inside: string | null
  readonly stranger: string | null
}
type Differences = { readonly [F in Field]?: unknown }

/** What makes a path what it should be, or why that is refused. */
export function fileChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const { path, state } = wish
  const repairs = drifted(diff, fields)
  if (state === 'absent') return removal(wish, current, repairs)
  if (state === 'link' && (current.kind === 'absent' || current.kind === 'link'))
    return linking(wish, current, repairs)
  if (current.kind === 'absent' && state === 'directory') return [newFolder(wish, current, repairs)]
  if (!diff.kind) return attributeChanges(diff, path, wish, current.stranger)
  return current.kind === 'absent'
    ? refused(
        `make ${path} a ${state}`,
        repairs,
        `${path} does not exist`,
        'make it with `copy` or `template`',
      )
    : refused(
        `make ${path} a ${state}`,
        repairs,
        `${path} is a ${current.kind}, not a ${state}`,
        'remove it in a task before this one, or name another path',
      )
}

function removal(
  { path, recurse }: Wish,
  { kind, inside }: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  if (inside && !recurse)
    return refused(
      `remove the directory ${path}`,
      repairs,
      `${path} is not empty: it holds ${inside}`,
      'empty it in a task before this one, or let all of it go with `recurse: true`',
    )
  const isTree = recurse && kind === 'directory'
  return [
    {
      title: `remove the ${kind} ${path}${isTree ? `, which holds ${inside}` : ''}`,
      repairs,
      effect: kind === 'link' ? 'replaces' : 'destroys',
      guard: ['at', ...(kind === 'directory' ? ['inside'] : kind === 'file' ? ['changed'] : [])],
      actions: [
        {
          do: 'remove',
          path,
          seenBy: 'at',
          ...(isTree ? { recursive: true as const } : {}),
        },
      ],
    },
  ]
}

function linking(
  { path, src }: Wish,
  { kind, target }: Current,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const actions = [{ do: 'link', path, target: src! }] as const
  if (kind === 'absent') return [{ title: `link ${path} to ${src}`, repairs, actions }]
  return [
    {
      title: `link ${path} to ${src} instead of ${target}`,
      repairs,
      effect: 'replaces',
      guard: ['at'],
      actions,
    },
  ]
}

function newFolder(
  { path, owner, group, mode }: Wish,
  { stranger }: Current,
  repairs: readonly Field[],
): Change<Field> {
  return {
    title: `make the folder ${path}`,
    repairs,
    actions: [
      ...withoutStranger(stranger),
      { do: 'attributes', path, make: true, owner, group, mode },
    ],
  }
}

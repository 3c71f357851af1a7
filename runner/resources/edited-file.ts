import type { Change } from '../contract/change.ts'
import { attributeChanges } from './attributes.ts'
import { attributesOfWrite, byCommand, writeContent } from './content.ts'
import { withoutFolder } from './place.ts'
import { refused } from './refused.ts'

type Field = 'exists' | 'owner' | 'group' | 'mode'

interface Wish {
  readonly path: string
  readonly create: boolean
  readonly state: 'present' | 'absent'
  readonly validate?: string | undefined
  readonly backup?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}

/**
 * What writes an edited file, or gives it its owner and mode where `content` is null; a file that does not exist is made only
 * where the task says so.
 */
export function editChanges<F extends string>(
  diff: { readonly [K in Field]?: unknown },
  wish: Wish,
  current: {
    readonly exists: boolean | null
    readonly kind: string | null
    /** Whether the folder of a file that may be made is there. */
    readonly folder: boolean | null
    readonly stranger: string | null
  },
  repairs: readonly (F | Field)[],
  content: string | null,
): readonly Change<F | Field>[] {
  const { path, create, state, validate, backup } = wish
  if (!current.exists && (state === 'absent' || !create))
    return refused(
      `edit ${path}`,
      repairs,
      `${path} does not exist`,
      'add `create: true`, or ensure what brings it in a task before this one',
    )
  if (content === null) return attributeChanges(diff, path, wish, current.stranger)
  return writeContent(path, content, repairs, {
    kind: current.kind,
    before: withoutFolder(path, current.folder),
    stranger: current.stranger,
    guard: 'text',
    validate,
    attributes: attributesOfWrite(wish, current.exists ? backup : undefined),
    tooLarge: byCommand,
  })
}

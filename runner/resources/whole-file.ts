import type { Change } from '../contract/change.ts'
import { Secret } from '../contract/secret.ts'
import { attributeChanges, drifted } from './attributes.ts'
import { attributesOfWrite, obstacle, writeContent } from './content.ts'
import { withoutFolder } from './place.ts'

/** The fields that `copy` and `template` repair. */
export type FileField = 'exists' | 'content' | 'owner' | 'group' | 'mode'
const fields: readonly FileField[] = ['exists', 'content', 'owner', 'group', 'mode']

/** What a task wants of a whole file, beside its content. */
export interface WholeFileWish {
  readonly dest: string
  readonly validate?: string | undefined
  readonly backup?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}
/** What is there. */
export interface WholeFile {
  readonly exists: boolean | null
  readonly kind: string | null
  readonly path: string | null
  readonly folder: boolean | null
  /** The owner or group of the task that the host does not know. */
  readonly stranger: string | null
  /** Of a file that is not text. */
  readonly sha256: string | null
}

/**
 * What writes a whole file, or why that is refused. `content` gives the text, or the changes that bring it in another way;
 * `more` are the fields that a type repairs beside those of every file.
 */
export function wholeFileChanges<F extends string = never>(
  diff: { readonly [K in FileField | F]?: unknown },
  wish: WholeFileWish,
  current: WholeFile,
  more: readonly F[],
  content: (
    repairs: readonly (FileField | F)[],
  ) => string | Secret | readonly Change<FileField | F>[],
): readonly Change<FileField | F>[] {
  const { dest, validate, backup } = wish
  const repairs = drifted<FileField | F>(diff, [...fields, ...more])
  const inTheWay = obstacle(dest, current.kind)
  if (inTheWay) return [{ title: `write ${dest}`, repairs, actions: [inTheWay] }]
  if ((['exists', 'content', ...more] as const).every((field) => diff[field] === undefined))
    return attributeChanges(diff, current.path!, wish, current.stranger)
  const made = content(repairs)
  if (typeof made !== 'string' && !(made instanceof Secret)) return made
  return writeContent(dest, made, repairs, {
    kind: current.kind,
    before: withoutFolder(dest, current.folder),
    stranger: current.stranger,
    guard: current.sha256 === null ? 'text' : 'hash',
    validate,
    attributes: attributesOfWrite(wish, current.exists ? backup : undefined),
  })
}

import type { Change, ProduceAction, UploadAction } from '../../contract/change.ts'
import type { LocalFile } from '../../contract/param-schema.ts'
import type { Secret } from '../../contract/secret.ts'
import { attributesOfWrite } from '../content.ts'
import { withoutFolder } from '../place.ts'
import {
  wholeFileChanges,
  type FileField,
  type WholeFile,
  type WholeFileWish,
} from '../whole-file.ts'
import { hostCopy } from '../host-copy.ts'
import { refused } from '../refused.ts'
import { withoutStranger } from '../stranger.ts'

/** What is there, and what is copied from the host itself. */
interface CopiedFile extends WholeFile {
  readonly source: string | null
  readonly source_sha256: string | null
}
interface Wish extends WholeFileWish {
  readonly src?: LocalFile | undefined
  readonly remote_src?: string | undefined
  readonly content?: string | Secret | undefined
}
type Field = FileField | 'sha256'

/** What writes a text or sends a local file, or why that is refused. */
export function copyChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: CopiedFile,
): readonly Change<Field>[] {
  const { src, remote_src, content } = wish
  const isText = src === undefined && remote_src === undefined
  return wholeFileChanges<'sha256'>(diff, wish, current, ['sha256'], (repairs) =>
    isText ? content! : sending(wish, current, repairs),
  )
}

function sending(
  wish: Wish,
  current: CopiedFile,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const { dest, src, remote_src } = wish
  if (remote_src !== undefined && current.source_sha256 === null)
    return refused(
      `copy ${remote_src} to ${dest}`,
      repairs,
      current.source === null
        ? `the host has no ${remote_src}`
        : `${remote_src} is a ${current.source}, not a file`,
      current.source === 'link'
        ? 'name the file that it points to'
        : 'name another file; a folder is copied with `copy_folder`',
    )
  const attributes = attributesOfWrite(wish, current.exists ? wish.backup : undefined)
  const action: UploadAction | ProduceAction =
    src === undefined
      ? { ...hostCopy(remote_src!, dest), ...attributes }
      : { do: 'upload', path: dest, source: src, ...attributes }
  if (current.exists)
    return [
      {
        title: `replace the content of ${dest}`,
        repairs,
        effect: 'replaces',
        guard: src === undefined ? ['hash', 'originHash'] : ['hash'],
        actions: [...withoutStranger(current.stranger), action],
      },
    ]
  const actions = [
    ...withoutFolder(dest, current.folder),
    ...withoutStranger(current.stranger),
    action,
  ]
  if (src !== undefined) return [{ title: `send ${dest}`, repairs, actions }]
  return [{ title: `copy ${remote_src} to ${dest}`, repairs, guard: ['originHash'], actions }]
}

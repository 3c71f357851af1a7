import type { Change, UploadAction } from '../../contract/change.ts'
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
import { withoutStranger } from '../stranger.ts'

interface Wish extends WholeFileWish {
  readonly src?: LocalFile | undefined
  readonly content?: string | Secret | undefined
}
type Field = FileField | 'sha256'

/** What writes a text or sends a local file, or why that is refused. */
export function copyChanges(
  diff: { readonly [F in Field]?: unknown },
  wish: Wish,
  current: WholeFile,
): readonly Change<Field>[] {
  const { dest, src, content } = wish
  return wholeFileChanges<'sha256'>(diff, wish, current, ['sha256'], (repairs) =>
    src === undefined ? content! : sending(dest, src, wish, current, repairs),
  )
}

function sending(
  dest: string,
  source: LocalFile,
  wish: Wish,
  current: WholeFile,
  repairs: readonly Field[],
): readonly Change<Field>[] {
  const attributes = attributesOfWrite(wish, current.exists ? wish.backup : undefined)
  const upload: UploadAction = { do: 'upload', path: dest, source, ...attributes }
  if (current.exists)
    return [
      {
        title: `replace the content of ${dest}`,
        repairs,
        effect: 'replaces',
        guard: ['hash'],
        actions: [...withoutStranger(current.stranger), upload],
      },
    ]
  const actions = [
    ...withoutFolder(dest, current.folder),
    ...withoutStranger(current.stranger),
    upload,
  ]
  return [{ title: `send ${dest}`, repairs, actions }]
}

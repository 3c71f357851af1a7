import type { Action, Change } from '../../contract/change.ts'
import type { LocalFile, LocalFolder } from '../../contract/param-schema.ts'
import { countOf } from '../../text/count.ts'
import { hostCopy } from '../host-copy.ts'
import { refused } from '../refused.ts'
import { withoutStranger } from '../stranger.ts'
import type { Attributes } from './wanted-entries.ts'

interface Wish extends Attributes {
  readonly dest: string
  readonly src?: LocalFolder | undefined
  readonly remote_src?: string | undefined
}
interface Current {
  readonly entries: Readonly<Record<string, string>> | null
  readonly source_kind: string | null
  readonly stranger: string | null
}
type Entries = Readonly<Record<string, string>>

/** What makes the folder like its source: folders first, then what differs in them; or why that is refused. */
export function copyFolderChanges(
  { entries }: { readonly entries?: { readonly from: unknown; readonly to: unknown } },
  wish: Wish,
  current: Current,
): readonly Change<'entries'>[] {
  const [from, to] = [(current.entries ?? {}) as Entries, (entries?.to ?? {}) as Entries]
  const { dest, remote_src } = wish
  const title = `copy ${wish.src?.path.split('/').at(-1) ?? remote_src!} to ${dest}`
  const no = (because: string, instead: string): readonly Change<'entries'>[] =>
    refused(title, ['entries'], because, instead)
  if (current.source_kind !== null && current.source_kind !== 'directory')
    return no(
      current.source_kind === 'absent'
        ? `the host has no ${remote_src}`
        : `${remote_src} is a ${current.source_kind}, not a folder`,
      'name another folder; a file is copied with `copy`',
    )
  if (remote_src !== undefined && `${dest}/`.startsWith(`${remote_src}/`))
    return no(`${dest} lies in ${remote_src}`, 'name a place outside of what is copied')
  const paths = Object.keys(to)
  const inTheWay = paths.find((path) => isInTheWay(from[path], to[path]!))
  if (inTheWay !== undefined)
    return no(
      `${inTheWay === '.' ? dest : `${dest}/${inTheWay}`} is a ${kindOf(from[inTheWay])}, and a ${kindOf(to[inTheWay])} is to be there`,
      'remove it in a task before this one, or copy to another place',
    )
  const ordered = [...paths].sort((a, b) => orderOf(a, to) - orderOf(b, to) || (a < b ? -1 : 1))
  const files = new Map(wish.src?.files.map(({ below, file }) => [below, file]))
  const actions = [
    ...withoutStranger(current.stranger),
    ...ordered.map((path) => actionFor(path, { from: from[path], to: to[path]!, wish, files })),
  ]
  const replaced = paths.filter(
    (path) => kindOf(from[path]) === 'file' && hashOf(from[path]) !== hashOf(to[path]),
  )
  const change = {
    title: `${title}${replaced.length > 0 ? `, and replace ${countOf(replaced.length, 'file')} there` : ''}`,
    repairs: ['entries' as const],
    actions,
  }
  return replaced.length > 0
    ? [{ ...change, effect: 'replaces', guard: ['there'] }]
    : [{ ...change, guard: ['there'] }]
}

function actionFor(
  path: string,
  {
    from,
    to,
    wish,
    files,
  }: {
    readonly from: string | undefined
    readonly to: string
    readonly wish: Wish
    /** The files of a local folder, by their paths below it. */
    readonly files: ReadonlyMap<string, LocalFile>
  },
): Action {
  const { dest, remote_src, owner, group } = wish
  const target = path === '.' ? dest : `${dest}/${path}`
  if (kindOf(to) === 'directory') {
    const there = kindOf(from) === 'directory'
    return {
      do: 'attributes',
      path: target,
      ...(there ? {} : { make: true as const }),
      owner,
      group,
      mode: wish.directory_mode,
    }
  }
  const attributes = { owner, group, mode: to.split(' ')[1]! }
  if (kindOf(from) === 'file' && hashOf(from) === hashOf(to))
    return { do: 'attributes', path: target, ...attributes }
  const source = files.get(path)
  return source
    ? { do: 'upload', path: target, source, ...attributes }
    : { ...hostCopy(`${remote_src}/${path}`, target), ...attributes }
}

function kindOf(entry: string | undefined): string {
  return entry?.split(' ')[0] ?? 'absent'
}

function hashOf(entry: string | undefined): string {
  return entry?.split(' ').at(-1) ?? ''
}

function isInTheWay(from: string | undefined, to: string): boolean {
  const kind = kindOf(from)
  return kind !== 'absent' && kind !== kindOf(to)
}

// Folders first: what is in them needs them. A name may sort before `.`, the folder that all of them lie in.
function orderOf(path: string, to: Entries): number {
  if (path === '.') return 0
  return kindOf(to[path]) === 'directory' ? 1 : 2
}

import { refuse, type RefuseAction } from '../../contract/change.ts'
import { isTag } from './look.ts'
import { isBind } from './mount-options.ts'

/** What a task wants of a mount. */
export interface Wish {
  readonly path: string
  readonly src?: string | undefined
  readonly fstype?: string | undefined
  readonly opts?: string | undefined
  readonly hide: boolean
  readonly state: 'mounted' | 'unmounted'
}
/** What is there. */
export interface Current {
  readonly source: string | null
  readonly is_alike: boolean | null
  readonly path_kind: string | null
  readonly source_kind: string | null
  /** Who but root could exchange the place while it is mounted. */
  readonly aimed_by: string | null
  readonly covers: readonly string[] | null
  readonly busy: readonly string[] | null
  readonly below: readonly string[] | null
}

/** Why nothing is mounted or unmounted here, or null: a mount never hides what is in use, nor another mount. */
export function refusalOf(wish: Wish, current: Current, isWanted: boolean): RefuseAction | null {
  const { path, state } = wish
  if (current.busy?.length)
    return refuse(
      `${path} is in use: it holds ${current.busy.join(', ')}`,
      'wait until what they belong to is done, or clean up what it left behind',
    )
  if (!current.is_alike)
    return refuse(
      `several things are mounted over each other at ${path}, ${current.source} on top`,
      `look at them with \`findmnt ${path}\`, and unmount by hand what is too much`,
    )
  if ((state === 'unmounted' || isWanted) && current.below?.length)
    return refuse(
      `${path} cannot be unmounted: ${current.below.join(', ')} ${current.below.length === 1 ? 'is' : 'are'} mounted below it`,
      'unmount these in tasks before this one, in this order',
    )
  if (state === 'unmounted' || isWanted) return null
  if (wish.src === undefined) return refuse('the task does not say what to mount', 'add `src:`')
  if (current.source !== null)
    return refuse(
      `${current.source} is mounted at ${path}, and a second mount would hide it`,
      'unmount it in a task before this one (`state: unmounted`)',
    )
  return refusalOfSource(wish, wish.src, current) ?? refusalOfPlace(wish, current)
}

function refusalOfSource(
  { fstype, opts }: Wish,
  src: string,
  { source_kind: kind }: Current,
): RefuseAction | null {
  const bind = isBind(opts)
  if (isTag(src)) {
    if (bind) return refuse(`'${src}' is not a folder`, 'name the folder by its whole path')
    return kind === 'block'
      ? null
      : refuse(
          `no device has ${src}`,
          'look at them with `blkid`, or make it in a task before this one',
        )
  }
  if (!src.startsWith('/')) {
    if (bind) return refuse(`'${src}' is not a path`, 'name the folder by its whole path')
    return fstype === undefined
      ? refuse(
          `'${src}' is not a path`,
          'name the device by a path such as /dev/disk/by-uuid/…, or add `fstype:` for a network or memory file system',
        )
      : null
  }
  if (kind === null)
    return refuse(`${src} does not exist`, 'map, attach or make it in a task before this one')
  if (bind || kind === 'block') return null
  return refuse(
    `${src} is a ${kind}, not a block device`,
    kind === 'directory' ? 'add `opts: bind` to mount a folder' : 'name the device itself',
  )
}

function refusalOfPlace(
  { path, opts, hide }: Wish,
  { path_kind, source_kind, covers, aimed_by }: Current,
): RefuseAction | null {
  const isFileOnFile = isBind(opts) && path_kind === source_kind
  if (path_kind !== null && path_kind !== 'directory' && !isFileOnFile)
    return refuse(`${path} is a ${path_kind}, not a folder`, 'name another path')
  if (aimed_by !== null)
    return refuse(
      `${path} lies where ${aimed_by} could put another folder or a link in its place while it is mounted`,
      'name a path whose folders only root can write to',
    )
  if (!covers?.length || hide) return null
  return refuse(
    `${path} is not empty: it holds ${covers.join(', ')}`,
    'what is there would be hidden: move it away, or add `hide: true`',
  )
}

/** What a file system holds at a path. */
export interface Inode {
  readonly kind: 'file' | 'directory' | 'link' | 'block' | 'character' | 'fifo' | 'socket'
  readonly number: number
  /** Permission bits with setuid, setgid and sticky, without the kind. */
  mode: number
  uid: number
  gid: number
  modified: number
  /** Of a file. */
  content: Uint8Array
  /** Of a directory. */
  readonly children: Map<string, Inode>
  /** Of a link. */
  readonly target: string
  /** Of a device: major and minor. */
  readonly device: readonly [number, number]
  /** Content made when it is read: `/proc/uptime`. */
  readonly live?: () => string
  /** What the kernel does with text written to it (`/proc/sys`); gives an error's name, or null. */
  readonly accept?: (text: string) => string | null
}

/** A folder that lies over another place: `top` is what shows at `at`, as seen through the mount `parent`. */
export interface Attached {
  readonly parent: Attached | null
  readonly at: Inode
  readonly top: Inode
}

/** Who acts: the numbers that permissions are held against. */
export interface Credentials {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** The superuser. */
export const root: Credentials = { uid: 0, gid: 0, groups: [0] }

/** An error as the kernel gives it. */
export class FileError extends Error {
  readonly code: string

  constructor(code: string, path: string) {
    super(`${code}: ${errorTexts[code] ?? code}, '${path}'`)
    this.name = 'FileError'
    this.code = code
  }
}

const errorTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'file already exists',
  ENOTDIR: 'not a directory',
  EISDIR: 'illegal operation on a directory',
  ENOTEMPTY: 'directory not empty',
  ELOOP: 'too many symbolic links encountered',
  EINVAL: 'invalid argument',
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
  EBUSY: 'resource busy or locked',
  EXDEV: 'cross-device link not permitted',
}

/** The words that tools print for an error's code. */
export function errorText(error: unknown): string {
  const code = error instanceof FileError ? error.code : ''
  return toolTexts[code] ?? (error instanceof Error ? error.message : String(error))
}

const toolTexts: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EBUSY: 'Device or resource busy',
  EXDEV: 'Invalid cross-device link',
}

/** The inodes of one machine, kept in memory. It knows nothing of who asks: that is the view's part. */
export interface Tree {
  readonly top: Inode
  /** What is mounted over parts of it, in the order of mounting. */
  readonly attached: Attached[]
  /** Bytes of file content that fit, and those in use. */
  capacity: number
  used: number
  /** Writes fail with this while it is set. */
  writes: 'allowed' | 'ENOSPC' | 'EROFS'
  make(
    kind: Inode['kind'],
    mode: number,
    uid: number,
    gid: number,
    extra?: Partial<Pick<Inode, 'content' | 'target' | 'device' | 'live' | 'accept'>>,
  ): Inode
}

const nothing = new Uint8Array(0)
const noChildren: Map<string, Inode> = new Map()

/** An empty tree with a root directory. */
export function newTree(capacity: number): Tree {
  let last = 1
  const make: Tree['make'] = (kind, mode, uid, gid, extra = {}) => ({
    kind,
    number: ++last,
    mode,
    uid,
    gid,
    modified: Date.now(),
    content: extra.content ?? nothing,
    children: kind === 'directory' ? new Map<string, Inode>() : noChildren,
    target: extra.target ?? '',
    device: extra.device ?? [0, 0],
    ...(extra.live ? { live: extra.live } : {}),
    ...(extra.accept ? { accept: extra.accept } : {}),
  })
  return {
    top: make('directory', 0o755, 0, 0),
    attached: [],
    capacity,
    used: 0,
    writes: 'allowed',
    make,
  }
}

/** The bytes of a file, made now where they are live. */
export function contentOf(inode: Inode): Uint8Array {
  return inode.live ? Buffer.from(inode.live()) : inode.content
}

/** An absolute path without `.`, `..` and doubled slashes, by its text alone. */
export function normalize(base: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

import type { BufferEncoding, FsStat, IFileSystem } from 'just-bash'
import { contentOf, errorText, FileError, type Inode, normalize } from './file-tree.ts'
import type { View } from './view.ts'

/** The shell's file system: a user's view of a node's tree. What the shell leaves unasked, no command of it can touch. */
export function shellFiles(view: View): IFileSystem {
  // Async functions, so that what the view throws becomes a rejection.
  return {
    readFile: async (path, options) => Buffer.from(view.read(path)).toString(encodingOf(options)),
    readFileBytes: async (path) => Buffer.from(view.read(path)).toString('latin1') as never,
    readFileBuffer: async (path) => view.read(path),
    writeFile: async (path, content, options) =>
      saying(path, () => view.write(path, bytesOf(content, options))),
    appendFile: async (path, content, options) =>
      saying(path, () => view.append(path, bytesOf(content, options))),
    exists: async (path) => view.exists(path),
    stat: async (path) => factsOf(view.stat(path), view),
    lstat: async (path) => factsOf(view.lstat(path), view),
    mkdir: async (path, options) => (options?.recursive ? view.mkdirs(path) : view.mkdir(path)),
    readdir: async (path) => view.list(path),
    readdirWithFileTypes: async (path) =>
      view.list(path).map((name) => ({ name, ...kindsOf(view.lstat(`${path}/${name}`)) })),
    async rm(path, options) {
      if (options?.force && !view.exists(path)) return
      if (options?.recursive) view.removeAll(path)
      else if (view.lstat(path).kind === 'directory') view.rmdir(path)
      else view.unlink(path)
    },
    cp: async (from, to, options) => copy(view, from, to, options?.recursive ?? false),
    mv: async (from, to) => view.rename(from, to),
    resolvePath: (base, path) => normalize(base, path),
    getAllPaths: () => [],
    chmod: async (path, mode) => view.chmod(path, mode),
    symlink: async (target, path) => view.symlink(target, path),
    link: async (existing, path) => view.hardlink(existing, path),
    readlink: async (path) => view.readlink(path),
    realpath: async (path) => view.realpath(path),
    utimes: async (path, _accessed, modified) => view.touch(path, modified.getTime()),
  }
}

function kindsOf({ kind }: Inode): Pick<FsStat, 'isFile' | 'isDirectory' | 'isSymbolicLink'> {
  return {
    isFile: kind === 'file',
    isDirectory: kind === 'directory',
    isSymbolicLink: kind === 'link',
  }
}

function factsOf(inode: Inode, view: View): FsStat {
  return {
    ...kindsOf(inode),
    mode: effectiveMode(inode, view),
    size:
      inode.kind === 'link'
        ? inode.target.length
        : inode.kind === 'directory'
          ? 4096
          : contentOf(inode).length,
    mtime: new Date(inode.modified),
    dev: 1,
    ino: inode.number,
  }
}

function copy(view: View, from: string, to: string, recursive: boolean): void {
  const inode = view.stat(from)
  if (inode.kind !== 'directory') return view.write(to, view.read(from), inode.mode & ~view.umask)
  if (!recursive) throw new FileError('EISDIR', from)
  if (!view.exists(to)) view.mkdir(to)
  for (const name of view.list(from)) copy(view, `${from}/${name}`, `${to}/${name}`, true)
}

function bytesOf(
  content: string | Uint8Array,
  options?: { encoding?: BufferEncoding } | BufferEncoding,
): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, encodingOf(options)) : content
}

// The shell prints what a failed redirection throws as it is.
function saying(path: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    throw new Error(`bash: ${path}: ${errorText(error)}`)
  }
}

function encodingOf(options: unknown): 'utf8' | 'latin1' {
  const encoding =
    typeof options === 'string' ? options : (options as { encoding?: string } | undefined)?.encoding
  return encoding === 'binary' || encoding === 'latin1' ? 'latin1' : 'utf8'
}

// The shell's own `[ -r ]`, `[ -w ]` and `[ -x ]` look at any of the three bits: it is shown what this user may do, three times.
function effectiveMode(inode: Inode, view: View): number {
  const mine = ([4, 2, 1] as const).reduce(
    (bits, bit) => bits | (view.allowed(inode, bit) ? bit : 0),
    0,
  )
  return (inode.mode & 0o7000) | (mine << 6) | (mine << 3) | mine
}

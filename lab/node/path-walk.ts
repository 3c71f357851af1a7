import { type Attached, type Credentials, FileError, type Inode, type Tree } from './file-tree.ts'

/** Where a path led: the inode there, if any, its folder and the name in it. */
export interface Found {
  readonly inode: Inode | undefined
  readonly folder: Inode
  readonly name: string
  /** Without links. */
  readonly path: string
  /** The mount through which it is seen; null for the tree itself. */
  readonly mount: Attached | null
}

interface Step {
  readonly inode: Inode
  readonly name: string
  readonly mount: Attached | null
}

const linksAtMost = 40

/** Whether a user has a permission (4, 2, 1). */
export function allows(who: Credentials, inode: Inode, bit: 4 | 2 | 1): boolean {
  if (who.uid === 0) return bit !== 1 || inode.kind === 'directory' || (inode.mode & 0o111) !== 0
  if (inode.uid === who.uid) return (inode.mode & (bit << 6)) !== 0
  if (inode.gid === who.gid || who.groups.includes(inode.gid))
    return (inode.mode & (bit << 3)) !== 0
  return (inode.mode & bit) !== 0
}

/** Walks a path as the kernel does for a user. Throws ENOENT for a folder that is missing, EACCES, ENOTDIR, ELOOP. */
export function walk(tree: Tree, who: Credentials, path: string, follow: boolean): Found {
  const todo = partsOf(path)
  const trail: Step[] = [{ inode: tree.top, name: '', mount: null }]
  let links = 0
  while (todo.length > 0) {
    const part = todo.shift()!
    const folder = trail.at(-1)!.inode
    if (folder.kind !== 'directory') throw new FileError('ENOTDIR', path)
    if (!allows(who, folder, 1)) throw new FileError('EACCES', path)
    if (part === '..') {
      if (trail.length > 1) trail.pop()
      continue
    }
    const { inode, mount } = topmost(tree, folder.children.get(part), trail.at(-1)!.mount)
    const here = `${pathOf(trail)}/${part}`
    if (!inode) {
      if (todo.length > 0) throw new FileError('ENOENT', path)
      return { inode: undefined, folder, name: part, path: here, mount }
    }
    if (inode.kind === 'link' && (todo.length > 0 || follow)) {
      if (++links > linksAtMost) throw new FileError('ELOOP', path)
      todo.unshift(...partsOf(inode.target))
      if (inode.target.startsWith('/')) trail.length = 1
      continue
    }
    if (todo.length === 0) return { inode, folder, name: part, path: here, mount }
    trail.push({ inode, name: part, mount })
  }
  return endOf(trail, tree)
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

function pathOf(trail: readonly Step[]): string {
  return trail.map((step) => step.name).join('/')
}

/** The end of a path that goes back to a folder. */
function endOf(trail: readonly Step[], tree: Tree): Found {
  const { inode, name, mount } = trail.at(-1)!
  return { inode, folder: trail.at(-2)?.inode ?? tree.top, name, path: pathOf(trail) || '/', mount }
}

/** What shows where something is mounted: the last of those that lie over each other. */
function topmost(
  tree: Tree,
  inode: Inode | undefined,
  mount: Attached | null,
): { readonly inode: Inode | undefined; readonly mount: Attached | null } {
  const next =
    inode && tree.attached.length > 0
      ? tree.attached.find((each) => each.parent === mount && each.at === inode)
      : undefined
  return next ? topmost(tree, next.top, next) : { inode, mount }
}

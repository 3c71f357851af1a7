import {
  type Attached,
  contentOf,
  FileError,
  type Credentials,
  type Inode,
  normalize,
  type Tree,
} from './file-tree.ts'

/** Where a path led: the inode there, if any, its folder and the name in it. */
interface Found {
  readonly inode: Inode | undefined
  readonly folder: Inode
  readonly name: string
  /** Without links. */
  readonly path: string
  /** The mount through which it is seen; null for the tree itself. */
  readonly mount: Attached | null
}

/**
 * The tree as one user sees it: every call checks permissions as the kernel does. Nothing of it reaches the machine that
 * the lab runs on.
 */
export interface View {
  readonly tree: Tree
  readonly who: Credentials
  umask: number
  /** The inode at a path; throws ENOENT, EACCES, ENOTDIR, ELOOP. */
  stat(path: string): Inode
  lstat(path: string): Inode
  /** The same inode with the mount through which it is seen. */
  locate(path: string): { readonly inode: Inode; readonly mount: Attached | null }
  exists(path: string): boolean
  read(path: string): Uint8Array
  readText(path: string): string
  /** Replaces a file's content or makes it (0666 without the umask, unless `mode` is given). */
  write(path: string, content: Uint8Array | string, mode?: number): void
  append(path: string, content: Uint8Array | string): void
  list(path: string): string[]
  mkdir(path: string, mode?: number): void
  /** As `mkdir -p`. */
  mkdirs(path: string, mode?: number): void
  unlink(path: string): void
  rmdir(path: string): void
  removeAll(path: string): void
  rename(from: string, to: string): void
  symlink(target: string, path: string): void
  hardlink(existing: string, path: string): void
  readlink(path: string): string
  realpath(path: string): string
  chmod(path: string, mode: number): void
  /** A number left out is left alone. */
  chown(
    path: string,
    owner: { readonly uid?: number | undefined; readonly gid?: number | undefined },
    follow?: boolean,
  ): void
  touch(path: string, modified: number): void
  place(path: string, inode: Inode): void
  /** Whether a permission (4, 2, 1) is given. */
  allowed(inode: Inode, bit: 4 | 2 | 1): boolean
}

const linksAtMost = 40

/** The view of a user. */
export function viewOf(tree: Tree, who: Credentials, umask = 0o022): View {
  function allowed(inode: Inode, bit: 4 | 2 | 1): boolean {
    if (who.uid === 0) return bit !== 1 || inode.kind === 'directory' || (inode.mode & 0o111) !== 0
    if (inode.uid === who.uid) return (inode.mode & (bit << 6)) !== 0
    if (inode.gid === who.gid || who.groups.includes(inode.gid))
      return (inode.mode & (bit << 3)) !== 0
    return (inode.mode & bit) !== 0
  }

  function find(path: string, follow: boolean): Found {
    const todo = path.split('/').filter((part) => part !== '' && part !== '.')
    const trail: {
      readonly inode: Inode
      readonly name: string
      readonly mount: Attached | null
    }[] = [{ inode: tree.top, name: '', mount: null }]
    let links = 0
    while (todo.length > 0) {
      const part = todo.shift()!
      const folder = trail.at(-1)!.inode
      if (folder.kind !== 'directory') throw new FileError('ENOTDIR', path)
      if (!allowed(folder, 1)) throw new FileError('EACCES', path)
      if (part === '..') {
        if (trail.length > 1) trail.pop()
        continue
      }
      const { inode, mount } = over(folder.children.get(part), trail.at(-1)!.mount)
      const here = `${trail.map((step) => step.name).join('/')}/${part}`
      if (!inode) {
        if (todo.length > 0) throw new FileError('ENOENT', path)
        return { inode: undefined, folder, name: part, path: here, mount }
      }
      if (inode.kind === 'link' && (todo.length > 0 || follow)) {
        if (++links > linksAtMost) throw new FileError('ELOOP', path)
        todo.unshift(...inode.target.split('/').filter((each) => each !== '' && each !== '.'))
        if (inode.target.startsWith('/')) trail.length = 1
        continue
      }
      if (todo.length === 0) return { inode, folder, name: part, path: here, mount }
      trail.push({ inode, name: part, mount })
    }
    const last = trail.at(-1)!
    return {
      inode: last.inode,
      folder: trail.at(-2)?.inode ?? tree.top,
      name: last.name,
      path: trail.map((step) => step.name).join('/') || '/',
      mount: last.mount,
    }
  }

  // What shows where something is mounted: the last of those that lie over each other.
  function over(
    inode: Inode | undefined,
    mount: Attached | null,
  ): { readonly inode: Inode | undefined; readonly mount: Attached | null } {
    const next =
      inode && tree.attached.length > 0
        ? tree.attached.find((each) => each.parent === mount && each.at === inode)
        : undefined
    return next ? over(next.top, next) : { inode, mount }
  }

  function mustBeFree(found: Found, path: string): void {
    if (found.mount?.top === found.inode && found.inode) throw new FileError('EBUSY', path)
  }

  function must(path: string, follow: boolean): Inode {
    const { inode } = find(path, follow)
    if (!inode) throw new FileError('ENOENT', path)
    return inode
  }

  function mayChange(path: string): void {
    if (tree.writes === 'EROFS') throw new FileError('EROFS', path)
  }

  function mayEnter(folder: Inode, path: string): void {
    mayChange(path)
    if (!allowed(folder, 2) || !allowed(folder, 1)) throw new FileError('EACCES', path)
  }

  function mayLeave(found: Found, path: string): void {
    mayEnter(found.folder, path)
    const sticky = (found.folder.mode & 0o1000) !== 0
    if (sticky && who.uid !== 0 && found.folder.uid !== who.uid && found.inode?.uid !== who.uid)
      throw new FileError('EPERM', path)
  }

  function free(inode: Inode): void {
    tree.used -= inode.content.length
    for (const child of inode.children.values()) free(child)
  }

  function put(path: string, bytes: Uint8Array, adding: boolean, mode?: number): void {
    const found = find(path, true)
    const inode = found.inode
    if (inode?.kind === 'directory' || path.endsWith('/')) throw new FileError('EISDIR', path)
    if (inode && !allowed(inode, 2)) throw new FileError('EACCES', path)
    if (inode?.kind === 'character') return
    if (inode?.accept) {
      const refused = inode.accept(Buffer.from(bytes).toString('utf8'))
      if (refused) throw new FileError(refused, path)
      return
    }
    if (inode) mayChange(path)
    else mayEnter(found.folder, path)
    const before = inode?.content.length ?? 0
    const content = adding && inode ? Buffer.concat([inode.content, bytes]) : Uint8Array.from(bytes)
    const growth = content.length - before
    if (growth > 0 && (tree.writes === 'ENOSPC' || tree.used + growth > tree.capacity)) {
      // As a full disk does it: the file is there, and empty.
      if (!inode)
        found.folder.children.set(
          found.name,
          tree.make('file', mode ?? 0o666 & ~view.umask, who.uid, who.gid),
        )
      throw new FileError('ENOSPC', path)
    }
    tree.used += growth
    if (inode) {
      inode.content = content
      inode.modified = Date.now()
      return
    }
    const group = (found.folder.mode & 0o2000) !== 0 ? found.folder.gid : who.gid
    found.folder.children.set(
      found.name,
      tree.make('file', mode ?? 0o666 & ~view.umask, who.uid, group, { content }),
    )
    found.folder.modified = Date.now()
  }

  function add(path: string, inode: Inode): void {
    const found = find(path.replace(/\/+$/, '') || '/', false)
    if (found.inode) throw new FileError('EEXIST', path)
    mayEnter(found.folder, path)
    if (tree.writes === 'ENOSPC' && inode.kind !== 'link') throw new FileError('ENOSPC', path)
    found.folder.children.set(found.name, inode)
    found.folder.modified = Date.now()
  }

  function mine(path: string, follow: boolean): Inode {
    const inode = must(path, follow)
    mayChange(path)
    if (who.uid !== 0 && inode.uid !== who.uid) throw new FileError('EPERM', path)
    return inode
  }

  const view: View = {
    tree,
    who,
    umask,
    allowed,
    stat: (path) => must(path, true),
    lstat: (path) => must(path, false),
    locate(path) {
      const { inode, mount } = find(path, true)
      if (!inode) throw new FileError('ENOENT', path)
      return { inode, mount }
    },
    exists(path) {
      try {
        return find(path, true).inode !== undefined
      } catch {
        return false
      }
    },
    read(path) {
      const inode = must(path, true)
      if (inode.kind === 'directory') throw new FileError('EISDIR', path)
      if (!allowed(inode, 4)) throw new FileError('EACCES', path)
      return contentOf(inode)
    },
    readText: (path) => Buffer.from(view.read(path)).toString('utf8'),
    write: (path, content, mode) =>
      put(path, typeof content === 'string' ? Buffer.from(content) : content, false, mode),
    append: (path, content) =>
      put(path, typeof content === 'string' ? Buffer.from(content) : content, true),
    list(path) {
      const inode = must(path, true)
      if (inode.kind !== 'directory') throw new FileError('ENOTDIR', path)
      if (!allowed(inode, 4)) throw new FileError('EACCES', path)
      return [...inode.children.keys()].sort()
    },
    mkdir: (path, mode) =>
      add(path, tree.make('directory', mode ?? 0o777 & ~view.umask, who.uid, who.gid)),
    mkdirs(path, mode) {
      let done = ''
      for (const part of normalize('/', path).split('/').slice(1)) {
        done += `/${part}`
        const found = find(done, true)
        if (!found.inode) view.mkdir(found.path, mode)
        else if (found.inode.kind !== 'directory') throw new FileError('ENOTDIR', done)
      }
    },
    unlink(path) {
      const found = find(path, false)
      if (!found.inode) throw new FileError('ENOENT', path)
      if (found.inode.kind === 'directory') throw new FileError('EISDIR', path)
      mayLeave(found, path)
      mustBeFree(found, path)
      found.folder.children.delete(found.name)
      found.folder.modified = Date.now()
      free(found.inode)
    },
    rmdir(path) {
      const found = find(path, false)
      if (!found.inode) throw new FileError('ENOENT', path)
      if (found.inode.kind !== 'directory') throw new FileError('ENOTDIR', path)
      if (found.inode === tree.top) throw new FileError('EBUSY', path)
      mustBeFree(found, path)
      if (found.inode.children.size > 0) throw new FileError('ENOTEMPTY', path)
      mayLeave(found, path)
      found.folder.children.delete(found.name)
    },
    removeAll(path) {
      const inode = must(path, false)
      if (inode.kind !== 'directory') return view.unlink(path)
      for (const name of view.list(path)) view.removeAll(`${path}/${name}`)
      view.rmdir(path)
    },
    rename(from, to) {
      const source = find(from, false)
      if (!source.inode) throw new FileError('ENOENT', from)
      mayLeave(source, from)
      mustBeFree(source, from)
      const target = find(to, false)
      if (target.inode === source.inode) return
      if (target.inode) {
        mayLeave(target, to)
        mustBeFree(target, to)
        if (target.inode.kind === 'directory' && source.inode.kind !== 'directory')
          throw new FileError('EISDIR', to)
        if (target.inode.kind !== 'directory' && source.inode.kind === 'directory')
          throw new FileError('ENOTDIR', to)
        if (target.inode.children.size > 0) throw new FileError('ENOTEMPTY', to)
        free(target.inode)
      } else mayEnter(target.folder, to)
      if (`${target.path}/`.startsWith(`${source.path}/`)) throw new FileError('EINVAL', to)
      source.folder.children.delete(source.name)
      target.folder.children.set(target.name, source.inode)
    },
    symlink: (target, path) => add(path, tree.make('link', 0o777, who.uid, who.gid, { target })),
    hardlink(existing, path) {
      const inode = must(existing, false)
      if (inode.kind === 'directory') throw new FileError('EPERM', existing)
      add(path, inode)
      tree.used += inode.content.length
    },
    readlink(path) {
      const inode = must(path, false)
      if (inode.kind !== 'link') throw new FileError('EINVAL', path)
      return inode.target
    },
    realpath(path) {
      const found = find(path, true)
      if (!found.inode) throw new FileError('ENOENT', path)
      return found.path
    },
    chmod(path, mode) {
      mine(path, true).mode = mode & 0o7777
    },
    chown(path, owner, follow = true) {
      const inode = must(path, follow)
      mayChange(path)
      const changesUser = owner.uid !== undefined && owner.uid !== inode.uid
      const groupIsMine =
        owner.gid === undefined ||
        owner.gid === inode.gid ||
        who.gid === owner.gid ||
        who.groups.includes(owner.gid)
      if (who.uid !== 0 && (inode.uid !== who.uid || changesUser || !groupIsMine))
        throw new FileError('EPERM', path)
      inode.uid = owner.uid ?? inode.uid
      inode.gid = owner.gid ?? inode.gid
    },
    touch(path, modified) {
      const inode = must(path, true)
      mayChange(path)
      if (who.uid !== 0 && inode.uid !== who.uid && !allowed(inode, 2))
        throw new FileError('EACCES', path)
      inode.modified = modified
    },
    place: add,
  }
  return view
}

import {
  type Attached,
  contentOf,
  type Credentials,
  FileError,
  type Inode,
  normalize,
  type Tree,
} from './file-tree.ts'
import { allows, type Found, walk } from './path-walk.ts'

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

/** The view of a user. */
export function viewOf(tree: Tree, who: Credentials, umask = 0o022): View {
  return new UserView(tree, who, umask)
}

/** The numbers of a new owner; one that is left out is left alone. */
interface NewOwner {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

class UserView implements View {
  readonly tree: Tree
  readonly who: Credentials
  umask: number

  constructor(tree: Tree, who: Credentials, umask: number) {
    this.tree = tree
    this.who = who
    this.umask = umask
  }

  allowed(inode: Inode, bit: 4 | 2 | 1): boolean {
    return allows(this.who, inode, bit)
  }

  stat(path: string): Inode {
    return this.#must(path, true)
  }

  lstat(path: string): Inode {
    return this.#must(path, false)
  }

  locate(path: string): { readonly inode: Inode; readonly mount: Attached | null } {
    const { inode, mount } = this.#find(path, true)
    if (!inode) throw new FileError('ENOENT', path)
    return { inode, mount }
  }

  exists(path: string): boolean {
    try {
      return this.#find(path, true).inode !== undefined
    } catch {
      return false
    }
  }

  read(path: string): Uint8Array {
    const inode = this.#must(path, true)
    if (inode.kind === 'directory') throw new FileError('EISDIR', path)
    if (!this.allowed(inode, 4)) throw new FileError('EACCES', path)
    return contentOf(inode)
  }

  readText(path: string): string {
    return Buffer.from(this.read(path)).toString('utf8')
  }

  write(path: string, content: Uint8Array | string, mode?: number): void {
    this.#put(path, typeof content === 'string' ? Buffer.from(content) : content, false, mode)
  }

  append(path: string, content: Uint8Array | string): void {
    this.#put(path, typeof content === 'string' ? Buffer.from(content) : content, true)
  }

  list(path: string): string[] {
    const inode = this.#must(path, true)
    if (inode.kind !== 'directory') throw new FileError('ENOTDIR', path)
    if (!this.allowed(inode, 4)) throw new FileError('EACCES', path)
    return [...inode.children.keys()].sort()
  }

  mkdir(path: string, mode = 0o777 & ~this.umask): void {
    this.place(path, this.tree.make('directory', mode, this.who.uid, this.who.gid))
  }

  mkdirs(path: string, mode?: number): void {
    let done = ''
    for (const part of normalize('/', path).split('/').slice(1)) {
      done += `/${part}`
      const found = this.#find(done, true)
      if (!found.inode) this.mkdir(found.path, mode)
      else if (found.inode.kind !== 'directory') throw new FileError('ENOTDIR', done)
    }
  }

  unlink(path: string): void {
    const found = this.#find(path, false)
    if (!found.inode) throw new FileError('ENOENT', path)
    if (found.inode.kind === 'directory') throw new FileError('EISDIR', path)
    this.#mayLeave(found, path)
    mustBeFree(found, path)
    found.folder.children.delete(found.name)
    found.folder.modified = Date.now()
    this.#free(found.inode)
  }

  rmdir(path: string): void {
    const found = this.#find(path, false)
    if (!found.inode) throw new FileError('ENOENT', path)
    if (found.inode.kind !== 'directory') throw new FileError('ENOTDIR', path)
    if (found.inode === this.tree.top) throw new FileError('EBUSY', path)
    mustBeFree(found, path)
    if (found.inode.children.size > 0) throw new FileError('ENOTEMPTY', path)
    this.#mayLeave(found, path)
    found.folder.children.delete(found.name)
  }

  removeAll(path: string): void {
    const inode = this.#must(path, false)
    if (inode.kind !== 'directory') return this.unlink(path)
    for (const name of this.list(path)) this.removeAll(`${path}/${name}`)
    this.rmdir(path)
  }

  rename(from: string, to: string): void {
    const source = this.#find(from, false)
    if (!source.inode) throw new FileError('ENOENT', from)
    this.#mayLeave(source, from)
    mustBeFree(source, from)
    const target = this.#find(to, false)
    if (target.inode === source.inode) return
    if (target.inode) this.#replace(target, target.inode, source.inode, to)
    else this.#mayEnter(target.folder, to)
    if (`${target.path}/`.startsWith(`${source.path}/`)) throw new FileError('EINVAL', to)
    source.folder.children.delete(source.name)
    target.folder.children.set(target.name, source.inode)
  }

  symlink(target: string, path: string): void {
    this.place(path, this.tree.make('link', 0o777, this.who.uid, this.who.gid, { target }))
  }

  hardlink(existing: string, path: string): void {
    const inode = this.#must(existing, false)
    if (inode.kind === 'directory') throw new FileError('EPERM', existing)
    this.place(path, inode)
    this.tree.used += inode.content.length
  }

  readlink(path: string): string {
    const inode = this.#must(path, false)
    if (inode.kind !== 'link') throw new FileError('EINVAL', path)
    return inode.target
  }

  realpath(path: string): string {
    const found = this.#find(path, true)
    if (!found.inode) throw new FileError('ENOENT', path)
    return found.path
  }

  chmod(path: string, mode: number): void {
    const inode = this.#must(path, true)
    this.#mayChange(path)
    if (this.who.uid !== 0 && inode.uid !== this.who.uid) throw new FileError('EPERM', path)
    inode.mode = mode & 0o7777
  }

  chown(path: string, owner: NewOwner, follow = true): void {
    const { who } = this
    const inode = this.#must(path, follow)
    this.#mayChange(path)
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
  }

  touch(path: string, modified: number): void {
    const inode = this.#must(path, true)
    this.#mayChange(path)
    if (this.who.uid !== 0 && inode.uid !== this.who.uid && !this.allowed(inode, 2))
      throw new FileError('EACCES', path)
    inode.modified = modified
  }

  place(path: string, inode: Inode): void {
    const found = this.#find(path.replace(/\/+$/, '') || '/', false)
    if (found.inode) throw new FileError('EEXIST', path)
    this.#mayEnter(found.folder, path)
    if (this.tree.writes === 'ENOSPC' && inode.kind !== 'link') throw new FileError('ENOSPC', path)
    found.folder.children.set(found.name, inode)
    found.folder.modified = Date.now()
  }

  #find(path: string, follow: boolean): Found {
    return walk(this.tree, this.who, path, follow)
  }

  #must(path: string, follow: boolean): Inode {
    const { inode } = this.#find(path, follow)
    if (!inode) throw new FileError('ENOENT', path)
    return inode
  }

  #mayChange(path: string): void {
    if (this.tree.writes === 'EROFS') throw new FileError('EROFS', path)
  }

  #mayEnter(folder: Inode, path: string): void {
    this.#mayChange(path)
    if (!this.allowed(folder, 2) || !this.allowed(folder, 1)) throw new FileError('EACCES', path)
  }

  #mayLeave({ folder, inode }: Found, path: string): void {
    this.#mayEnter(folder, path)
    const sticky = (folder.mode & 0o1000) !== 0
    const { uid } = this.who
    if (sticky && uid !== 0 && folder.uid !== uid && inode?.uid !== uid)
      throw new FileError('EPERM', path)
  }

  #replace(target: Found, old: Inode, by: Inode, path: string): void {
    this.#mayLeave(target, path)
    mustBeFree(target, path)
    if (old.kind === 'directory' && by.kind !== 'directory') throw new FileError('EISDIR', path)
    if (old.kind !== 'directory' && by.kind === 'directory') throw new FileError('ENOTDIR', path)
    if (old.children.size > 0) throw new FileError('ENOTEMPTY', path)
    this.#free(old)
  }

  #free(inode: Inode): void {
    this.tree.used -= inode.content.length
    for (const child of inode.children.values()) this.#free(child)
  }

  #put(path: string, bytes: Uint8Array, adding: boolean, mode = 0o666 & ~this.umask): void {
    const found = this.#find(path, true)
    const { inode } = found
    if (inode?.kind === 'directory' || path.endsWith('/')) throw new FileError('EISDIR', path)
    if (inode && !this.allowed(inode, 2)) throw new FileError('EACCES', path)
    if (inode?.kind === 'character') return
    if (inode?.accept) {
      const refused = inode.accept(Buffer.from(bytes).toString('utf8'))
      if (refused) throw new FileError(refused, path)
      return
    }
    if (inode) this.#mayChange(path)
    else this.#mayEnter(found.folder, path)
    const content = adding && inode ? Buffer.concat([inode.content, bytes]) : Uint8Array.from(bytes)
    this.#grow(content.length - (inode?.content.length ?? 0), found, path, mode)
    if (inode) {
      inode.content = content
      inode.modified = Date.now()
      return
    }
    const group = (found.folder.mode & 0o2000) !== 0 ? found.folder.gid : this.who.gid
    this.#make(found, mode, group, content)
    found.folder.modified = Date.now()
  }

  /** Takes the space; a full disk leaves a new file behind that is empty. */
  #grow(growth: number, found: Found, path: string, mode: number): void {
    const { tree } = this
    const isFull = tree.writes === 'ENOSPC' || tree.used + growth > tree.capacity
    if (growth > 0 && isFull) {
      if (!found.inode) this.#make(found, mode, this.who.gid)
      throw new FileError('ENOSPC', path)
    }
    tree.used += growth
  }

  #make({ folder, name }: Found, mode: number, group: number, content?: Uint8Array): void {
    const made = this.tree.make('file', mode, this.who.uid, group, content ? { content } : {})
    folder.children.set(name, made)
  }
}

function mustBeFree(found: Found, path: string): void {
  if (found.mount?.top === found.inode && found.inode) throw new FileError('EBUSY', path)
}

import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { modeText } from '../text/mode.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Accounts } from './accounts.ts'

/** Whose word counts on this controller: what they could have written may say what trueup does. */
export interface Trust {
  /** The acting user; beside it only root is trusted. Null where the system has no users: nothing is checked. */
  readonly user: number | null
  /** Groups whose members may write: names, or numbers as text. */
  readonly groups: readonly string[]
  /** The folder of this program: its files are as trusted as the program, with any owner. */
  readonly product: { readonly folder: string; readonly owner: number } | null
  readonly accounts: Accounts
}

/** What of a path others could have written. */
interface Distrusted {
  readonly path: string
  readonly stats: Stats
  readonly why: 'owner' | 'writable' | 'links'
}

const groupWrite = 0o020
const otherWrite = 0o002
const sticky = 0o1000
/** Links that a path may lead over, as in the kernel. */
const mostLinks = 40

/**
 * The error of a file or folder that a user other than root and the acting user could have written; null where none could.
 * As sshd's StrictModes does, it looks at owner and mode of the file and of each folder above it, and at each link on the way.
 * `what` names it in the message: `the inventory program`. A path that does not exist is judged by the folders that do.
 */
export function distrust(trust: Trust, what: string, path: string): Diagnostic | null {
  const found = findDistrusted(trust, path)
  return found && errorOf(trust, what, resolve(path), found)
}

function findDistrusted(trust: Trust, path: string): Distrusted | null {
  if (trust.user === null) return null
  let links = 0
  let at: string = sep
  let above: Stats | null = null
  // The root itself is the first step.
  let waiting = ['.', ...resolve(path).split(sep).filter(Boolean)]
  while (waiting.length > 0) {
    const [name, ...rest] = waiting
    const here = join(at, name!)
    const stats = look(here)
    // The kernel will say what is missing or closed; the folders above it were looked at.
    if (!stats) return null
    const fault = judge(trust, { path: here, stats, above, target: join(here, ...rest) })
    if (fault) return fault
    waiting = rest
    if (stats.isSymbolicLink()) {
      links += 1
      if (links > mostLinks) return null
      const target = readlinkSync(here)
      if (isAbsolute(target)) at = sep
      waiting = [...target.split(sep).filter(Boolean), ...rest]
      above = look(at)
    } else {
      at = here
      above = stats
    }
  }
  return null
}

/** Looks at one step of the way to `target`. The folder above it was looked at before. */
function judge(
  trust: Trust,
  step: {
    readonly path: string
    readonly stats: Stats
    readonly above: Stats | null
    readonly target: string
  },
): Distrusted | null {
  const { path, stats, above, target } = step
  const { product } = trust
  const isProduct = product !== null && isWithin(product.folder, target)
  // The program itself was loaded from below these folders.
  if (isProduct && path !== product.folder && isWithin(path, product.folder)) return null
  const owners = [0, trust.user, ...(isProduct ? [product.owner] : [])]
  if (!owners.includes(stats.uid)) return { path, stats, why: 'owner' }
  if (stats.isSymbolicLink()) return null
  // In a folder with the sticky bit a user moves and removes only what is the user's own.
  const isShared = stats.isDirectory() && (stats.mode & sticky) !== 0 && path !== target
  if (isWritable(trust, stats) && !isShared) return { path, stats, why: 'writable' }
  // But any user may put a second name of an old file there.
  const isInShared = above !== null && isWritable(trust, above)
  return isInShared && stats.isFile() && stats.nlink > 1 ? { path, stats, why: 'links' } : null
}

function isWritable(trust: Trust, stats: Stats): boolean {
  if ((stats.mode & otherWrite) !== 0) return true
  return (stats.mode & groupWrite) !== 0 && !isTrustedGroup(trust, stats)
}

function isTrustedGroup({ groups, accounts }: Trust, { uid, gid }: Stats): boolean {
  if (groups.includes(String(gid))) return true
  const name = accounts.groupName(gid)
  return (name !== null && groups.includes(name)) || accounts.isPrivate(gid, uid)
}

function errorOf(
  trust: Trust,
  what: string,
  given: string,
  { path, stats, why }: Distrusted,
): Diagnostic {
  const kind = stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'file'
  const user = trust.accounts.userName(stats.uid)
  const group = trust.accounts.groupName(stats.gid)
  const mode = modeText(stats.mode)
  const whose = `${path === given ? 'it' : `the ${kind} ${path}`} belongs to ${user ?? `user ${stats.uid}`}:${group ?? stats.gid} and has mode ${mode}`
  const me = trust.accounts.userName(trust.user!) ?? String(trust.user)
  return {
    code: 'trust/others',
    message: `${what} ${given} is not used: ${whose}, so ${reasons[why]}`,
    hint: hintOf(why, path, stats, me),
  }
}

const reasons = {
  owner: 'another user could have written it',
  writable: 'others could have written it',
  links: 'it may be another file under a name that others gave it',
} as const

function hintOf(why: Distrusted['why'], path: string, stats: Stats, me: string): string {
  const as = stats.isSymbolicLink() ? 'chown -h' : 'chown'
  if (why === 'owner')
    return `where you know what is in it: ${as} ${me} ${path}; or run trueup as its owner, and let become do what needs root`
  if (why === 'links') return `copy it to a folder that only ${me} can write to`
  return (stats.mode & otherWrite) !== 0
    ? `chmod o-w${(stats.mode & groupWrite) === 0 ? '' : ',g-w'} ${path}`
    : `chmod g-w ${path}, or name its group under trusted_groups in /etc/trueup/config.yaml`
}

function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

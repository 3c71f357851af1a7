import type { Account } from './account-files.ts'
import type { Machine } from './machine.ts'
import { root } from './file-tree.ts'
import { viewOf } from './view.ts'

/** A key that may sign in. */
export interface AuthorizedKey {
  readonly type: string
  /** Base64. */
  readonly blob: string
}

const types = /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d+|sk-\S+)$/

/** The user's authorized_keys as sshd reads it, or why it does not. */
export function authorizedKeysText(machine: Machine, account: Account): string {
  const files = viewOf(machine.tree, root)
  const path = `${account.home}/.ssh/authorized_keys`
  if (!files.exists(path)) return ''
  // StrictModes: no other user may be able to write the file or a folder on the way to it.
  for (const each of [path, `${account.home}/.ssh`, account.home]) {
    const inode = files.stat(each)
    if ((inode.uid !== account.uid && inode.uid !== 0) || (inode.mode & 0o022) !== 0) return ''
  }
  return files.readText(path)
}

/** The keys that may sign in as the user; options before a key are allowed, as sshd allows them. */
export function authorizedKeysOf(machine: Machine, account: Account): readonly AuthorizedKey[] {
  return authorizedKeysText(machine, account)
    .split('\n')
    .flatMap((line) => {
      const words = line.trim().split(/\s+/)
      const at = words.findIndex((word) => types.test(word))
      if (words[0]?.startsWith('#') || at < 0 || words[at + 1] === undefined) return []
      return [{ type: words[at]!, blob: words[at + 1]! }]
    })
}

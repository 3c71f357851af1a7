import { createHash } from 'node:crypto'
import type { Credentials, Tree } from './file-tree.ts'
import { root } from './file-tree.ts'
import { viewOf } from './view.ts'

/** A line of /etc/passwd. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly comment: string
  readonly home: string
  readonly shell: string
}
/** A line of /etc/group. */
export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** The accounts of /etc/passwd: the file is the state, a hand edit counts. */
export function accountsOf(tree: Tree): readonly Account[] {
  return lines(tree, '/etc/passwd').map(
    ([name = '', , uid, gid, comment = '', home = '/', shell = '/bin/sh']) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      comment,
      home,
      shell,
    }),
  )
}

/** The groups of /etc/group. */
export function groupsOf(tree: Tree): readonly Group[] {
  return lines(tree, '/etc/group').map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter(Boolean),
  }))
}

/** The fields of each line of a file of /etc. */
export function lines(tree: Tree, path: string): readonly (readonly string[])[] {
  const files = viewOf(tree, root)
  if (!files.exists(path)) return []
  return files
    .readText(path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'))
}

/** The account of a name or, in digits, of a number. */
export function accountOf(tree: Tree, who: string | number): Account | undefined {
  const accounts = accountsOf(tree)
  return (
    accounts.find((each) => each.name === who) ??
    accounts.find((each) => /^\d+$/.test(String(who)) && each.uid === Number(who))
  )
}

/** The numbers that an account acts with. */
export function credentialsOf(tree: Tree, account: Account): Credentials {
  const more = groupsOf(tree)
    .filter((group) => group.members.includes(account.name))
    .map((group) => group.gid)
  return { uid: account.uid, gid: account.gid, groups: [...new Set([account.gid, ...more])] }
}

/** The name of a user's number, or the number in digits. */
export function userName(tree: Tree, uid: number): string {
  return accountsOf(tree).find((account) => account.uid === uid)?.name ?? String(uid)
}

/** The name of a group's number, or the number in digits. */
export function groupName(tree: Tree, gid: number): string {
  return groupsOf(tree).find((group) => group.gid === gid)?.name ?? String(gid)
}

/** A salted hash as the image's /etc/shadow holds it. */
export function hashPassword(password: string, salt: string): string {
  return `$lab$${salt}$${createHash('sha256').update(`${salt}:${password}`).digest('base64url')}`
}

/** Whether a password opens an account. */
export function passwordOpens(tree: Tree, user: string, password: string): boolean {
  const hash = lines(tree, '/etc/shadow').find(([name]) => name === user)?.[1] ?? '!'
  const salt = /^\$lab\$([^$]*)\$/.exec(hash)?.[1]
  return salt !== undefined && hashPassword(password, salt) === hash
}

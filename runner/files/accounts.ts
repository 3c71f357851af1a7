import { readText } from './read-file.ts'

/** The users and groups of this controller, as far as its own files name them. */
export interface Accounts {
  userName(uid: number): string | null
  groupName(gid: number): string | null
  /** Whether a group is a user's private one: it has the user's name, and no other member. */
  isPrivate(gid: number, uid: number): boolean
}

interface Row {
  readonly name: string
  readonly id: number
  /** Of a user: the group. Of a group: 0. */
  readonly group: number
  readonly members: readonly string[]
}

/** Accounts of these two files, read at the first question. A user or group that only a directory service knows has no name here. */
export function fileAccounts(passwd = '/etc/passwd', group = '/etc/group'): Accounts {
  let users: readonly Row[] | null = null
  let groups: readonly Row[] | null = null
  const allUsers = (): readonly Row[] => (users ??= rowsOf(passwd, false))
  const allGroups = (): readonly Row[] => (groups ??= rowsOf(group, true))
  const userName = (uid: number): string | null =>
    allUsers().find(({ id }) => id === uid)?.name ?? null
  return {
    userName,
    groupName: (gid) => allGroups().find(({ id }) => id === gid)?.name ?? null,
    isPrivate(gid, uid) {
      const owner = userName(uid)
      const found = allGroups().filter(({ id }) => id === gid)
      return (
        owner !== null &&
        found.length === 1 &&
        found[0]!.name === owner &&
        found[0]!.members.every((member) => member === owner) &&
        allUsers().every((user) => user.group !== gid || user.id === uid)
      )
    },
  }
}

function rowsOf(path: string, isGroups: boolean): readonly Row[] {
  const read = readText(path)
  if ('code' in read) return []
  return read.text.split('\n').flatMap((line) => {
    const [name = '', , id = '', fourth = ''] = line.split(':')
    if (name === '' || name.startsWith('#') || !/^\d+$/.test(id)) return []
    const members = isGroups ? fourth.split(',').filter((member) => member !== '') : []
    return [{ name, id: Number(id), group: isGroups ? 0 : Number(fourth), members }]
  })
}

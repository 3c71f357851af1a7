import type { View } from './view.ts'
import type { Machine } from './machine.ts'
import { hashPassword } from './account-files.ts'

/** An account of the image's own users. */
interface NumberedUser {
  readonly name: string
  readonly password?: string | undefined
  readonly uid: number
}

/** Writes the accounts of an image, and the keys that may sign in. */
export function accounts(
  files: View,
  machine: Machine,
  authorizedKeys: readonly string[],
  rootKeys: readonly string[],
): void {
  const { users } = machine.spec
  const numbered: readonly NumberedUser[] = users
    .filter((user) => user.name !== 'root')
    .map((user, i) => ({ ...user, uid: 1000 + i }))
  files.write('/etc/passwd', `${passwdLines(numbered).join('\n')}\n`, 0o644)
  files.write('/etc/group', `${groupLines.join('\n')}\n`, 0o644)
  const rootPassword = users.find((user) => user.name === 'root')?.password
  const shadow = shadowRows(numbered, rootPassword)
  files.write(
    '/etc/shadow',
    shadow.map(([name, text]) => `${name}:${text}:19700:0:99999:7:::\n`).join(''),
    0o640,
  )
  files.chown('/etc/shadow', { gid: 15 })
  makeHome(files, { home: '/root', uid: 0, gid: 0 }, [...authorizedKeys, ...rootKeys])
  for (const { name, uid } of numbered)
    makeHome(files, { home: `/home/${name}`, uid, gid: 100 }, authorizedKeys)
}

function passwdLines(users: readonly NumberedUser[]): readonly string[] {
  return [
    'root:x:0:0:root:/root:/bin/bash',
    'bin:x:1:1:bin:/bin:/usr/sbin/nologin',
    'daemon:x:2:2:Daemon:/sbin:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/var/lib/nobody:/bin/bash',
    'sshd:x:475:475:SSH daemon:/var/lib/sshd:/usr/sbin/nologin',
    'chrony:x:474:474:Chrony Daemon:/var/lib/chrony:/bin/false',
    ...users.map((user) => `${user.name}:x:${user.uid}:100::/home/${user.name}:/bin/bash`),
  ]
}

const groupLines = [
  'root:x:0:',
  'bin:x:1:daemon',
  'daemon:x:2:',
  'sys:x:3:',
  'tty:x:5:',
  'disk:x:6:',
  'wheel:x:10:',
  'shadow:x:15:',
  'users:x:100:',
  'systemd-journal:x:480:',
  'chrony:x:474:',
  'sshd:x:475:',
  'nobody:x:65533:',
  'nogroup:x:65534:nobody',
]

function shadowRows(
  users: readonly NumberedUser[],
  rootPassword: string | undefined,
): readonly (readonly [name: string, text: string])[] {
  const hash = (name: string, password: string | undefined): string =>
    password === undefined ? '*' : hashPassword(password, name)
  return [
    ['root', hash('root', rootPassword)],
    ['bin', '*'],
    ['daemon', '*'],
    ['nobody', '!'],
    ['sshd', '!'],
    ['chrony', '!'],
    ...users.map((user) => [user.name, hash(user.name, user.password)] as const),
  ]
}

function makeHome(
  files: View,
  user: { readonly home: string; readonly uid: number; readonly gid: number },
  keys: readonly string[],
): void {
  const { home, uid } = user
  if (uid !== 0) files.mkdir(home, 0o755)
  files.mkdir(`${home}/.ssh`, 0o700)
  files.write(`${home}/.ssh/authorized_keys`, keys.map((key) => `${key}\n`).join(''), 0o600)
  for (const path of [home, `${home}/.ssh`, `${home}/.ssh/authorized_keys`]) files.chown(path, user)
}

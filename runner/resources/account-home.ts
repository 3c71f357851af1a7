import { ask, type ExecProbe, type ExecReading } from '../contract/probe.ts'
import { unclear } from './unclear.ts'

/** Asks for the account whose home a path like `~user/…` lies in; nothing for any other path. */
export function homeOf(path: string): ExecProbe | undefined {
  const user = /^~([^/]+)\//.exec(path)?.[1]
  return user === undefined ? undefined : accountOf(user)
}

/** Asks for an account by name: exit 2 means that the account does not exist. */
export function accountOf(user: string): ExecProbe {
  return ask(['getent', 'passwd', user], [0, 2])
}

/** The path without `~user`, for commands, which do not know it. */
export function absolute(path: string, account: ExecReading | undefined): string {
  if (account === undefined || !path.startsWith('~')) return path
  const home = account.stdout.trim().split(':')[5]
  if (account.exit !== 0 || !home)
    unclear(`the account of ${path} does not exist`, 'ensure the user in a task before this one')
  return home + path.slice(path.indexOf('/'))
}

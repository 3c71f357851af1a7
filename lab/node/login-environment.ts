import { accountOf } from './account-files.ts'
import type { Machine } from './machine.ts'

/** The variables of a login. */
export function loginEnvironment(machine: Machine, user: string): Record<string, string> {
  const account = accountOf(machine.tree, user)
  const home = account?.home ?? '/'
  const path =
    account?.uid === 0
      ? '/sbin:/usr/sbin:/usr/local/sbin:/root/bin:/usr/local/bin:/usr/bin:/bin'
      : `${home}/bin:/usr/local/bin:/usr/bin:/bin`
  return {
    HOME: home,
    USER: user,
    LOGNAME: user,
    SHELL: account?.shell ?? '/bin/sh',
    PATH: path,
    HOSTNAME: machine.parameters.get('kernel/hostname') ?? machine.spec.name,
    LANG: 'C.UTF-8',
  }
}

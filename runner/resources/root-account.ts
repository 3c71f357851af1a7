import type { ParamFault } from '../contract/resource.ts'

/** Why an account or a group is never deleted, or null. */
export function rootFault(
  what: 'account' | 'group',
  name: string,
  state: 'present' | 'absent',
): ParamFault | null {
  return name === 'root' && state === 'absent'
    ? {
        message: `the ${what} root is never deleted: no system runs without it`,
        hint: 'name another one; to keep root from signing in, see `authorized_key` and `password: "!"`',
      }
    : null
}

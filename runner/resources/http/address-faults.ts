import type { ParamFault } from '../../contract/resource.ts'

// As RFC 3986 resolves it, a dot that is encoded counts as a dot; URLs of http take a backslash for a slash.
const climbs = /^[^?#]*?(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\?#]|%2f|%5c|$)/i

/** What is wrong with a path behind the address of a service, or null. */
export function pathFault(path: string | undefined): ParamFault | null {
  return path !== undefined && climbs.test(path)
    ? {
        message:
          'a path with `..` or `.` between its slashes leaves the service, and would take its token along',
        hint: 'write the path only: it follows the address of the service',
      }
    : null
}

/** What is wrong with a whole address, or null. */
export function urlFault(url: string | undefined): ParamFault | null {
  return url !== undefined && /^https?:\/\/[^/?#]*@/.test(url)
    ? {
        message: 'a password in an address is shown wherever the address is',
        hint: 'name a service of the inventory: it has `token`, or `user` and `password`',
      }
    : null
}

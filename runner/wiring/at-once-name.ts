import { basename } from 'node:path'

/** What is asked of hosts from the command line, without a playbook. */
export type AtOnce = 'exec' | 'ping' | 'facts'

/** The name under which a log has such a command in the place of a playbook. */
export function nameOf(what: AtOnce): string {
  return `(${what})`
}

/** Whether a run was such a command: it has no playbook that could be run again. */
export function wasAtOnce(file: string): boolean {
  return /^\((?:exec|ping|facts)\)$/.test(basename(file))
}

import { refuse, type RefuseAction } from '../contract/change.ts'
import { ask, type ExecProbe, type ExecReading } from '../contract/probe.ts'

interface Accounts {
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

/** The state field that names an owner or group of the task which the host does not know. */
export const strangerField = {
  type: 'string',
  information: true,
  passing: true,
  description: 'The owner or group of the task that the host does not know.',
} as const

/** Asks for the owner and the group of a task. Root is on every host, and a number needs no account. */
export function accountProbes({ owner, group }: Accounts): {
  readonly ofOwner: ExecProbe | undefined
  readonly ofGroup: ExecProbe | undefined
} {
  return {
    ofOwner: isNamed(owner) ? ask(['getent', 'passwd', owner], 'any') : undefined,
    ofGroup: isNamed(group) ? ask(['getent', 'group', group], 'any') : undefined,
  }
}

/** The owner or group of the task that the host does not know. `getent` exits with 2 then; a host without it is asked by the change itself. */
export function strangerOf(
  { owner, group }: Accounts,
  ofOwner: ExecReading | undefined,
  ofGroup: ExecReading | undefined,
): string | null {
  if (ofOwner?.exit === 2) return `the user ${owner}`
  return ofGroup?.exit === 2 ? `the group ${group}` : null
}

/** What stands before an action that gives something to an account which the host does not know: a task before may make it. */
export function withoutStranger(stranger: string | null): readonly RefuseAction[] {
  if (stranger === null) return []
  const instead = `ensure it with \`${stranger.split(' ')[1]}\` in a task before this one`
  return [refuse(`${stranger} does not exist on this host`, instead, { mendable: true })]
}

function isNamed(name: string | undefined): name is string {
  return name !== undefined && name !== 'root' && !/^\d+$/.test(name)
}

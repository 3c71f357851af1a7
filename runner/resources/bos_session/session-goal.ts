import type { Node } from './session-node.ts'
import { isOfBase } from './session-record.ts'

/** What a session is for: nodes run an image, are off, or hold what they are to do when the stage is applied. */
export type Goal = 'booted' | 'off' | 'staged'

/** The goal of a task, or of a session. */
export function goalOf(operation: string | null | undefined, isStaged: boolean): Goal {
  if (isStaged) return 'staged'
  return operation === 'shutdown' ? 'off' : 'booted'
}

/** Whether a node is where the session is to bring it; `called`: the name of the task's sessions. */
export function isThere(node: Node, goal: Goal, called: string): boolean {
  if (goal === 'booted') return node.runs
  return goal === 'off' ? node.power === 'off' : isOfBase(node.staged ?? '', called)
}

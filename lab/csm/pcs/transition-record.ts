import type { Operation } from './power-operations.ts'

/** What a transition does to one node. */
export interface Task {
  readonly xname: string
  taskStatus: 'new' | 'in-progress' | 'failed' | 'succeeded' | 'unsupported'
  taskStatusDescription: string
  error?: string
}

/** A transition as the lab remembers it. */
export interface Transition {
  readonly id: string
  readonly operation: Operation
  readonly at: number
  /** Minutes; 0: PCS does not wait for the power to follow. */
  readonly deadline: number
  status: 'new' | 'in-progress' | 'completed' | 'abort-signaled' | 'aborted'
  readonly tasks: readonly Task[]
}

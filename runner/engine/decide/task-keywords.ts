import type { StateTask, Task } from '../../model/playbook.ts'
import type { Action } from '../../contract/change.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Probe } from '../../contract/probe.ts'

/** The probe with what the task's keywords say: its environment and time limit. */
export function fitted(
  probe: Probe,
  task: Task,
  environment: Readonly<Record<string, string>>,
): Probe {
  const kept: Probe = task.noLog ? { ...probe, noLog: true } : probe
  const timed =
    task.timeout !== undefined && task.verb !== 'wait' ? { ...kept, timeout: task.timeout } : kept
  return timed.read === 'exec' && Object.keys(environment).length > 0
    ? { ...timed, environment: { ...environment, ...timed.environment } }
    : timed
}

/** The action with the task's environment and time limit. */
export function fittedAction<A extends Action>(
  action: A,
  task: Task,
  environment: Readonly<Record<string, string>>,
): A {
  const timed =
    task.timeout !== undefined &&
    (action.do === 'exec' || action.do === 'produce' || action.do === 'http')
      ? { ...action, timeout: task.timeout }
      : action
  return (timed.do === 'exec' || timed.do === 'produce') && Object.keys(environment).length > 0
    ? { ...timed, environment: { ...environment, ...timed.environment } }
    : timed
}

/** Whether a task wants a state: a `read`, and conditions alone, want none. */
export function hasWishes(task: StateTask): boolean {
  if (task.verb === 'ensure') return true
  return task.verb !== 'read' && task.onlyConditions !== true
}

/** A mistake of a resource type, said as one. */
export function defect(task: Task, what: string): DiagnosticError {
  return new DiagnosticError({
    code: 'type/defect',
    message: `the type ${task.type?.name ?? ''} is at fault: ${what}`,
    at: task.at,
    hint: 'report it to the author of the type',
  })
}

import { asDiagnosticError, DiagnosticError } from '../../model/diagnostic.ts'
import { judgingConditions, type Scope, type StateTask, type Task } from '../../model/playbook.ts'
import { isEmpty } from '../../contract/state.ts'
import type { Value } from '../../contract/value.ts'
import type { Examined, Judged, View } from '../model.ts'
import { valuesIn } from './condition-words.ts'
import { firstFalse } from './hold-conditions.ts'
import { registered } from './register.ts'
import { extended } from './scope.ts'
import { hasWishes } from './task-keywords.ts'

/**
 * What a task's state comes to: a failure by `failed_when`, a call without an answer, a difference, a condition that does not hold, or
 * all is as it is wanted. Throws as an examination does.
 */
export function weigh(task: StateTask, view: View, judged: Judged): Examined {
  if (task.verb !== 'wait') return weighOnce(task, view, judged)
  try {
    return weighOnce(task, view, judged)
  } catch (thrown) {
    // What a condition names may come later: a session has no result before it ends.
    const error = asDiagnosticError(thrown)?.diagnostics[0]
    if (!error) throw thrown
    return { kind: 'silent', task, why: error.message }
  }
}

function weighOnce(task: StateTask, view: View, judged: Judged): Examined {
  const { that, failedWhen } = judgingConditions(task)
  // Few tasks have conditions, and every task of every host comes through here.
  const seen: View =
    that.length + failedWhen.length > 0
      ? { ...view, scope: judgedScope(task, view.scope, judged.state) }
      : view
  const failing = failedCondition(task, seen, judged)
  if (failing) return failing
  const isJudged = failedWhen.length > 0 && task.verb !== 'wait'
  if (!hasWishes(task) && !isJudged) refuseFailure(task, view, judged)
  if (!isEmpty(judged.diff)) return { kind: 'drifts', judged }
  const untrue = firstFalse(that, seen.scope)
  return untrue
    ? {
        kind: 'untrue',
        condition: untrue,
        values: valuesIn(untrue, seen, ownNames(task, judged)),
        judged,
        fails: false,
      }
    : { kind: 'holds', judged }
}

/** `failed_when`, where it holds. Of a call without an answer it need not be what its conditions read. */
function failedCondition(task: StateTask, view: View, judged: Judged): Examined | null {
  if (task.verb === 'ensure' || task.failedWhen.length === 0) return null
  try {
    if (firstFalse(task.failedWhen, view.scope) !== null) return null
  } catch (thrown) {
    if (task.verb === 'wait' && judged.unanswered && asDiagnosticError(thrown)) return null
    throw thrown
  }
  const condition = task.failedWhen[0]!
  const values = task.failedWhen.flatMap((each) => valuesIn(each, view, ownNames(task, judged)))
  return { kind: 'untrue', condition, values, judged, fails: true }
}

/** The names of `that`, `failed_when` and `changed_when`: the fields of the task's own state, and its register. */
export function judgedScope(
  task: Task,
  scope: Scope,
  state: Readonly<Record<string, Value>>,
  changed = false,
): Scope {
  return extended(
    scope,
    task.register === undefined ? state : { ...state, [task.register]: registered(state, changed) },
  )
}

function ownNames(task: Task, { state }: Judged): Parameters<typeof valuesIn>[2] {
  const register = task.register === undefined ? [] : [task.register]
  return { names: new Set([...Object.keys(state), ...register]), hidden: task.noLog }
}

/** A call that failed is not an answer: what is computed from it would be computed from nothing. */
function refuseFailure(task: Task, { subject }: View, { unanswered }: Judged): void {
  if (unanswered === null) return
  throw new DiagnosticError({
    code: 'read/unanswered',
    message: unanswered.message,
    at: task.at,
    hint: unanswered.hint,
    host: subject.host.name,
  })
}

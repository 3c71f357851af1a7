import { boundDepth } from '../../contract/json.ts'
import type { Scope, Task } from '../../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'
import { Signal } from '../../model/signal.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { actionText } from '../decide/repairs.ts'
import { failureOf } from './converge.ts'
import { firstFalse, type Examined } from '../decide/examine.ts'
import { aheadOn, known, touchedHosts, type Turn } from '../ask/until-known.ts'
import { noteActing } from '../notes.ts'
import { outputOf } from './output.ts'
import { registered } from '../decide/register.ts'
import { failure, type Result } from '../result.ts'
import { extended } from '../decide/scope.ts'
import { route } from '../ask/where.ts'

/** Makes the one call of a `run` task, and lets `failed_when` and `changed_when` say what it meant. */
export async function makeCall(
  turn: Turn,
  scope: Scope,
  examined: Examined & { readonly kind: 'runs' },
): Promise<Result> {
  const { run, subject, task } = turn
  const { action } = examined
  const where = route(action, examined.where)
  return run.hub.exclusive([where.connection], async () => {
    noteActing(turn, where, { actions: [action] })
    const answer = await run.hub.apply(
      where,
      { guards: [], actions: [withAnyEnd(action, task.failedWhen.length > 0)] },
      () => aheadOn(turn, where),
      touchedHosts(turn),
    )
    const result = answer.actions[0]
    const label = { title: 'run it', effect: 'none' as const, actions: [actionText(action)] }
    if (!result)
      return failure('failed', failureOf(turn, { actions: [action] }, answer.actions)!, {
        changes: [label],
      })
    // Its conditions may name facts, which the call has just made void.
    const judged = await known({ ...turn, locked: true }, (reader) => {
      subject.reader = reader
      const state = stateOf(turn, examined.params, action, result)
      const judgeScope = extended(
        scope,
        task.register === undefined
          ? state
          : { ...state, [task.register]: registered(state, true) },
      )
      const error = failed(turn, judgeScope, action, result)
      return {
        state,
        error,
        changed: error ? mayHaveChanged(task, judgeScope) : hasChanged(task, judgeScope),
      }
    }).catch((thrown: unknown) => {
      // The call was made: whoever cannot say what it meant still owes what it notifies.
      if (!(thrown instanceof DiagnosticError)) throw thrown
      return failure(
        'failed',
        { at: task.at, host: subject.host.name, ...thrown.diagnostics[0]! },
        { changes: [label], notify: true },
      )
    })
    if ('outcome' in judged) return judged
    const { state, error, changed } = judged
    if (error)
      return {
        ...failure('failed', error, { changes: [label], notify: changed }),
        register: () => ({ ...registered(state, changed), failed: true }),
      }
    return {
      outcome: changed ? 'changed' : 'ok',
      changes: [label],
      register: () => registered(state, changed),
      notify: changed,
    }
  })
}

function hasChanged(task: Task, scope: Scope): boolean {
  return task.changedWhen.length === 0 || firstFalse(task.changedWhen, scope) === null
}

/** Of a call that failed: its answer need not be what `changed_when` reads, and its own failure is what must be said. */
function mayHaveChanged(task: Task, scope: Scope): boolean {
  try {
    return hasChanged(task, scope)
  } catch (thrown) {
    // What is not read yet will be, and then this is asked again.
    if (thrown instanceof Signal) throw thrown
    return true
  }
}

function withAnyEnd(action: WorldAction, judged: boolean): WorldAction {
  // With failed_when the playbook decides what a failure is, so every end must come back as an answer.
  if (judged && action.do === 'http') return { ...action, statuses: 'any' }
  return action
}

function failed(
  turn: Turn,
  scope: Scope,
  action: WorldAction,
  result: ActionResult,
): Diagnostic | null {
  const { task, subject } = turn
  if (task.failedWhen.length === 0 || result.code === undefined)
    return failureOf(turn, { actions: [action] }, [result])
  if (firstFalse(task.failedWhen, scope) !== null) return null
  return {
    code: 'run/failed-when',
    message: `failed_when holds: ${task.failedWhen.map((each) => each.text).join(' and ')}`,
    at: task.failedWhen[0]!.at,
    host: subject.host.name,
  }
}

function stateOf(
  turn: Turn,
  params: object,
  action: WorldAction,
  result: ActionResult,
): Readonly<Record<string, Value>> {
  const state: unknown = boundDepth(
    turn.task.type!.observe({ call: outputOf(action.do, result) }, params),
  )
  return isMap(state) ? (state as Readonly<Record<string, Value>>) : {}
}

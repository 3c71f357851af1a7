import { boundDepth } from '../../contract/json.ts'
import type { Scope, Task } from '../../model/playbook.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'
import { Signal } from '../../model/signal.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { firstFalse } from '../decide/examine.ts'
import { touchedHosts } from '../decide/guess.ts'
import { watchFor } from '../decide/no-log.ts'
import { registered } from '../decide/register.ts'
import { actionText } from '../decide/repairs.ts'
import { failure } from '../decide/result.ts'
import { extended, paramsOf } from '../decide/scope.ts'
import { route } from '../decide/where.ts'
import type { Result, Runs, Trouble, Turn, View } from '../model.ts'
import { noteActing } from '../tell.ts'
import { failureOf } from './converge.ts'
import { afterActing, outcomeOf, stillDone, type Done } from './outcome.ts'
import { outputOf } from './output.ts'

/** Makes the one call of a `run` task, and lets `failed_when` and `changed_when` say what it meant. */
export function makeCall(turn: Turn, examined: Runs): Promise<Result> {
  const { run, task } = turn
  const { action } = examined
  const where = route(action, examined.where)
  return run.hub.exclusive([where.connection], async () => {
    noteActing(turn, where, [actionText(action)])
    const answer = await run.hub.apply(
      where,
      { guards: [], actions: [withAnyEnd(action, task.failedWhen.length > 0)] },
      () => run.asking.ahead(turn, where),
      touchedHosts(turn),
    )
    const result = answer.actions[0]
    if (result && task.noLog) watchFor(result)
    const changes = [{ title: 'run it', effect: 'none' as const, actions: [actionText(action)] }]
    if (!result)
      return failure('failed', failureOf(turn, { actions: [action] }, answer.actions)!, { changes })
    // A call whose failure cannot be judged has been made all the same.
    const done: Done = { actions: 1, of: 1, changes }
    return afterActing({ ...turn, locked: true }, done, async () => {
      if (answer.broken !== undefined) return stillDone(done, outcomeOf(turn, answer.broken))
      return judgedCall({ ...turn, locked: true }, examined, result, done)
    })
  })
}

/** What a call meant. Its conditions may name facts, which the call has just made void. */
async function judgedCall(
  turn: Turn,
  { params, action }: Runs,
  result: ActionResult,
  { changes }: Done,
): Promise<Result> {
  const { task } = turn
  const { state, error, changed } = await turn.run.asking.known(turn, (view) => {
    const said = stateOf(turn, paramsOf(task, view.scope, params).params, action, result)
    const scope = judgeScope(view, task, said)
    const wrong = failed(turn, scope, action, result)
    return {
      state: said,
      error: wrong,
      changed: wrong ? mayHaveChanged(task, scope) : hasChanged(task, scope),
    }
  })
  const register = registered(state, changed)
  if (error)
    return {
      ...failure('failed', error, { changes, notify: changed }),
      register: () => ({ ...register, failed: true }),
    }
  return {
    outcome: changed ? 'changed' : 'ok',
    changes,
    register: () => register,
    notify: changed,
  }
}

function judgeScope({ scope }: View, task: Task, state: Readonly<Record<string, Value>>): Scope {
  return extended(
    scope,
    task.register === undefined ? state : { ...state, [task.register]: registered(state, true) },
  )
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
): Trouble | null {
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
  { task }: Turn,
  params: object,
  action: WorldAction,
  result: ActionResult,
): Readonly<Record<string, Value>> {
  const state: unknown = boundDepth(
    task.type!.observe({ call: outputOf(action.do, result) }, params),
  )
  return isMap(state) ? (state as Readonly<Record<string, Value>>) : {}
}

import { boundDepth } from '../../contract/json.ts'
import type { RunTask, Scope } from '../../model/playbook.ts'
import type { ActionResult, WorldAction } from '../../model/session.ts'
import { Signal } from '../../model/signal.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { mayBegin } from '../decide/drain.ts'
import { firstFalse } from '../decide/hold-conditions.ts'
import { examine } from '../decide/examine.ts'
import { touchedHosts } from '../decide/guess.ts'
import { callLabel } from '../decide/call-label.ts'
import { watchFor } from '../decide/no-log.ts'
import { registered } from '../decide/register.ts'
import { actionText } from '../decide/repairs.ts'
import { failedWhenError, failure } from '../decide/result.ts'
import { saidBy } from '../decide/said.ts'
import { paramsOf } from '../decide/scope.ts'
import { judgedScope } from '../decide/weigh.ts'
import { route } from '../decide/where.ts'
import type { Examined, Result, Runs, Trouble, Turn, TurnOf, Where } from '../model.ts'
import { noteActing } from '../tell.ts'
import { failureOf, mostOvertaken, neverAlone } from './converge.ts'
import { afterActing, outcomeOf, stillDone, type Done } from './after-acting.ts'
import { outputOf } from './output.ts'
import { keepCallPromise } from './planned.ts'

/** What a turn does about a task that need not be called any more. */
type Otherwise = (turn: Turn, examined: Examined) => Promise<Result>

/**
 * Makes the one call of a `run` task, and lets `failed_when` and `changed_when` say what it meant. `creates`, `removes`, `unless` and
 * the conditions are asked again when the connection is held: another host, or another run, may have made the call meanwhile.
 */
export async function makeCall(
  turn: TurnOf<RunTask>,
  examined: Runs,
  otherwise: Otherwise,
): Promise<Result> {
  const { run, task } = turn
  const { connection } = whereOf(examined)
  const locked: TurnOf<RunTask> = { ...turn, locked: true }
  const done = await run.hub.exclusive(
    [connection],
    async (): Promise<Result | (() => Promise<Result>)> => {
      for (let tries = 0; tries < mostOvertaken; tries++) {
        const now = await run.asking.known(locked, (view) => examine(task, view))
        if (now.kind !== 'runs') return otherwise(locked, now)
        if (whereOf(now).connection !== connection) return () => makeCall(turn, now, otherwise)
        keepCallPromise(locked, now)
        mayBegin(run.options)
        const end = await call(locked, now)
        if (end !== 'overtaken') return end
      }
      throw neverAlone(turn)
    },
    (wait) => run.inQueue(turn, wait),
  )
  return typeof done === 'function' ? done() : done
}

function whereOf({ action, where }: Runs): Where {
  return route(action, where)
}

async function call(turn: TurnOf<RunTask>, examined: Runs): Promise<Result | 'overtaken'> {
  const { run, task } = turn
  const { action } = examined
  const where = whereOf(examined)
  noteActing(turn, where, [actionText(action)])
  const answer = await run.hub.apply(
    where,
    { guards: [], actions: [withAnyEnd(action, task.failedWhen.length > 0)] },
    () => run.asking.ahead(turn, where),
    touchedHosts(turn),
  )
  if (answer.overtaken !== undefined) return 'overtaken'
  const result = answer.actions[0]
  if (result && task.noLog) watchFor(result)
  const changes = [callLabel(action)]
  if (!result)
    return failure('failed', failureOf(turn, { actions: [action] }, answer.actions)!, { changes })
  // A call whose failure cannot be judged has been made all the same.
  const said = saidBy(actionText(action), result)
  const done: Done = { actions: 1, of: 1, changes, said }
  return afterActing(turn, done, async () => {
    if (answer.broken !== undefined) return stillDone(done, outcomeOf(turn, answer.broken))
    return judgedCall({ ...turn, acted: true }, examined, result, done)
  })
}

/** What a call meant. Its conditions may name facts, which the call has just made void. */
async function judgedCall(
  turn: TurnOf<RunTask>,
  { params, action }: Runs,
  result: ActionResult,
  { changes, said = [] }: Done,
): Promise<Result> {
  const { task } = turn
  const { state, error, changed } = await turn.run.asking.known(turn, (view) => {
    const answered = stateOf(turn, paramsOf(task, view.scope, params).params, action, result)
    const scope = judgedScope(task, view.scope, answered, true)
    const wrong = failed(turn, scope, action, result)
    return {
      state: answered,
      error: wrong,
      changed: wrong ? mayHaveChanged(task, scope) : hasChanged(task, scope),
    }
  })
  const register = registered(state, changed)
  if (error)
    return {
      ...failure('failed', error, { changes, said, notify: changed }),
      register: () => ({ ...register, failed: true }),
    }
  return {
    outcome: changed ? 'changed' : 'ok',
    changes,
    said,
    register: () => register,
    notify: changed,
  }
}

function hasChanged(task: RunTask, scope: Scope): boolean {
  return task.changedWhen.length === 0 || firstFalse(task.changedWhen, scope) === null
}

/** Of a call that failed: its answer need not be what `changed_when` reads, and its own failure is what must be said. */
function mayHaveChanged(task: RunTask, scope: Scope): boolean {
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
  turn: TurnOf<RunTask>,
  scope: Scope,
  action: WorldAction,
  result: ActionResult,
): Trouble | null {
  const { task, subject } = turn
  if (task.failedWhen.length === 0 || result.code === undefined)
    return failureOf(turn, { actions: [action] }, [result])
  if (firstFalse(task.failedWhen, scope) !== null) return null
  return failedWhenError(subject.host.name, task.failedWhen, task.failedWhen[0]!.at, [])
}

function stateOf(
  { task }: TurnOf<RunTask>,
  params: object,
  action: WorldAction,
  result: ActionResult,
): Readonly<Record<string, Value>> {
  const state: unknown = boundDepth(
    task.type.observe({ call: outputOf(action.do, result) }, params),
  )
  return isMap(state) ? (state as Readonly<Record<string, Value>>) : {}
}

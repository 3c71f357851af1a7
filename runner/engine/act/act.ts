import { mayBegin } from '../decide/drain.ts'
import { examine } from '../decide/examine.ts'
import { registered } from '../decide/register.ts'
import { refusalError } from '../decide/repairs.ts'
import { failure, holding, requiredError, unknownResult, untrueResult } from '../decide/result.ts'
import type { EnsureTask } from '../../model/playbook.ts'
import type { Examined, Judged, Result, Turn, TurnOf } from '../model.ts'
import { keepAsGuess } from '../decide/guess.ts'
import { makeCall } from './call.ts'
import { confirm } from './confirm.ts'
import { undoneBy } from './contradiction.ts'
import {
  carryOut,
  connectionsOf,
  mostOvertaken,
  neverAlone,
  readBack,
  type Carried,
} from './converge.ts'
import { afterActing, stillDone } from './after-acting.ts'
import { keepPromise } from './planned.ts'
import { waitUntil } from './wait.ts'

/** Does what a task's examination calls for: the run's half of the engine's one branch. */
export async function act(turn: Turn, examined: Examined): Promise<Result> {
  const { task } = turn
  switch (examined.kind) {
    case 'unknown':
      return unknownResult(examined.until)
    case 'skipped':
    case 'spared':
    case 'holds':
      return holding(task, examined)
    case 'untrue':
      return task.verb === 'wait' && !examined.fails
        ? waitUntil({ ...turn, task }, examined)
        : untrueResult(turn, examined)
    case 'runs':
      return makeCall({ ...turn, task: examined.task }, examined, act)
    case 'asks':
      return confirm({ ...turn, task: examined.task })
    case 'silent':
      return waitUntil({ ...turn, task: examined.task }, examined)
    case 'drifts':
      if (task.verb === 'wait') return waitUntil({ ...turn, task }, examined)
      return task.verb === 'ensure'
        ? repair({ ...turn, task }, examined.judged)
        : failure('failed', requiredError(turn, examined.judged), { diff: examined.judged.diff })
  }
}

/** An outcome, or what gives it when the connections are no longer held. */
type Done = Result | (() => Promise<Result>)

async function repair(turn: TurnOf<EnsureTask>, judged: Judged): Promise<Result> {
  const { run } = turn
  const connections = [...new Set(connectionsOf(turn, judged))]
  const locked: TurnOf<EnsureTask> = { ...turn, locked: true }
  const done = await run.hub.exclusive(
    connections,
    async (): Promise<Done> => {
      for (let tries = 0; tries < mostOvertaken; tries++) {
        const end = await repairAlone(turn, locked, connections)
        if (end !== 'overtaken') return end
      }
      throw neverAlone(turn)
    },
    (wait) => run.inQueue(turn, wait),
  )
  return typeof done === 'function' ? done() : done
}

/** One try of a repair, by a turn that holds its connections. */
async function repairAlone(
  turn: TurnOf<EnsureTask>,
  locked: TurnOf<EnsureTask>,
  connections: readonly string[],
): Promise<Done | 'overtaken'> {
  const { run, task, subject } = turn
  // Others may have acted through these connections while this host waited for them: what was decided is held against what is.
  const now = await run.asking.known(locked, (view) => examine(task, view))
  if (now.kind !== 'drifts') return act(locked, now)
  // What it has become may need a way that is not held: then it is begun again, with that one.
  if (connectionsOf(locked, now.judged).some((each) => !connections.includes(each)))
    return () => repair(turn, now.judged)
  const draft = now.judged.draft!
  if (draft.refusal) throw refusalError(task, draft.refusal, subject.host.name)
  keepPromise(locked, now.judged, draft)
  mayBegin(run.options)
  const carried = await carryOut(locked, now.judged)
  if (carried === 'overtaken') return carried
  // What takes its time is waited for while others act: a session of an hour would hold all hosts of a service up.
  return task.type.settle
    ? () => concluded({ ...turn, acted: true }, now.judged, carried)
    : concluded({ ...locked, acted: true }, now.judged, carried)
}

function concluded(
  turn: TurnOf<EnsureTask>,
  judged: Judged,
  { done, outputs, wrong }: Carried,
): Promise<Result> {
  return afterActing(turn, done, async () => {
    if (wrong) return stillDone(done, wrong)
    const state = await readBack(turn, judged, outputs)
    const undone = await undoneBy(turn, judged)
    if (undone) return stillDone(done, failure('failed', undone))
    keepAsGuess(turn, state)
    const register = registered(state.state, true)
    const { diff, changes, said } = done
    return {
      outcome: 'changed',
      ...(diff ? { diff } : {}),
      changes,
      ...(said ? { said } : {}),
      register: () => register,
      notify: true,
    }
  })
}

import { actionText, refusalError } from './repairs.ts'
import type { Examined } from './examine.ts'
import type { Turn } from '../ask/until-known.ts'
import { pendingRegister, unknownRegister } from './register.ts'
import {
  failure,
  holding,
  requiredError,
  unknownResult,
  untrueError,
  type Result,
} from '../result.ts'

/** What a run would do about a task: the plan's half of the engine's one branch. */
export function foresee(turn: Turn, examined: Examined): Result {
  const { subject, task } = turn
  switch (examined.kind) {
    case 'skipped':
    case 'spared':
      return holding(turn, examined)
    case 'holds':
      // What is required behind a pending change was compared too early: its truth is not known yet.
      return task.verb === 'require' && subject.pending !== null
        ? unknownResult(subject.pending)
        : holding(turn, examined)
    case 'asks':
      return {
        outcome: 'unknown',
        reason: 'a person is asked',
        register: unknownRegister(task.sentence),
        notify: false,
      }
    case 'silent':
      return {
        outcome: 'unknown',
        reason: turn.task.noLog
          ? 'it does not answer yet'
          : `it does not answer yet: ${examined.why}`,
        register: unknownRegister(task.sentence),
        notify: false,
      }
    case 'runs':
      return {
        outcome: 'would change',
        reason: 'would run',
        register: unknownRegister(task.sentence),
        notify: true,
        changes: [{ title: 'run it', effect: 'none', actions: [actionText(examined.action)] }],
      }
    case 'untrue':
      return subject.pending !== null
        ? unknownResult(subject.pending)
        : failure('failed', untrueError(turn, examined))
    case 'drifts':
      break
  }
  const { judged } = examined
  if (task.verb !== 'ensure') {
    if (subject.pending !== null) return unknownResult(subject.pending)
    if (task.verb === 'wait')
      return {
        outcome: 'unknown',
        reason: 'does not hold yet',
        diff: judged.diff,
        register: unknownRegister(task.sentence),
        notify: false,
      }
    return failure('failed', requiredError(turn), { diff: judged.diff })
  }
  const draft = judged.draft!
  if (draft.refusal) throw refusalError(task, draft.refusal, subject.host.name)
  if (draft.boots) subject.boot = task.sentence
  return {
    outcome: 'would change',
    diff: judged.diff,
    changes: draft.labels,
    register: pendingRegister(task, judged),
    notify: true,
    ...(draft.awaits !== null ? { reason: `waits for ${draft.awaits}` } : {}),
  }
}

import type { EnsureTask } from '../../model/playbook.ts'
import type { Examined, Judged, Result, Turn, TurnOf, Untrue } from '../model.ts'
import { callLabel } from './call-label.ts'
import { causeOf } from './pending.ts'
import { pendingRegister, unknownRegister } from './register.ts'
import { refusalError } from './repairs.ts'
import {
  failure,
  holding,
  requiredError,
  shortfallOf,
  unknownResult,
  untrueResult,
} from './result.ts'

type Drifts = Extract<Examined, { readonly kind: 'drifts' }>

/** What a run would do about a task: the plan's half of the engine's one branch. */
export function foresee(turn: Turn, examined: Examined): Result {
  const { subject, task } = turn
  switch (examined.kind) {
    case 'unknown':
      return unknownResult(examined.until)
    case 'skipped':
    case 'spared':
      return holding(task, examined)
    case 'holds':
      // What is required behind a pending change was compared too early: its truth is not known yet.
      return task.verb === 'require' && subject.pending.length > 0
        ? unknownResult(causeOf(turn))
        : holding(task, examined)
    case 'asks':
      return notKnown(turn, 'a person is asked')
    case 'silent':
      return {
        ...notKnown(turn, `it does not answer yet: ${examined.why}`),
        plain: 'it does not answer yet',
      }
    case 'runs':
      return {
        outcome: 'would change',
        reason: 'would run',
        register: unknownRegister(task.sentence),
        notify: true,
        changes: [callLabel(examined.action)],
      }
    case 'untrue':
      return foreseeUntrue(turn, examined)
    case 'drifts':
      return task.verb === 'ensure'
        ? foreseeRepair({ ...turn, task }, examined.judged)
        : foreseeDrift(turn, examined)
  }
}

/** A condition that does not hold: of a `wait` it may come, behind a pending change too. */
function foreseeUntrue(turn: Turn, untrue: Untrue): Result {
  const { subject, task } = turn
  if (subject.pending.length > 0) return unknownResult(causeOf(turn))
  return task.verb === 'wait' && !untrue.fails
    ? { ...notKnown(turn, `${notHeld}: ${shortfallOf(task, untrue)}`), plain: notHeld }
    : untrueResult(turn, untrue)
}

const notHeld = 'does not hold yet'

function notKnown({ task }: Turn, reason: string): Result {
  return { outcome: 'unknown', reason, register: unknownRegister(task.sentence), notify: false }
}

/** What differs and is not repaired: of `require`, `wait` and `read`. */
function foreseeDrift(turn: Turn, drifts: Drifts): Result {
  const { diff } = drifts.judged
  const { subject, task } = turn
  if (subject.pending.length > 0) return unknownResult(causeOf(turn))
  return task.verb === 'wait'
    ? {
        ...notKnown(turn, `${notHeld}: ${shortfallOf(task, drifts)}`),
        plain: notHeld,
        diff,
      }
    : failure('failed', requiredError(turn, drifts.judged), { diff })
}

function foreseeRepair({ subject, task }: TurnOf<EnsureTask>, judged: Judged): Result {
  const draft = judged.draft!
  if (draft.refusal && !(draft.refusal.mendable && subject.pending.length > 0))
    throw refusalError(task, draft.refusal, subject.host.name)
  return {
    outcome: 'would change',
    diff: judged.diff,
    changes: draft.labels,
    register: pendingRegister(task, judged),
    notify: true,
    ...(draft.boots ? { boots: true } : {}),
    ...(draft.awaits !== null ? { reason: `waits for ${draft.awaits}` } : {}),
  }
}

import type { Scope } from '../../model/playbook.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { durationText } from '../../text/duration.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { Unreachable } from '../../model/session.ts'
import { isEmpty } from '../../contract/state.ts'
import { carryOut, connectionsOf, readBack, type Carried } from './converge.ts'
import { keepCallPromise, keepPromise } from './planned.ts'
import { examine, judge, type Examined, type Judged } from '../decide/examine.ts'
import { known, touchedHosts, type Turn } from '../ask/until-known.ts'
import { makeCall } from './call.ts'
import { registered } from '../decide/register.ts'
import {
  failure,
  holding,
  progressOf,
  keepAsGuess,
  requiredError,
  untrueError,
  type Result,
} from '../result.ts'
import { undoneBy } from './contradiction.ts'

/** Seconds that `wait` waits, and between two readings, where the task and its type do not say. */
const waitFor = 300
const waitEvery = 5

/** Does what a task's examination calls for: the run's half of the engine's one branch. */
export async function act(turn: Turn, scope: Scope, examined: Examined): Promise<Result> {
  const { task } = turn
  switch (examined.kind) {
    case 'skipped':
    case 'spared':
    case 'holds':
      return holding(turn, examined)
    case 'untrue':
      return failure('failed', untrueError(turn, examined))
    case 'runs':
      keepCallPromise(turn, examined)
      return makeCall(turn, scope, examined)
    case 'asks':
      return confirm(turn)
    case 'silent':
      return waitUntil(turn, scope, null, examined.why)
    case 'drifts':
      break
  }
  if (task.verb === 'wait') return waitUntil(turn, scope, examined.judged)
  if (task.verb !== 'ensure')
    return failure('failed', requiredError(turn), { diff: examined.judged.diff })
  return repair(turn, scope, examined.judged)
}

async function repair(turn: Turn, scope: Scope, judged: Judged): Promise<Result> {
  const { run, subject, task } = turn
  const connections = [...new Set(connectionsOf(turn, judged))]
  const locked: Turn = { ...turn, locked: true }
  const done = await run.hub.exclusive(
    connections,
    async (): Promise<Result | (() => Promise<Result>)> => {
      // Others may have acted through these connections while this host waited for them: what was decided is held against what is.
      const now = await known(locked, (reader) => examine(subject, task, scope, reader))
      if (now.kind !== 'drifts') return act(locked, scope, now)
      // What it has become may need a way that is not held: then it is begun anew, with that one.
      if (connectionsOf(locked, now.judged).some((each) => !connections.includes(each)))
        return () => repair(turn, scope, now.judged)
      keepPromise(locked, now.judged, now.judged.draft!)
      const carried = await carryOut(locked, now.judged)
      // What takes its time is waited for while others act: a session of an hour would hold all hosts of a service up.
      return task.type!.settle
        ? () => concluded(turn, scope, now.judged, carried)
        : concluded(locked, scope, now.judged, carried)
    },
  )
  return typeof done === 'function' ? done() : done
}

async function concluded(
  turn: Turn,
  scope: Scope,
  judged: Judged,
  carried: Carried,
): Promise<Result> {
  const { state, diff, changes, acted, error } = await readBack(turn, scope, judged, carried)
  const wrong = error ?? (await undoneBy(turn, scope, judged))
  if (wrong) return failure('failed', wrong, { diff, changes, notify: acted })
  keepAsGuess(turn, state)
  const register = registered(state.state, true)
  return { outcome: 'changed', diff, changes, register: () => register, notify: true }
}

async function waitUntil(
  turn: Turn,
  scope: Scope,
  first: Judged | null,
  silence = '',
): Promise<Result> {
  const { run, subject, task } = turn
  const { clock, emit, drain, stop } = run.options
  const began = clock.now()
  const limit = (task.for ?? waitFor) * 1000
  let last = first
  let why = silence
  for (;;) {
    if (clock.now() - began >= limit) {
      const message = `it is still not so after ${durationText(limit / 1000)}${last ? '' : `: ${why}`}`
      return failure(
        'failed',
        {
          code: 'run/waited',
          message,
          at: task.at,
          host: subject.host.name,
          hint: 'give it more time with `for:`, or look why it does not come',
        },
        last ? { diff: last.diff } : {},
      )
    }
    const progress = last ? progressOf(task, last) : task.noLog ? 'not yet' : `not yet: ${why}`
    emit({
      type: 'task-progress',
      at: clock.now(),
      play: run.index,
      task: task.id,
      host: subject.host.name,
      text: progress,
    })
    // The last look is at the deadline, also where the pauses are longer than what is left.
    await clock.sleep(
      Math.min((task.every ?? waitEvery) * 1000, began + limit - clock.now()),
      drain ?? stop,
    )
    // Whoever only waits has begun nothing that must be finished.
    if (drain?.aborted || stop?.aborted)
      throw new DiagnosticError({
        code: 'run/interrupted',
        message: 'interrupted while it waited',
        at: task.at,
        host: subject.host.name,
      })
    run.store.void(touchedHosts(turn), last?.where.connection ?? null)
    try {
      last = await known(turn, (reader) => judge(subject, task, scope, reader))
      if (isEmpty(last.diff)) {
        const register = registered(last.state, false)
        return {
          outcome: 'ok',
          register: () => register,
          notify: false,
          reason: `after ${durationText((clock.now() - began) / 1000)}`,
        }
      }
    } catch (error) {
      const words = silenceOf(error)
      if (words === null) throw error
      last = null
      why = words
    }
  }
}

async function confirm(turn: Turn): Promise<Result> {
  const { run, task, subject } = turn
  const done: Result = { outcome: 'ok', register: () => registered({}, false), notify: false }
  if (run.options.yes) return { ...done, reason: 'confirmed by --yes' }
  if (!run.options.confirm) {
    return failure('failed', {
      code: 'run/no-terminal',
      message: 'a person must confirm this, and there is no terminal to ask on',
      at: task.at,
      host: subject.host.name,
      hint: 'run it on a terminal, or confirm everything with --yes',
    })
  }
  const hosts = run.present().map((each) => each.host.name)
  const agreed = await run.options.confirm(
    hosts.join() === 'localhost' ? task.sentence : `${task.sentence} (${foldNames(hosts, 120)})`,
  )
  // A person may do anything while being asked.
  run.store.void(
    run.subjects.map((each) => each.host.name),
    null,
  )
  return agreed
    ? { ...done, reason: 'confirmed' }
    : failure('failed', {
        code: 'run/not-confirmed',
        message: 'it was not confirmed',
        at: task.at,
        host: subject.host.name,
        hint: 'nothing behind it was done: run it again and answer y, or confirm everything with --yes',
      })
}

/** The words of an error that only says that nothing answered yet (the host is away, or the read failed); null of any other. */
export function silenceOf(error: unknown): string | null {
  if (error instanceof Unreachable) return error.message
  return error instanceof DiagnosticError && error.diagnostics[0]!.code.startsWith('read/')
    ? error.diagnostics[0]!.message
    : null
}

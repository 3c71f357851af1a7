import { asDiagnosticError } from '../../model/diagnostic.ts'
import { Interrupted, Unreachable } from '../../model/session.ts'
import { isEmpty } from '../../contract/state.ts'
import { durationText } from '../../text/duration.ts'
import { isEnding } from '../decide/drain.ts'
import { judge } from '../decide/examine.ts'
import { touchedHosts } from '../decide/guess.ts'
import { registered } from '../decide/register.ts'
import { failure, progressOf } from '../decide/result.ts'
import type { Judged, Result, Turn } from '../model.ts'
import { tellProgress } from '../tell.ts'

/** Seconds that `wait` waits, and between two readings, where the task and its type do not say. */
const waitFor = 300
const waitEvery = 5

/** Reads again and again until it is as it is wanted, or its time is over. */
export async function waitUntil(turn: Turn, first: Judged | null, silence = ''): Promise<Result> {
  const { run, task } = turn
  const { clock, drain, stop } = run.options
  const began = clock.now()
  // `timeout` bounds a task as it does elsewhere; `for` says it for the wait alone.
  const limit = (task.for ?? task.timeout ?? waitFor) * 1000
  let last = first
  let why = silence
  for (;;) {
    if (clock.now() - began >= limit) return lateResult(turn, limit, last, why)
    tellProgress(turn, last ? progressOf(task, last) : `not yet: ${why}`)
    // The last look is at the deadline, also where the pauses are longer than what is left.
    await clock.sleep(
      Math.min((task.every ?? waitEvery) * 1000, began + limit - clock.now()),
      drain ?? stop,
    )
    // A task that only waits has begun nothing that must be finished.
    if (isEnding(run.options)) throw new Interrupted('interrupted while it waited', { begun: true })
    run.store.void(touchedHosts(turn), last?.where.connection ?? null)
    try {
      last = await run.asking.known(turn, (view) => judge(task, view))
    } catch (error) {
      const words = silenceOf(error)
      if (words === null) throw error
      last = null
      why = words
      continue
    }
    if (isEmpty(last.diff)) return heldResult(last, clock.now() - began)
  }
}

function heldResult({ state }: Judged, milliseconds: number): Result {
  const register = registered(state, false)
  return {
    outcome: 'ok',
    register: () => register,
    notify: false,
    reason: `after ${durationText(milliseconds / 1000)}`,
  }
}

function lateResult(
  { task, subject }: Turn,
  limit: number,
  last: Judged | null,
  why: string,
): Result {
  const after = `it does not hold after ${durationText(limit / 1000)}`
  return failure(
    'failed',
    {
      code: 'run/waited',
      message: last ? after : `${after}: ${why}`,
      at: task.at,
      host: subject.host.name,
      hint: 'give it more time with `for:`, or find out on the host why it does not come',
    },
    last ? { diff: last.diff } : {},
  )
}

/** The words of an error that only says that nothing answered yet (the host is away, or the read failed); null of any other. */
export function silenceOf(error: unknown): string | null {
  if (error instanceof Unreachable) return error.message
  const known = asDiagnosticError(error)
  return known?.kind === 'read' ? known.diagnostics[0]!.message : null
}

import { asDiagnosticError } from '../../model/diagnostic.ts'
import { Interrupted, Unreachable } from '../../model/session.ts'
import { durationText } from '../../text/duration.ts'
import { isEnding } from '../decide/drain.ts'
import { judge } from '../decide/examine.ts'
import { touchedHosts } from '../decide/guess.ts'
import { registered } from '../decide/register.ts'
import { failure, progressOf, shortfallOf, untrueResult } from '../decide/result.ts'
import { weigh } from '../decide/weigh.ts'
import type { WaitTask } from '../../model/playbook.ts'
import type { Judged, Lacking, Result, Turn, TurnOf } from '../model.ts'
import { tellProgress } from '../tell.ts'

/** Seconds that `wait` waits, and between two readings, where the task and its type do not say. */
const waitFor = 300
const waitEvery = 5

/** Reads again and again until it is as it is wanted, `failed_when` holds, or the time is over. */
export async function waitUntil(turn: TurnOf<WaitTask>, first: Lacking): Promise<Result> {
  const { run, task } = turn
  const { clock, drain, stop } = run.options
  const began = clock.now()
  // `timeout` bounds a task as it does elsewhere; `for` says it for the wait alone.
  const limit = (task.for ?? task.timeout ?? waitFor) * 1000
  let last = first
  for (;;) {
    if (clock.now() - began >= limit) return lateResult(turn, limit, last)
    const far = `${durationText((clock.now() - began) / 1000)} of ${durationText(limit / 1000)}`
    tellProgress(turn, `${progressOf(task, last)} · ${far}`, `not yet · ${far}`)
    // The last look is at the deadline, also where the pauses are longer than what is left.
    await clock.sleep(
      Math.min((task.every ?? waitEvery) * 1000, began + limit - clock.now()),
      drain ?? stop,
    )
    // A task that only waits has begun nothing that must be finished.
    if (isEnding(run.options)) throw new Interrupted('interrupted while it waited', { begun: true })
    run.store.void(touchedHosts(turn), judgedOf(last)?.where.connection ?? null)
    const now = await lookAgain(turn)
    if (now.kind === 'holds') return heldResult(now.judged, clock.now() - began)
    if (now.kind === 'untrue' && now.fails) return untrueResult(turn, now)
    last = now
  }
}

type Holding = { readonly kind: 'holds'; readonly judged: Judged }

/** What is waited for, as it is now. A host that does not answer is a state like any other. */
async function lookAgain(turn: TurnOf<WaitTask>): Promise<Lacking | Holding> {
  const { run, task } = turn
  try {
    return await run.asking.known(turn, (view): Lacking | Holding => {
      const judged = judge(task, view)
      const now = weigh(task, view, judged)
      return now.kind === 'drifts' || now.kind === 'untrue' || now.kind === 'silent'
        ? now
        : { kind: 'holds', judged }
    })
  } catch (error) {
    const why = silenceOf(error)
    if (why === null) throw error
    return { kind: 'silent', task, why }
  }
}

function judgedOf(last: Lacking): Judged | null {
  return last.kind === 'silent' ? null : last.judged
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

function lateResult({ task, subject }: Turn, limit: number, last: Lacking): Result {
  const after = `it does not hold after ${durationText(limit / 1000)}`
  return failure(
    'failed',
    {
      code: 'run/waited',
      message: `${after}: ${shortfallOf(task, last)}`,
      plain: after,
      at: task.at,
      host: subject.host.name,
      hint: 'give it more time with `for:`, or find out on the host why it does not come',
    },
    last.kind === 'drifts' ? { diff: last.judged.diff } : {},
  )
}

/** The words of an error that only says that nothing answered yet (the host is away, or the read failed); null of any other. */
export function silenceOf(error: unknown): string | null {
  if (error instanceof Unreachable) return error.message
  const known = asDiagnosticError(error)
  return known?.kind === 'read' ? known.diagnostics[0]!.message : null
}

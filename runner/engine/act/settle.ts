import { asDiagnosticError, DiagnosticError } from '../../model/diagnostic.ts'
import { durationText } from '../../text/duration.ts'
import { Interrupted, Unreachable } from '../../model/session.ts'
import { isEmpty } from '../../contract/state.ts'
import { canonical } from '../../contract/value.ts'
import { isEnding } from '../decide/drain.ts'
import { touchedHosts } from '../decide/guess.ts'
import { actionText, refusalError } from '../decide/repairs.ts'
import { progressOf } from '../decide/result.ts'
import { paramsOf } from '../decide/scope.ts'
import type { EnsureTask } from '../../model/playbook.ts'
import type { Draft, Judged, Turn, TurnOf } from '../model.ts'
import { tellProgress } from '../tell.ts'

/** Milliseconds for which the polls of something that was begun may fail: it goes on meanwhile. */
const longestSilence = 300_000

/** Reads back until it is as it was wanted: at once, or within its time where the type settles. */
export async function settle(
  turn: TurnOf<EnsureTask>,
  readBack: () => Promise<Judged>,
  judged: Judged,
  draft: Draft,
): Promise<Judged> {
  const { run, task } = turn
  const { clock, drain, stop } = run.options
  const began = clock.now()
  const { limit, every } = await timesOf(turn, judged)
  const doneActions = new Set(draft.changes.flatMap((change) => change.actions).map(canonical))
  let silentSince: number | null = null
  for (;;) {
    const found = await readBack().catch((error: unknown) => {
      if (error instanceof Interrupted || !task.type.settle || stop?.aborted) throw error
      // A host that boots is unreachable for a while: that is not yet a failure.
      if (error instanceof Unreachable && draft.boots) return null
      silentSince ??= clock.now()
      if (!mayPass(turn, error) || clock.now() - silentSince >= longestSilence) throw error
      return null
    })
    if (found) silentSince = null
    if (found && isEmpty(found.diff)) return found
    const differs = found ? Object.keys(found.diff).join(', ') : 'the host does not answer'
    if (!task.type.settle) throw stillDiffers(turn, differs)
    if (found) mayStillSettle(turn, found, doneActions)
    if (clock.now() - began >= limit) throw notSettled(turn, limit, differs)
    if (found) tellProgress(turn, progressOf(task, { kind: 'drifts', judged: found }))
    // The change is made: what it leads to goes on without this run, and `resume` waits for it.
    await clock.sleep(every, drain ?? stop)
    if (isEnding(run.options))
      throw new Interrupted('interrupted while it waited for what was begun', { begun: true })
    run.store.void(touchedHosts(turn), judged.where.connection)
  }
}

/** How long a settle is given, and the pause between two readings, in milliseconds. */
function timesOf(
  turn: TurnOf<EnsureTask>,
  judged: Judged,
): Promise<{ readonly limit: number; readonly every: number }> {
  const { run, task } = turn
  const { type } = task
  return run.asking.known(turn, (view) => {
    const { params } = paramsOf(task, view.scope, judged.params)
    return {
      limit: seconds(task.for ?? task.timeout ?? type.settle?.for, params) * 1000,
      every: seconds(task.every ?? type.settle?.every, params) * 1000,
    }
  })
}

function stillDiffers({ task, subject }: Turn, differs: string): DiagnosticError {
  return new DiagnosticError({
    code: 'run/still-differs',
    message: `changed, but still differs: ${differs}`,
    at: task.at,
    host: subject.host.name,
    hint: 'the command reported success: check on the host what it did',
  })
}

function notSettled({ task, subject }: Turn, limit: number, differs: string): DiagnosticError {
  return new DiagnosticError({
    code: 'run/not-settled',
    message: `not settled after ${durationText(limit / 1000)}, still differs: ${differs}`,
    at: task.at,
    host: subject.host.name,
    hint: 'find out on the host or the service why it takes so long, or give it more time with `for:`',
  })
}

/** Whether a poll failed for a reason outside the awaited thing: a gateway restarts, or a service misses one answer. */
function mayPass({ subject }: Turn, error: unknown): boolean {
  if (error instanceof Unreachable) return error.host !== subject.host.name
  return asDiagnosticError(error)?.kind === 'read'
}

/** Throws when what is left needs something else than time: a refusal, or an action that was not done yet. */
function mayStillSettle(turn: Turn, found: Judged, doneActions: ReadonlySet<string>): void {
  const { task, subject } = turn
  const next = found.draft!
  if (next.refusal) throw refusalError(task, next.refusal, subject.host.name)
  const other = next.changes
    .flatMap((change) => change.actions)
    .find((action) => action.do !== 'await' && !doneActions.has(canonical(action)))
  if (other) {
    throw new DiagnosticError({
      code: 'run/second-step',
      message: `it now needs another action: ${actionText(other)}`,
      at: task.at,
      host: subject.host.name,
      hint: 'run it again, or write the two steps as two tasks',
    })
  }
}

function seconds(
  setting: number | ((params: never) => number) | undefined,
  params: Readonly<Record<string, unknown>>,
): number {
  return typeof setting === 'function' ? setting(params as never) : (setting ?? 0)
}

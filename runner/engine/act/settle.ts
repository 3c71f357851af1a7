import { DiagnosticError } from '../../model/diagnostic.ts'
import { durationText } from '../../text/duration.ts'
import { Unreachable } from '../../model/session.ts'
import { isEmpty } from '../../contract/state.ts'
import { canonical } from '../../contract/value.ts'
import { actionText, refusalError, type Draft } from '../decide/repairs.ts'
import type { Judged } from '../decide/examine.ts'
import { known, touchedHosts, type Turn } from '../ask/until-known.ts'
import { progressOf } from '../result.ts'

/** Milliseconds for which the polls of something that was begun may fail: it goes on meanwhile. */
const longestSilence = 300_000

/** Reads back until it is as it was wanted: at once, or within its time where the type settles. */
export async function settle(
  turn: Turn,
  readBack: () => Promise<Judged>,
  judged: Judged,
  draft: Draft,
): Promise<Judged> {
  const { run, task, subject } = turn
  const { clock, emit } = run.options
  const type = task.type!
  const doneActions = new Set(draft.changes.flatMap((change) => change.actions).map(canonical))
  const began = clock.now()
  const [limit, every] = await known(turn, (reader) => {
    subject.reader = reader
    return [
      seconds(task.for ?? type.settle?.for, judged) * 1000,
      seconds(task.every ?? type.settle?.every, judged) * 1000,
    ] as const
  })
  let silentSince: number | null = null
  for (;;) {
    let found: Judged | null = null
    try {
      found = await readBack()
      silentSince = null
    } catch (error) {
      if (!type.settle || run.options.stop?.aborted) throw error
      // A host that was told to boot is away for a while: that is not yet a failure.
      if (!(error instanceof Unreachable && draft.boots)) {
        silentSince ??= clock.now()
        if (!mayPass(turn, error) || clock.now() - silentSince >= longestSilence) throw error
      }
    }
    if (found && isEmpty(found.diff)) return found
    const differs = found ? Object.keys(found.diff).join(', ') : 'the host does not answer'
    if (!type.settle)
      throw new DiagnosticError({
        code: 'run/still-differs',
        message: `changed, but still differs: ${differs}`,
        at: task.at,
        host: subject.host.name,
        hint: 'the command said that it succeeded: look at what it did on the host',
      })
    if (found) mayStillSettle(turn, found, doneActions)
    if (clock.now() - began >= limit) {
      throw new DiagnosticError({
        code: 'run/not-settled',
        message: `not settled after ${durationText(limit / 1000)}, still differs: ${differs}`,
        at: task.at,
        host: subject.host.name,
        hint: 'look at it on its own terms, or give it more time with `for:`',
      })
    }
    if (found)
      emit({
        type: 'task-progress',
        at: clock.now(),
        play: run.index,
        task: task.id,
        host: subject.host.name,
        text: progressOf(task, found),
      })
    await clock.sleep(every, run.options.stop)
    run.store.void(touchedHosts(turn), judged.where.connection)
  }
}

/** Whether a poll's trouble is none of the thing that is waited for: a gateway is restarted, a service does not answer once. */
function mayPass({ subject }: Turn, error: unknown): boolean {
  if (error instanceof Unreachable) return error.host !== subject.host.name
  return error instanceof DiagnosticError && error.diagnostics[0]!.code.startsWith('read/')
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
  judged: Judged,
): number {
  return typeof setting === 'function' ? setting(judged.params as never) : (setting ?? 0)
}

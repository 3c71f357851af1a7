import type { Computed, Scope, Task, Tree } from '../../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { Outcome } from '../../model/event.ts'
import { Unknown } from '../../model/signal.ts'
import { Unreachable } from '../../model/session.ts'
import type { Value } from '../../contract/value.ts'
import { act, silenceOf } from '../act/act.ts'
import { examine, type Examined } from '../decide/examine.ts'
import { foresee } from '../decide/foresee.ts'
import { known, type PlayRun, type Turn } from '../ask/until-known.ts'
import { entryOf } from '../act/planned.ts'
import { listed, skippedRegister } from '../decide/register.ts'
import { failure, unknownResult, type Result } from '../result.ts'
import { valueOf } from '../../model/tree.ts'
import { itemsOf, scopeWith, type Register, type Subject } from '../decide/scope.ts'

/** One task's turn on one host: its loop, its tries, and never an exception for what a host or a playbook did wrong. */
export function takeTurn(
  run: PlayRun,
  subject: Subject,
  task: Task,
  rest: () => Iterable<Task>,
): Promise<Result> {
  const turn: Turn = { run, subject, task, rest, items: null, item: null, locked: false }
  if (!task.loop) return tried(turn, () => takeItem(turn, scopeWith(subject, task)))
  // Each item has tries of its own: a call that succeeded is not made again because another one failed.
  return tried(
    turn,
    () => takeLoop(turn, task.loop!),
    (result) => result.items !== undefined,
  )
}

/** Takes as often as the task's `retries` allow, until it succeeds or its failure is none that another try may mend. */
async function tried(
  turn: Turn,
  take: () => Promise<Result>,
  isFinal: (result: Result) => boolean = isUndoing,
): Promise<Result> {
  const { run, subject, task } = turn
  const { clock, emit, drain, stop, mode } = run.options
  let acted: Result | null = null
  let failed: Result | null = null
  for (let tries = 0; ; tries++) {
    const last = await take()
    // What an earlier try did is not as a saved plan found it: why that try failed is what must be said.
    if (failed !== null && last.error?.code.startsWith('plan/')) return failed
    const result: Result = acted === null ? last : withEarlier(last, acted)
    const isEnded = (): boolean => drain?.aborted === true || stop?.aborted === true
    if (
      last.outcome !== 'failed' ||
      isFinal(last) ||
      tries >= task.retries ||
      mode === 'plan' ||
      isEnded()
    )
      return result
    if (last.notify) acted = result
    failed = result
    emit({
      type: 'task-progress',
      at: clock.now(),
      play: run.index,
      task: task.id,
      host: subject.host.name,
      text: `failed, try ${tries + 2} of ${task.retries + 1}`,
    })
    await clock.sleep(pauseBefore(task, tries) * 1000, drain ?? stop)
    if (isEnded()) return result
    run.store.void([subject.host.name], null)
  }
}

/** What came of a task of which an earlier try did a part: that was a change, although nothing is left to do. */
function withEarlier(last: Result, acted: Result): Result {
  if (last.outcome !== 'ok' && last.outcome !== 'skipped') return { ...last, notify: true }
  const register: Register = () =>
    Object.assign(Object.create(null), last.register(), { changed: true })
  return {
    ...last,
    outcome: 'changed',
    notify: true,
    register,
    ...(acted.diff ? { diff: acted.diff } : {}),
    ...(acted.changes ? { changes: acted.changes } : {}),
  }
}

// What undoes another task would do so at every try.
function isUndoing({ error }: Result): boolean {
  return error?.code === 'run/undone'
}

/** Seconds that no pause between two tries exceeds, unless `delay` itself does. */
const longestPause = 600

function pauseBefore({ delay, backoff = 1 }: Task, tries: number): number {
  return Math.max(delay, Math.min(longestPause, delay * backoff ** tries))
}

async function takeLoop(whole: Turn, loop: Tree): Promise<Result> {
  const { run, subject, task } = whole
  const found = await caught(whole, async () => {
    const items = await known(whole, (reader) => {
      subject.reader = reader
      const refused = whenWithoutItem(task).find(
        (condition) => condition.evaluate(scopeWith(subject, task)) === false,
      )
      return refused ?? itemsOf(valueOf(loop, scopeWith(subject, task)), loop)
    })
    if (!Array.isArray(items))
      return {
        outcome: 'skipped',
        reason: `when: ${(items as Computed).text}`,
        register: () => skippedRegister(),
        notify: false,
      }
    const results: (Result & { item: Value })[] = []
    for (const [i, item] of (items as Value[]).entries()) {
      const turn: Turn = { ...whole, items: items as Value[], item: i }
      const result = await tried(turn, () => takeItem(turn, scopeWith(subject, task, { item })))
      results.push({ ...result, item })
      if (result.outcome === 'unreachable') break
    }
    return folded(results)
  })
  // A loop whose items could not be told is one entry.
  if (!found.items) run.options.record?.(entryOf(whole, null, found))
  return found
}

function whenWithoutItem(task: Task): readonly Computed[] {
  return task.when.filter((condition) => condition.paths.every(([root]) => root !== 'item'))
}

async function takeItem(turn: Turn, scope: Scope): Promise<Result> {
  let examined: Examined | null = null
  const result = await caught(turn, async () => {
    examined = await examineNow(turn, scope)
    // The one branch on the mode: everything before it is the same in a plan and in a run.
    return turn.run.options.mode === 'plan' ? foresee(turn, examined) : act(turn, scope, examined)
  })
  const { run, subject, task } = turn
  // A boot that may be to come hides all that is behind it, as one that is to come does.
  if (
    run.options.mode === 'plan' &&
    result.outcome === 'unknown' &&
    task.verb === 'ensure' &&
    task.type?.boots
  )
    subject.boot ??= task.sentence
  run.options.record?.(entryOf(turn, examined, result))
  return result
}

/** What is asked of a host that does not answer: for `wait` that is a state like any other. */
function examineNow(turn: Turn, scope: Scope): Promise<Examined> {
  const examined = known(turn, (reader) => examine(turn.subject, turn.task, scope, reader))
  if (turn.task.verb !== 'wait') return examined
  return examined.catch((error: unknown) => {
    const why = silenceOf(error)
    if (why === null) throw error
    return { kind: 'silent', why }
  })
}

/** Turns what was thrown into an outcome: one host's trouble, or one type's defect, stops no other host. */
async function caught(turn: Turn, work: () => Promise<Result>): Promise<Result> {
  const { subject, task } = turn
  try {
    return await work()
  } catch (error) {
    if (error instanceof Unknown) return unknownResult(error.until)
    if (error instanceof Unreachable) {
      const message =
        error.host === subject.host.name ? error.message : `${error.host}: ${error.message}`
      const done = error.midway ? '; the change under way may have been made' : ''
      return failure('unreachable', {
        code: 'run/unreachable',
        message: `${message}${done}`,
        at: task.at,
        hint: error.hint,
        host: subject.host.name,
      })
    }
    if (!(error instanceof DiagnosticError)) return failure('failed', defectOf(turn, error))
    const first = error.diagnostics[0]!
    if (
      subject.pending !== null &&
      (first.code.startsWith('read/') || first.code === 'run/refused')
    )
      return unknownResult(subject.pending)
    return failure('failed', {
      ...first,
      at: first.at ?? task.at,
      host: first.host ?? subject.host.name,
    })
  }
}

const gravity: readonly Outcome[] = [
  'unreachable',
  'failed',
  'unknown',
  'would change',
  'changed',
  'ok',
  'skipped',
]

function folded(results: readonly (Result & { readonly item: Value })[]): Result {
  const outcome = gravity.find((each) => results.some((result) => result.outcome === each)) ?? 'ok'
  const worst = results.find((result) => result.outcome === outcome)
  const register: Register = () =>
    results.map((result) =>
      listed(result.item, result.register() as Readonly<Record<string, unknown>>),
    )
  return {
    outcome,
    register,
    items: results,
    notify: results.some((result) => result.notify),
    ...(results.length === 0 ? { reason: 'the loop has no items' } : {}),
    ...(worst?.reason !== undefined && outcome !== 'ok' ? { reason: worst.reason } : {}),
    ...(worst?.error ? { error: worst.error } : {}),
    ...(results.some((result) => result.mayIgnore === false)
      ? { mayIgnore: false }
      : { mayIgnore: true }),
  } satisfies Result
}

function defectOf(turn: Turn, error: unknown): Diagnostic {
  const words = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal/defect',
    message: `a defect of trueup or of the type ${turn.task.type?.name ?? '-'}: ${words}`,
    at: turn.task.at,
    host: turn.subject.host.name,
    hint: 'report it with the playbook that shows it',
  }
}

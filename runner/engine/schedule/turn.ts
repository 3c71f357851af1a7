import type { Computed, Task, Tree } from '../../model/playbook.ts'
import { asDiagnosticError } from '../../model/diagnostic.ts'
import { kindOf } from '../../model/error-kind.ts'
import { outcomeTable, worstOf } from '../../model/outcome.ts'
import { isMap, type Value } from '../../contract/value.ts'
import { Secret } from '../../contract/secret.ts'
import { Signal, Unknown } from '../../model/signal.ts'
import { valueOf } from '../../model/value-tree.ts'
import { act } from '../act/act.ts'
import { outcomeOf } from '../act/after-acting.ts'
import { entryOf } from '../act/planned.ts'
import { silenceOf } from '../act/wait.ts'
import { examine } from '../decide/examine.ts'
import { foresee } from '../decide/foresee.ts'
import { aboutOf, mayDestroyHere } from '../decide/pending.ts'
import { keepAsGuess } from '../decide/guess.ts'
import { listed, skippedRegister } from '../decide/register.ts'
import { failure, isOfPlan } from '../decide/result.ts'
import { saidByReading } from '../decide/said.ts'
import { itemsOf } from '../decide/scope.ts'
import type { Examined, PlayRun, Register, Result, Subject, Turn } from '../model.ts'
import { tellProgress } from '../tell.ts'

/** One task's turn on one host: its loop, its tries, and never an exception for what a host or a playbook did wrong. */
export function takeTurn(
  run: PlayRun,
  subject: Subject,
  task: Task,
  rest: () => Iterable<Task>,
): Promise<Result> {
  const turn: Turn = { run, subject, task, rest, items: null, item: null, locked: false }
  if (!task.loop) return tried(turn, () => takeItem(turn))
  // Each item has tries of its own: a call that succeeded is not made again because another one failed.
  return tried(
    turn,
    () => takeLoop(turn, task.loop!),
    (result) => result.items !== undefined,
  )
}

/** Takes as often as the task's `retries` allow, until it succeeds or fails in a way that another try cannot fix. */
async function tried(
  turn: Turn,
  take: () => Promise<Result>,
  isFinal: (result: Result) => boolean = isUndoing,
): Promise<Result> {
  const { run, subject, task } = turn
  const { clock, drain, stop, mode } = run.options
  let acted: Result | null = null
  let failed: Result | null = null
  for (let tries = 0; ; tries++) {
    const last = await take()
    // What an earlier try did is not as a saved plan found it: why that try failed is what must be said.
    if (failed !== null && isOfPlan(last.error)) return failed
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
    const words = `failed, try ${tries + 2} of ${task.retries + 1}`
    tellProgress(turn, words, words)
    await clock.sleep(pauseBefore(task, tries) * 1000, drain ?? stop)
    if (isEnded()) return result
    run.store.void([subject.host.name], null)
  }
}

/** The result of a task of which an earlier try made some changes: the task changed, although its last try had nothing to do. */
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
  return error !== undefined && kindOf(error.code) === 'undone'
}

/** Seconds that no pause between two tries exceeds, unless `delay` itself does. */
const longestPause = 600

/** Seconds before a further try. */
export function pauseBefore(
  { delay, backoff = 1 }: Pick<Task, 'delay' | 'backoff'>,
  tries: number,
): number {
  return Math.max(delay, Math.min(longestPause, delay * backoff ** tries))
}

async function takeLoop(whole: Turn, loop: Tree): Promise<Result> {
  const found = await caught(whole, () => takeItems(whole, loop))
  // A loop whose items are not known is one entry.
  if (found.items) return found
  whole.run.options.record?.(entryOf(whole, null, found))
  return found.outcome === 'unknown' && mayDestroyHere(whole)
    ? { ...found, mayDestroy: true }
    : found
}

async function takeItems(whole: Turn, loop: Tree): Promise<Result> {
  const { run, task } = whole
  const items = await run.asking.known(whole, ({ scope }) => {
    const refused = whenWithoutItem(task).find((condition) => condition.evaluate(scope) === false)
    return refused ?? itemsOf(valueOf(loop, scope), loop)
  })
  if (!Array.isArray(items))
    return {
      outcome: 'skipped',
      reason: `when: ${(items as Computed).text}`,
      register: () => skippedRegister(),
      notify: false,
    }
  const results: (Result & { item: Value; label?: string })[] = []
  for (const [i, item] of (items as Value[]).entries()) {
    const turn: Turn = { ...whole, items: items as Value[], item: i }
    const label = await labelOf(turn)
    const result = await tried(turn, () => takeItem(turn))
    results.push({ ...result, item, ...(label === null ? {} : { label }) })
    if (result.outcome === 'unreachable' || result.outcome === 'interrupted') break
  }
  return folded(results)
}

/** How the playbook names the current item. A name that cannot be made is said by the task itself, where it matters. */
async function labelOf(turn: Turn): Promise<string | null> {
  const { label } = turn.task
  if (!label) return null
  try {
    const text = await turn.run.asking.known(turn, ({ scope }) => valueOf(label, scope))
    return typeof text === 'string' ? text : JSON.stringify(text)
  } catch (thrown) {
    if (thrown instanceof Unknown || asDiagnosticError(thrown)) return null
    throw thrown
  }
}

function whenWithoutItem(task: Task): readonly Computed[] {
  return task.when.filter((condition) => condition.paths.every(([root]) => root !== 'item'))
}

async function takeItem(turn: Turn): Promise<Result> {
  const { run, subject, task } = turn
  let examined: Examined | null = null
  const found = withRegister(
    turn,
    await caught(turn, async () => {
      const began = run.store.tick()
      examined = await examineNow(turn, began)
      const decided = { began, at: run.options.clock.now() }
      if (examined.kind === 'holds' && examined.judged) keepAsGuess(turn, examined.judged)
      // The one branch on the mode: everything before it is the same in a plan and in a run.
      return run.options.mode === 'plan'
        ? foresee(turn, examined)
        : act({ ...turn, decided }, examined)
    }),
  )
  const said = found.said ?? saidByReading(task, examined)
  const result: Result = said.length > 0 ? { ...found, said } : found
  // A boot that may be to come hides all that is behind it, as one that is to come does.
  const mayBoot =
    run.options.mode === 'plan' &&
    result.outcome === 'unknown' &&
    task.verb === 'ensure' &&
    task.type.boots === true
  if (result.boots || mayBoot) subject.boot ??= task.sentence
  run.options.record?.(entryOf(turn, examined, result))
  return run.options.mode === 'plan' && outcomeTable[result.outcome].pending
    ? {
        ...result,
        about: aboutOf(turn),
        ...(result.outcome === 'unknown' && mayDestroyHere(turn) ? { mayDestroy: true } : {}),
      }
    : result
}

/** What a task comes to now. A `wait` takes a host that does not answer as a state like any other. */
async function examineNow(turn: Turn, began: number): Promise<Examined> {
  const { run, task } = turn
  try {
    return await run.asking.known(turn, (view) => examine(task, view), began)
  } catch (error) {
    if (error instanceof Unknown) return { kind: 'unknown', until: error.until }
    const why = silenceOf(error)
    if (task.verb !== 'wait' || why === null) throw error
    return { kind: 'silent', task, why }
  }
}

/** Turns what was thrown into an outcome: the trouble of one host, or a defect of one type, stops no other host. */
async function caught(turn: Turn, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (thrown) {
    return outcomeOf(turn, thrown)
  }
}

/** The result with a register that can be read: one that a type has made of something else fails its task, and nothing behind it. */
function withRegister(turn: Turn, result: Result): Result {
  if (turn.task.register === undefined) return result
  try {
    readThrough(result.register)
    return result
  } catch (thrown) {
    const wrong = outcomeOf(turn, thrown)
    const error = result.error ?? wrong.error!
    const { diff, changes, notify } = result
    return failure('failed', error, {
      notify,
      ...(diff ? { diff } : {}),
      ...(changes ? { changes } : {}),
    })
  }
}

const deepest = 1000

/** Reads every part of a register; a part that is not known yet is one that can be read later. */
function readThrough(read: () => unknown, depth = 0): void {
  let value: unknown
  try {
    value = read()
  } catch (thrown) {
    if (thrown instanceof Signal) return
    throw thrown
  }
  if (depth > deepest) throw new Error('its register is too deep')
  if (value instanceof Secret || value === null || value === undefined) return
  if (typeof value !== 'object') {
    if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
      throw new Error(`its register holds a ${typeof value}, which is not a value`)
    return
  }
  const held = value
  if (Array.isArray(held) || isMap(held))
    for (const key of Object.keys(held))
      readThrough(() => (held as Readonly<Record<string, unknown>>)[key], depth + 1)
}

function folded(results: readonly (Result & { readonly item: Value })[]): Result {
  const outcome = worstOf(results.map((result) => result.outcome)) ?? 'ok'
  const worst = results.find((result) => result.outcome === outcome)
  const register: Register = () =>
    results.map((result) =>
      listed(result.item, result.register() as Readonly<Record<string, unknown>>),
    )
  return {
    outcome,
    register,
    items: results,
    about: new Set(results.flatMap((result) => [...(result.about ?? [])])),
    notify: results.some((result) => result.notify),
    ...(results.length === 0 ? { reason: 'the loop has no items' } : {}),
    ...(worst?.reason !== undefined && outcome !== 'ok' ? { reason: worst.reason } : {}),
    ...(worst?.error ? { error: worst.error } : {}),
    ...(results.every((result) => result.notBegun) && results.length > 0 ? { notBegun: true } : {}),
    ...(results.some((result) => result.mayIgnore === false)
      ? { mayIgnore: false }
      : { mayIgnore: true }),
  } satisfies Result
}

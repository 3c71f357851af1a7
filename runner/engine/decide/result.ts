import { kindOf, type ErrorKind } from '../../model/error-kind.ts'
import { judgingConditions, type Computed, type Task } from '../../model/playbook.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Place } from '../../model/diagnostic.ts'
import type { Value } from '../../contract/value.ts'
import { isReadOnly } from '../../contract/resource.ts'
import { driftWords } from '../../model/drift-words.ts'
import type { Examined, Judged, Lacking, Result, Trouble, Turn, Untrue } from '../model.ts'
import { wantedIn } from './condition-words.ts'
import { registered, skippedRegister, unknownRegister } from './register.ts'

/** The outcome of something that waits for a pending change. */
export function unknownResult(until: string): Result {
  return {
    outcome: 'unknown',
    reason: `unknown until "${until}"`,
    register: unknownRegister(until),
    notify: false,
  }
}

/** What `ignore_errors` does not cover: that the state is not as it was when this was decided. */
const unignorable: ReadonlySet<ErrorKind> = new Set(['guard', 'plan'])

/** The outcome of something that went wrong. */
export function failure(
  outcome: Extract<Outcome, 'failed' | 'unreachable' | 'interrupted'>,
  error: Trouble,
  more: Partial<Result> = {},
): Result {
  const register = Object.assign(Object.create(null), {
    changed: more.notify === true,
    failed: true,
    skipped: false,
    message: error.message,
  })
  return {
    outcome,
    error,
    register: () => register,
    notify: false,
    mayIgnore: outcome === 'failed' && !unignorable.has(kindOf(error.code)),
    ...more,
  }
}

/** Whether an error says that a saved plan does not show what would be done now. */
export function isOfPlan(error: Trouble | undefined): boolean {
  return error !== undefined && kindOf(error.code) === 'plan'
}

/** The outcome of a task that has nothing to do. */
export function holding(
  task: Task,
  examined: Examined & { readonly kind: 'skipped' | 'spared' | 'holds' },
): Result {
  if (examined.kind !== 'holds')
    return {
      outcome: examined.kind === 'skipped' ? 'skipped' : 'ok',
      reason: examined.reason,
      register: () => skippedRegister(),
      notify: false,
    }
  const { judged } = examined
  // Most are never asked for.
  let held: unknown = null
  const register = (): unknown => (held ??= registered(judged?.state ?? {}, false))
  const shows = task.type?.shows
  return {
    outcome: 'ok',
    register,
    notify: false,
    ...(shows !== undefined && judged ? { shown: judged.state[shows] as Value } : {}),
  }
}

/** The error of a `failed_when` that holds: `at` is the condition that decided, `values` say why. */
export function failedWhenError(
  host: string,
  conditions: readonly Computed[],
  at: Place,
  values: readonly string[],
): Trouble {
  return {
    code: 'run/failed-when',
    message: `failed_when holds: ${conditions.map((each) => each.text).join(' and ')}${inBrackets(values)}`,
    hint: `see the answer with \`trueup show last --host ${host} --json\``,
    at,
    host,
  }
}

function inBrackets(values: readonly string[]): string {
  return values.length === 0 ? '' : ` (${values.join(', ')})`
}

/** The error of a condition that does not hold, or of a `failed_when` that does. */
function untrueError({ subject, task }: Turn, untrue: Untrue): Trouble {
  const { condition, values, fails } = untrue
  const host = subject.host.name
  const place = { at: condition.at, host }
  if (fails) return failedWhenError(host, judgingConditions(task).failedWhen, condition.at, values)
  const why = inBrackets(values)
  return {
    code: 'run/required',
    message: task.type
      ? shortfallOfCondition(untrue)
      : `this does not hold: ${condition.text}${why}`,
    hint: `see what was read with \`trueup show last --host ${host}\`, or put a task before this one that makes it true`,
    ...place,
  }
}

/** The outcome of a condition that does not hold. Its register keeps what was read. */
export function untrueResult(turn: Turn, untrue: Untrue): Result {
  const { message, ...trouble } = untrueError(turn, untrue)
  const register = Object.assign(
    Object.create(null),
    untrue.judged ? registered(untrue.judged.state, false) : {},
    { changed: false, failed: true, skipped: false, message },
  )
  return { ...failure('failed', { message, ...trouble }), register: () => register }
}

/** The error of a requirement that differs: what is there, and what is wanted. */
export function requiredError({ task, subject }: Turn, { diff }: Judged): Trouble {
  return {
    code: 'run/required',
    message: driftWords(diff, task.type?.state),
    at: task.at,
    host: subject.host.name,
    hint: requiredHint(task, subject.host.name),
  }
}

function requiredHint({ type }: Task, host: string): string {
  const change = 'change what is required'
  return type === undefined || isReadOnly(type)
    ? `find out on ${host} why it is not so, or ${change}`
    : `make it true with an \`ensure: … ${type.name}\` task before this one, or ${change}`
}

/** What keeps a task from being true, in words: the value, and what is wanted. */
export function shortfallOf(task: Task, examined: Lacking): string {
  switch (examined.kind) {
    case 'silent':
      return examined.why
    case 'untrue':
      return shortfallOfCondition(examined)
    case 'drifts':
      return driftWords(examined.judged.diff, task.type?.state)
  }
}

function shortfallOfCondition({ condition, values }: Untrue): string {
  const wanted = wantedIn(condition)
  if (values.length === 1 && wanted !== null) return `${values[0]!}, wanted ${wanted}`
  return values.length === 0
    ? `this does not hold: ${condition.text}`
    : `${values.join(', ')}, wanted: ${condition.text}`
}

/** How far something is that is waited for: in its type's words where it has some, else the value and what is wanted. */
export function progressOf(task: Task, examined: Lacking): string {
  const settle = task.type?.settle
  return examined.kind === 'drifts' && settle
    ? settle.progress(examined.judged.state as never)
    : shortfallOf(task, examined)
}

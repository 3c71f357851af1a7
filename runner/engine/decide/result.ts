import { kindOf, type ErrorKind } from '../../model/error-kind.ts'
import type { Task } from '../../model/playbook.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Value } from '../../contract/value.ts'
import type { Examined, Judged, Result, Trouble, Turn } from '../model.ts'
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

/** The error of a condition that does not hold. */
export function untrueError(
  { subject }: Turn,
  { condition, values }: Examined & { readonly kind: 'untrue' },
): Trouble {
  const why = values.length === 0 ? '' : ` (${values.join(', ')})`
  return {
    code: 'run/required',
    message: `this does not hold: ${condition.text}${why}`,
    at: condition.at,
    host: subject.host.name,
    hint: `see what was read with \`trueup show last --host ${subject.host.name}\`, or put a task before this one that makes it true`,
  }
}

/** The error of a requirement that differs; the diff says how. */
export function requiredError({ task, subject }: Turn): Trouble {
  return {
    code: 'run/required',
    message: 'this requirement does not hold; the diff shows what differs',
    at: task.at,
    host: subject.host.name,
    hint: `make it true with an \`ensure: … ${task.type?.name ?? ''}\` task before this one, or change what is required`,
  }
}

/** How far something is that is waited for, in its type's words. */
export function progressOf(task: Task, judged: Judged): string {
  const settle = task.type?.settle
  return settle
    ? settle.progress(judged.state as never)
    : `not yet: ${Object.keys(judged.diff).join(', ')}`
}

import type { Computed, Task } from '../model/playbook.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { ChangeLabel, Outcome } from '../model/event.ts'
import type { AnyDiff } from '../contract/state.ts'
import type { Value } from '../contract/value.ts'
import type { Examined, Judged } from './decide/examine.ts'
import type { Turn } from './ask/until-known.ts'
import { registered, skippedRegister, unknownRegister } from './decide/register.ts'
import type { Register } from './decide/scope.ts'

/** What a turn came to, for the outcome event and for what follows. */
export interface Result {
  readonly outcome: Outcome
  readonly reason?: string
  readonly diff?: AnyDiff
  readonly changes?: readonly ChangeLabel[]
  readonly error?: Diagnostic
  readonly register: Register
  /** Handlers are owed. */
  readonly notify: boolean
  readonly shown?: Value
  readonly items?: readonly (Omit<Result, 'items'> & { readonly item: Value })[]
  /** `ignore_errors` covers it: not a moved guard, not an unreachable host. */
  readonly mayIgnore?: boolean
}

/** The outcome of something that waits for a pending change. */
export function unknownResult(until: string): Result {
  return {
    outcome: 'unknown',
    reason: `unknown until "${until}"`,
    register: unknownRegister(until),
    notify: false,
  }
}

/** The outcome of something that went wrong. */
export function failure(
  outcome: 'failed' | 'unreachable',
  error: Diagnostic,
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
    mayIgnore:
      outcome === 'failed' && error.code !== 'guard/moved' && !error.code.startsWith('plan/'),
    ...more,
  }
}

/** The outcome of a task that has nothing to do. */
export function holding(
  turn: Turn,
  examined: Examined & { readonly kind: 'skipped' | 'spared' | 'holds' },
): Result {
  const { task } = turn
  if (examined.kind === 'skipped')
    return {
      outcome: 'skipped',
      reason: examined.reason,
      register: () => skippedRegister(),
      notify: false,
    }
  if (examined.kind === 'spared')
    return {
      outcome: 'ok',
      reason: examined.reason,
      register: () => skippedRegister(),
      notify: false,
    }
  const { judged } = examined
  if (judged) keepAsGuess(turn, judged)
  // Most are never asked for.
  let held: unknown = null
  const register = (): unknown => (held ??= registered(judged?.state ?? {}, false))
  const shows = task.type?.shows
  return {
    outcome: 'ok',
    register,
    notify: false,
    ...(shows !== undefined && judged && !task.noLog
      ? { shown: judged.state[shows] as Value }
      : {}),
  }
}

/** Readings that others wait for are worth guessing next time: those of registers, and of first rounds. */
export function keepAsGuess(turn: Turn, judged: Judged): void {
  if (turn.task.register === undefined && judged.rounds < 2) return
  for (const { where, key } of judged.asked.values()) turn.run.store.chained(where, key)
}

/** The error of a condition that does not hold. */
export function untrueError(
  turn: Turn,
  { condition, values }: { readonly condition: Computed; readonly values: readonly string[] },
): Diagnostic {
  const why = values.length === 0 ? '' : ` (${values.join(', ')})`
  return {
    code: 'run/required',
    message: `this does not hold: ${condition.text}${why}`,
    at: condition.at,
    host: turn.subject.host.name,
  }
}

/** The error of a requirement that differs; the diff says how. */
export function requiredError(turn: Turn): Diagnostic {
  return {
    code: 'run/required',
    message: 'it is not so',
    at: turn.task.at,
    host: turn.subject.host.name,
  }
}

/** How far something is that is waited for, in its type's words; a `no_log` task's words may hold its values. */
export function progressOf(task: Task, judged: Judged): string {
  if (task.noLog) return 'not yet'
  const settle = task.type?.settle
  return settle
    ? settle.progress(judged.state as never)
    : `not yet: ${Object.keys(judged.diff).join(', ')}`
}

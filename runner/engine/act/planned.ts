import { createHash } from 'node:crypto'
import type { Action } from '../../contract/change.ts'
import type { PlannedEntry } from '../../model/plan.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { Secret } from '../../contract/secret.ts'
import { Signal } from '../../model/signal.ts'
import type { State } from '../../contract/state.ts'
import { canonical } from '../../contract/value.ts'
import type { Draft } from '../decide/repairs.ts'
import type { Examined, Judged } from '../decide/examine.ts'
import type { Turn } from '../ask/until-known.ts'
import type { Result } from '../result.ts'

/** The digest of a state; secrets stand in it by name only. */
export function digestOf(state: State): string {
  return createHash('sha256').update(canonical(state)).digest('hex')
}

/** What a plan keeps of a task as it was examined. */
export function entryOf(turn: Turn, examined: Examined | null, result: Result): PlannedEntry {
  const { run, task, subject, item } = turn
  const judged = examined?.kind === 'drifts' || examined?.kind === 'holds' ? examined.judged : null
  const draft =
    examined?.kind === 'drifts' && task.verb === 'ensure' && result.outcome === 'would change'
      ? examined.judged.draft
      : null
  return {
    play: run.index,
    task: task.id,
    host: subject.host.name,
    item,
    sentence: task.sentence,
    identity: judged && !task.noLog ? identityOf(turn, judged) : {},
    outcome: result.outcome,
    ...(result.reason !== undefined ? { reason: result.reason } : {}),
    observed: judged ? digestOf(judged.state) : null,
    ...(result.diff && !task.noLog ? { diff: result.diff } : {}),
    actions: draft
      ? actionsOf(turn, draft)
      : examined?.kind === 'runs' && result.outcome === 'would change'
        ? [kept(turn, examined.action)]
        : [],
    effect: draft?.effect ?? 'none',
  }
}

/** Throws when a saved plan does not promise this change: the state moved, or a destructive act was not shown. */
export function keepPromise(turn: Turn, judged: Judged, draft: Draft): void {
  const entry = promised(turn)
  if (entry === null) return
  if (entry === undefined || entry.outcome === 'unknown') {
    if (draft.effect !== 'none') {
      throw broken(
        turn,
        'plan/unseen-destruction',
        `the plan does not show this: ${draft.labels
          .filter((label) => label.effect !== 'none')
          .map((label) => label.title)
          .join('; ')}`,
      )
    }
    return
  }
  if (entry.outcome !== 'would change')
    throw broken(
      turn,
      'plan/moved',
      `the state moved: the plan found this ${entry.outcome}, and now ${Object.keys(judged.diff).join(', ')} differs`,
    )
  const same = canonical(actionsOf(turn, draft)) === canonical(entry.actions)
  // An event's state is of the moment (which run of a service it is): for a handler only what is done counts.
  const isHandler = turn.subject.play.handlers.includes(turn.task)
  if (!same || (!isHandler && digestOf(judged.state) !== entry.observed)) {
    throw broken(
      turn,
      'plan/moved',
      `the state moved: ${same ? 'it is not as the plan found it' : 'it now needs other actions than the plan shows'}`,
    )
  }
}

/** Throws when a saved plan does not promise this call. */
export function keepCallPromise(turn: Turn, examined: Examined & { readonly kind: 'runs' }): void {
  const entry = promised(turn)
  if (entry === null || entry === undefined || entry.outcome === 'unknown') return
  if (entry.outcome !== 'would change')
    throw broken(
      turn,
      'plan/moved',
      `the state moved: the plan found this ${entry.outcome}, and now it would run`,
    )
  if (entry.actions[0] !== kept(turn, examined.action))
    throw broken(
      turn,
      'plan/moved',
      'the state moved: it would now run something else than the plan shows',
    )
}

function promised(turn: Turn): PlannedEntry | undefined | null {
  const { promise } = turn.run.options
  return promise
    ? promise.entry(turn.run.index, turn.task.id, turn.subject.host.name, turn.item)
    : null
}

function actionsOf(turn: Turn, draft: Draft): readonly string[] {
  return draft.changes.flatMap((change) => change.actions).map((action) => kept(turn, action))
}

/** An action as a plan keeps it: in canonical form, or of a `no_log` task its digest, which compares as well. */
function kept({ task }: Turn, action: Action): string {
  const text = canonical(action)
  return task.noLog ? createHash('sha256').update(text).digest('hex') : text
}

function identityOf(turn: Turn, judged: Judged): Readonly<Record<string, string>> {
  const identity: Record<string, string> = {}
  for (const [name, schema] of Object.entries(turn.task.type?.params.properties ?? {})) {
    const value = schema.identity ? told(() => judged.params[name]) : undefined
    if (value !== undefined)
      identity[name] =
        value instanceof Secret
          ? String(value)
          : typeof value === 'string'
            ? value
            : canonical(value)
  }
  return identity
}

/** What can be told now; a param that nothing has needed so far may still be unknown. */
function told<T>(value: () => T): T | undefined {
  try {
    return value()
  } catch (signal) {
    if (signal instanceof Signal) return undefined
    throw signal
  }
}

function broken(turn: Turn, code: string, message: string): DiagnosticError {
  return new DiagnosticError({
    code,
    message,
    at: turn.task.at,
    host: turn.subject.host.name,
    hint: 'make a new plan, look at it, and apply that',
  })
}

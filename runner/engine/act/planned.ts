import type { Code } from '../../model/codes.ts'
import { createHash } from 'node:crypto'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { PlannedEntry } from '../../model/plan.ts'
import { Secret } from '../../contract/secret.ts'
import type { State } from '../../contract/state.ts'
import { canonical } from '../../contract/value.ts'
import type { Draft, Examined, Judged, Result, Runs, Turn } from '../model.ts'
import { keptAction, plannedEntry } from '../tell.ts'

/**
 * The digest of a state, without what a task before may bring about; secrets stand in it by name only. So do the texts that a `no_log` task
 * read: who has the plan could try all short ones. Where something is destroyed they count, for what came since must not go with it.
 */
function digestOf({ task }: Turn, state: State, effect: Draft['effect']): string {
  const kept = Object.entries(state).filter(([field]) => !task.type?.state[field]?.passing)
  const observed = Object.fromEntries(kept)
  const counted = task.noLog && effect !== 'destroys' ? withoutTexts(observed) : observed
  return createHash('sha256').update(canonical(counted)).digest('hex')
}

function withoutTexts(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return '(hidden)'
  if (Array.isArray(value)) return value.map(withoutTexts)
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, withoutTexts(held)]))
}

/** What a plan keeps of a task as it was examined. */
export function entryOf(turn: Turn, examined: Examined | null, result: Result): PlannedEntry {
  const { run, task, subject, item } = turn
  const judged = examined !== null && 'judged' in examined ? examined.judged : null
  const draft =
    examined?.kind === 'drifts' && task.verb === 'ensure' && result.outcome === 'would change'
      ? examined.judged.draft
      : null
  return plannedEntry(task, {
    play: run.index,
    task: task.id,
    host: subject.host.name,
    item,
    sentence: task.sentence,
    identity: judged ? identityOf(judged) : {},
    outcome: result.outcome,
    ...(result.reason !== undefined ? { reason: result.reason } : {}),
    observed: judged ? digestOf(turn, judged.state, draft?.effect ?? 'none') : null,
    ...(result.diff ? { diff: result.diff } : {}),
    actions: draft
      ? actionsOf(turn, draft)
      : examined?.kind === 'runs' && result.outcome === 'would change'
        ? [keptAction(task, examined.action)]
        : [],
    effect: draft?.effect ?? 'none',
  })
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
  if (!same || (!isHandler && digestOf(turn, judged.state, draft.effect) !== entry.observed)) {
    throw broken(
      turn,
      'plan/moved',
      `the state moved: ${same ? 'it is not as the plan found it' : 'it now needs other actions than the plan shows'}`,
    )
  }
}

/** Throws when a saved plan does not promise this call. */
export function keepCallPromise(turn: Turn, examined: Runs): void {
  const entry = promised(turn)
  if (entry === null || entry === undefined || entry.outcome === 'unknown') return
  if (entry.outcome !== 'would change')
    throw broken(
      turn,
      'plan/moved',
      `the state moved: the plan found this ${entry.outcome}, and now it would run`,
    )
  if (entry.actions[0] !== keptAction(turn.task, examined.action))
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
  return draft.changes
    .flatMap((change) => change.actions)
    .map((action) => keptAction(turn.task, action))
}

function identityOf({ identity }: Judged): Readonly<Record<string, string>> {
  return Object.fromEntries(
    identity.map(([name, value]) => [
      name,
      value instanceof Secret || typeof value === 'string' ? String(value) : canonical(value),
    ]),
  )
}

function broken(turn: Turn, code: Code, message: string): DiagnosticError {
  return new DiagnosticError({
    code,
    message,
    at: turn.task.at,
    host: turn.subject.host.name,
    hint: 'make a new plan, look at it, and apply that',
  })
}

import type { Task } from '../core/book.ts'
import { placeText } from '../core/diagnostic.ts'
import type { OutcomeEvent, TaskLabel } from '../core/event.ts'
import type { Result } from './result.ts'

/** A task as events name it. */
export function labelOf(task: Task, handler: boolean): TaskLabel {
  return { id: task.id, verb: task.verb, sentence: task.sentence, type: task.type?.name ?? null, at: placeText(task.at), handler }
}

/** The outcome event of a result; `no_log` leaves the outcome and the reason, and hides what was seen and done. */
export function outcomeEvent(task: Task, host: string, result: Result, more: { readonly at: number; readonly play: number; readonly basis: OutcomeEvent['basis']; readonly seconds: number; readonly ignored: boolean }): OutcomeEvent {
  const { ignored, ...rest } = more
  return {
    type: 'outcome', task: task.id, host, ...rest, ...seen(task, result),
    ...(result.shown !== undefined && !task.noLog ? { shown: result.shown } : {}),
    ...(ignored ? { ignored } : {}),
    ...(result.items ? { items: result.items.map((item) => ({ item: task.noLog ? '(hidden by no_log)' : item.item, ...seen(task, item) })) } : {}),
  }
}

function seen(task: Task, result: Omit<Result, 'items'>): Pick<OutcomeEvent, 'outcome' | 'reason' | 'diff' | 'changes' | 'error'> {
  return {
    outcome: result.outcome,
    ...(result.reason !== undefined ? { reason: result.reason } : {}),
    ...(result.diff && !task.noLog ? { diff: result.diff } : {}),
    ...(result.changes ? { changes: result.changes } : {}),
    ...(result.error ? { error: result.error } : {}),
  }
}

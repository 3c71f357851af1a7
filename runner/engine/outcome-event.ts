import type { Task } from '../model/playbook.ts'
import { placeText, type Diagnostic } from '../model/diagnostic.ts'
import type { OutcomeEvent, TaskLabel } from '../model/event.ts'
import type { Result } from './result.ts'

/** A task as events name it. */
export function labelOf(task: Task, handler: boolean): TaskLabel {
  return {
    id: task.id,
    verb: task.verb,
    sentence: task.sentence,
    type: task.type?.name ?? null,
    at: placeText(task.at),
    handler,
  }
}

const hidden = '(hidden by no_log)'
/** Errors whose words hold nothing of a task's values: whoever makes them sees to that. */
const plainErrors: ReadonlySet<string> = new Set([
  'action/failed',
  'action/lost',
  'run/unreachable',
])

/** The outcome event of a result; of a `no_log` task it tells the outcome, and hides what was seen, said and done. */
export function outcomeEvent(
  task: Task,
  host: string,
  result: Result,
  more: {
    readonly at: number
    readonly play: number
    readonly basis: OutcomeEvent['basis']
    readonly seconds: number
    readonly ignored: boolean
    readonly rescued: boolean
  },
): OutcomeEvent {
  const { ignored, rescued, ...rest } = more
  return {
    type: 'outcome',
    task: task.id,
    host,
    ...rest,
    ...seen(task, result),
    ...(result.shown !== undefined && !task.noLog ? { shown: result.shown } : {}),
    ...(ignored ? { ignored } : {}),
    ...(rescued ? { rescued } : {}),
    ...(result.items
      ? {
          items: result.items.map((item) => ({
            item: task.noLog ? hidden : item.item,
            ...seen(task, item),
          })),
        }
      : {}),
  }
}

function seen(
  task: Task,
  result: Omit<Result, 'items'>,
): Pick<OutcomeEvent, 'outcome' | 'reason' | 'diff' | 'changes' | 'error'> {
  return {
    outcome: result.outcome,
    ...(result.reason !== undefined
      ? { reason: task.noLog && result.outcome === 'ok' ? hidden : result.reason }
      : {}),
    ...(result.diff && !task.noLog ? { diff: result.diff } : {}),
    ...(result.changes
      ? {
          changes: task.noLog
            ? result.changes.map(({ effect }) => ({ title: hidden, effect, actions: [] }))
            : result.changes,
        }
      : {}),
    ...(result.error ? { error: task.noLog ? withoutWords(result.error) : result.error } : {}),
  }
}

function withoutWords(error: Diagnostic): Diagnostic {
  if (plainErrors.has(error.code)) return error
  return {
    code: error.code,
    message: 'it failed, and no_log hides how',
    at: error.at,
    host: error.host,
    hint: 'take no_log away to see it, where nobody else does',
  }
}

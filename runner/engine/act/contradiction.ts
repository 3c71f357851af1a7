import { placeText, asDiagnosticError } from '../../model/diagnostic.ts'
import type { EnsureTask } from '../../model/playbook.ts'
import { canonical } from '../../contract/value.ts'
import { judge } from '../decide/examine.ts'
import { itemNames, viewOf } from '../decide/scope.ts'
import type { Judged, Repair, Trouble, TurnOf } from '../model.ts'

/**
 * The error of a repair that undid what an earlier task of the play made true; null where it did not. Only tasks of one type
 * about one thing are compared, by what the earlier one still wants: two that edit one file do not undo each other by that.
 */
export async function undoneBy(turn: TurnOf<EnsureTask>, made: Judged): Promise<Trouble | null> {
  const { subject, task, item, items } = turn
  // A handler's change is an event: it lasts for no later task.
  if (subject.play.handlers.includes(task)) return null
  const thing = thingOf(task, made)
  const fields = Object.keys(made.diff)
  const earlier = subject.repairs.get(thing) ?? []
  const isAllowed = task.mayUndo === true
  subject.repairs.set(thing, [
    ...(isAllowed ? [] : earlier),
    { task, item, items, params: made.params, fields },
  ])
  if (isAllowed) return null
  for (const repair of earlier) {
    const field = await lost(turn, repair, fields)
    if (field !== undefined) return undoneError(turn, repair, field)
  }
  return null
}

/** The field of an earlier repair that is no longer as it was wanted. */
async function lost(
  turn: TurnOf<EnsureTask>,
  { task, item, items, params, fields }: Repair,
  changed: readonly string[],
): Promise<string | undefined> {
  const shared = fields.filter((field) => changed.includes(field))
  if (shared.length === 0) return undefined
  try {
    const now = await turn.run.asking.known(turn, ({ subject, reader }) =>
      judge(task, viewOf(subject, task, reader, itemNames(items, item)), { outputs: {}, params }),
    )
    return shared.find((field) => Object.hasOwn(now.diff, field))
  } catch (error) {
    // A failed read does not prove that this task undoes the earlier one.
    if (asDiagnosticError(error)) return undefined
    throw error
  }
}

function thingOf(task: EnsureTask, { identity, where }: Judged): string {
  return canonical([task.type.name, where.connection, identity])
}

function undoneError(
  { task, item, subject }: TurnOf<EnsureTask>,
  earlier: Repair,
  field: string,
): Trouble {
  const same = earlier.task === task
  const who = same
    ? `its own item ${(earlier.item ?? 0) + 1}`
    : `"${earlier.task.sentence}" (${placeText(earlier.task.at)})`
  return {
    code: 'run/undone',
    at: task.at,
    host: subject.host.name,
    message: `this undid what ${who} had just made true${same ? ` with item ${(item ?? 0) + 1}` : ''}: ${field} of the same ${task.type.name}`,
    hint: 'keep one of the two tasks; if both are wanted, one after the other, put the second in another play, or allow it with `# trueup: allow advice/contradiction` above it',
  }
}

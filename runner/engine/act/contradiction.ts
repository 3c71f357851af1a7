import type { Scope, Task } from '../../model/playbook.ts'
import { placeText, DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import { canonical } from '../../contract/value.ts'
import { judge, type Judged } from '../decide/examine.ts'
import { known, type Turn } from '../ask/until-known.ts'

/** What a task made true in this pass of a play, so that a later one that undoes it is found out. */
export interface Repair {
  readonly task: Task
  readonly item: number | null
  readonly scope: Scope
  readonly params: Readonly<Record<string, unknown>>
  readonly fields: readonly string[]
}

/**
 * The error of a repair that undid what an earlier task of the play made true; null where it did not. Only tasks of one type
 * about one thing are compared, by what the earlier one still wants: two that edit one file do not undo each other by that.
 */
export async function undoneBy(turn: Turn, scope: Scope, made: Judged): Promise<Diagnostic | null> {
  const { subject, task, item } = turn
  // A handler's change is an event: it lasts for no later task.
  if (subject.play.handlers.includes(task)) return null
  const thing = thingOf(task, made)
  const fields = Object.keys(made.diff)
  const earlier = subject.repairs.get(thing) ?? []
  const isAllowed = task.mayUndo === true
  subject.repairs.set(thing, [
    ...(isAllowed ? [] : earlier),
    { task, item, scope, params: made.params, fields },
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
  turn: Turn,
  { task, scope, params, fields }: Repair,
  changed: readonly string[],
): Promise<string | undefined> {
  const shared = fields.filter((field) => changed.includes(field))
  if (shared.length === 0) return undefined
  try {
    const now = await known(turn, (reader) =>
      judge(turn.subject, task, scope, reader, { outputs: {}, params }),
    )
    return shared.find((field) => Object.hasOwn(now.diff, field))
  } catch (error) {
    // What cannot be read is no proof against this task.
    if (error instanceof DiagnosticError) return undefined
    throw error
  }
}

function thingOf(task: Task, { params, where }: Judged): string {
  const type = task.type!
  const identity = Object.entries(type.params.properties)
    .filter(([, schema]) => schema.identity)
    .map(([name]) => [name, params[name]])
  return canonical([type.name, where.connection, identity])
}

function undoneError({ task, item, subject }: Turn, earlier: Repair, field: string): Diagnostic {
  const same = earlier.task === task
  const who = same
    ? `its own item ${(earlier.item ?? 0) + 1}`
    : `"${earlier.task.sentence}" (${placeText(earlier.task.at)})`
  return {
    code: 'run/undone',
    at: task.at,
    host: subject.host.name,
    message: `this undid what ${who} had just made true${same ? ` with item ${(item ?? 0) + 1}` : ''}: ${field} of the same ${task.type!.name}`,
    hint: 'say once what is wanted; where one is to follow the other, put the second in a play of its own, or allow it with `# trueup: allow advice/contradiction` above it',
  }
}

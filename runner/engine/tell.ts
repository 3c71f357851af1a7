import { printedFormatOf } from '../contract/state.ts'
import type { FormatName } from '../text/formats.ts'
import { redact } from '../contract/secret.ts'
import { createHash } from 'node:crypto'
import type { Action } from '../contract/change.ts'
import type { Probe, SeenReading } from '../contract/probe.ts'
import { canonical, type Value } from '../contract/value.ts'
import { itemNamer } from '../model/item-name.ts'
import { placeText, type Diagnostic } from '../model/diagnostic.ts'
import type { ChangeLabel, OutcomeEvent, TaskLabel } from '../model/event.ts'
import type { PlannedEntry } from '../model/plan.ts'
import { verbOf, type Task } from '../model/playbook.ts'
import { Signal } from '../model/signal.ts'
import type { Register, Result, RunOptions, Trouble, Turn, Where } from './model.ts'

// What the engine tells: events, notes, entries of plans. This is the only file that knows `no_log`: everything else hands over
// what it has, and what a task hides is hidden here.

const hidden = '(hidden by no_log)'

/** A task as events name it. */
export function labelOf(task: Task, handler: boolean): TaskLabel {
  return {
    id: task.id,
    verb: verbOf(task),
    sentence: task.sentence,
    type: task.type?.name ?? null,
    at: placeText(task.at),
    handler,
  }
}

/** The registers of tasks that hide their values: no message quotes them. */
export function unsaidRegisters(tasks: Iterable<Task>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const task of tasks) if (task.noLog && task.register !== undefined) names.add(task.register)
  return names
}

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
    readonly queued?: number
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
            ...(item.label !== undefined && !task.noLog ? { label: item.label } : {}),
            ...seen(task, item),
          })),
        }
      : {}),
  }
}

function seen(
  task: Task,
  result: Omit<Result, 'items'>,
): Pick<
  OutcomeEvent,
  'outcome' | 'reason' | 'mayDestroy' | 'diff' | 'units' | 'changes' | 'said' | 'error'
> {
  const reason = reasonOf(task, result)
  return {
    outcome: result.outcome,
    ...(reason !== undefined ? { reason } : {}),
    ...(result.mayDestroy ? { mayDestroy: true } : {}),
    ...(result.diff && !task.noLog
      ? { diff: result.diff, ...unitsOf(task, Object.keys(result.diff)) }
      : {}),
    ...(result.changes ? { changes: changesOf(task, result.changes) } : {}),
    ...(result.said && result.said.length > 0 && !task.noLog ? { said: result.said } : {}),
    ...(result.error ? { error: errorOf(task, result.error) } : {}),
  }
}

/** The units of the fields that differ, as the type's state declares them. */
function unitsOf({ type }: Task, fields: readonly string[]): Pick<OutcomeEvent, 'units'> {
  const units = fields.flatMap((field): [string, FormatName][] => {
    const unit = printedFormatOf(type?.state[field])
    return unit ? [[field, unit]] : []
  })
  return units.length === 0 ? {} : { units: Object.fromEntries(units) }
}

function reasonOf(
  task: Task,
  { outcome, reason, plain }: Omit<Result, 'items'>,
): string | undefined {
  if (!task.noLog || reason === undefined) return reason
  return plain ?? (outcome === 'ok' ? hidden : reason)
}

function changesOf(task: Task, changes: readonly ChangeLabel[]): readonly ChangeLabel[] {
  return task.noLog
    ? changes.map(({ effect }) => ({ title: hidden, effect, actions: [] }))
    : changes
}

function errorOf(task: Task, trouble: Trouble): Diagnostic {
  const error = saidError(task, trouble)
  return task.whenItFails === undefined ? error : { ...error, look: task.whenItFails }
}

function saidError(task: Task, { plain, ...error }: Trouble): Diagnostic {
  if (!task.noLog) return error
  if (plain !== undefined) return { ...error, message: plain }
  return {
    code: error.code,
    message: 'it failed, and no_log hides how',
    at: error.at,
    host: error.host,
    hint: 'remove no_log to see it, where no other person sees the screen and the log',
  }
}

/** How far a task is. `plain` are the words without values. */
export function tellProgress(
  { run, task, subject, items, item }: Turn,
  text: string,
  plain: string = 'not yet',
): void {
  run.options.emit({
    type: 'task-progress',
    at: run.options.clock.now(),
    play: run.index,
    task: task.id,
    host: subject.host.name,
    text: task.noLog ? plain : `${itemText(items, item)}${text}`,
  })
}

/** How far a probe is that takes long: what it does, and its own words. */
export function tellHowFar(turn: Turn, probe: Probe, text: string): void {
  const what = probe.read === 'exec' ? (probe.shown ?? probe.argv[0]!) : probe.read
  tellProgress(turn, `${what}: ${text}`)
}

/** The item of a loop that a turn is at: it has more than one. */
function itemText(items: readonly Value[] | null, at: number | null): string {
  if (items === null || at === null || items.length < 2) return ''
  const name = itemNamer(items)(items[at]!)
  const text = typeof name === 'string' ? name : canonical(name)
  return `${text.slice(0, 60)} (${at + 1} of ${items.length}): `
}

/** Says that a turn waits and does nothing, or that it goes on. */
export function tellQueue({ run, task, subject }: Turn, queued: boolean): void {
  run.options.emit({
    type: 'task-progress',
    at: run.options.clock.now(),
    play: run.index,
    task: task.id,
    host: subject.host.name,
    text: queued ? 'waits for its turn' : '',
    ...(queued ? { queued } : {}),
  })
}

/** Warns of something about a task; `plain` are the words without values. */
export function tellWarning({ run, task, subject }: Turn, trouble: Trouble): void {
  const { plain, ...diagnostic } = trouble
  run.options.emit({
    type: 'warning',
    at: run.options.clock.now(),
    diagnostic: {
      severity: 'warning',
      at: task.at,
      host: subject.host.name,
      ...diagnostic,
      ...(task.noLog ? { message: plain ?? hidden } : {}),
    },
  })
}

/** Notes that an apply is about to be sent. */
export function noteActing(
  { run, task, subject }: Turn,
  where: Where,
  actions: readonly string[],
): void {
  if (!run.options.note) return
  const on =
    'host' in where.endpoint
      ? { host: where.endpoint.host.name, user: where.become?.user ?? null }
      : null
  run.options.note({
    type: 'acting',
    at: run.options.clock.now(),
    play: run.index,
    task: task.id,
    host: subject.host.name,
    on,
    actions: task.noLog ? [hidden] : actions,
    notify: task.notify,
  })
}

/** Notes what a named action said, before anything is made of it. */
export function noteOutput({ run, task, subject }: Turn, name: string, output: SeenReading): void {
  run.options.note?.({
    type: 'action-output',
    at: run.options.clock.now(),
    play: run.index,
    task: task.id,
    host: subject.host.name,
    name,
    output: task.noLog ? hidden : (output as unknown as Value),
  })
}

/** Notes a register, as far as it is known. */
export function noteRegister(
  { note, clock }: RunOptions,
  play: number,
  task: Task,
  host: string,
  register: Register,
): void {
  if (!note || task.register === undefined) return
  try {
    note({
      type: 'registered',
      at: clock.now(),
      play,
      task: task.id,
      host,
      name: task.register,
      value: task.noLog ? hidden : (register() as Value),
    })
  } catch (error) {
    // A part that is not known (the rest of a loop that failed) is not a record.
    if (!(error instanceof Signal)) throw error
  }
}

/** Notes that a host owes handlers. */
export function noteOwed(
  { note, clock }: RunOptions,
  play: number,
  task: string,
  host: string,
  handlers: readonly string[],
): void {
  note?.({ type: 'notified', at: clock.now(), play, task, host, handlers })
}

/** What a plan keeps of a task; of a `no_log` task neither its identity nor its diff. */
export function plannedEntry(task: Task, entry: PlannedEntry): PlannedEntry {
  if (!task.noLog) return entry
  const { diff: _, ...rest } = entry
  return { ...rest, identity: {} }
}

/** An action as a plan keeps it: in canonical form, or of a `no_log` task its digest, which compares as well. */
export function keptAction(task: Task, action: Action): string {
  // As the file of a plan has it: what a host said may have made a secret a part of an action.
  const text = redact(canonical(action))
  return task.noLog ? createHash('sha256').update(text).digest('hex') : text
}

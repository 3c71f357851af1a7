import type { Apply } from '../model/session.ts'
import type { SeenReading } from '../contract/probe.ts'
import { Signal } from '../model/signal.ts'
import type { Task } from '../model/playbook.ts'
import type { Value } from '../contract/value.ts'
import { actionText } from './decide/repairs.ts'
import type { Turn } from './ask/until-known.ts'
import type { RunOptions } from './options.ts'
import type { Register } from './decide/scope.ts'
import type { Where } from './ask/where.ts'

const hidden = '(hidden by no_log)'

/** Notes that an apply is about to be sent. */
export function noteActing(
  { run, task, subject }: Turn,
  where: Where,
  { actions }: Pick<Apply, 'actions'>,
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
    actions: task.noLog ? [hidden] : actions.map(actionText),
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
    // A part that is not known (the rest of a loop that failed) is no record.
    if (!(error instanceof Signal)) throw error
  }
}

import type { Leaving } from '../../model/note.ts'
import type { Subject } from '../model.ts'
import {
  carryOver,
  createPass,
  giveWay,
  keptRegisters,
  tellPlay,
  type Pass,
  type PassOptions,
} from './pass.ts'
import { takeSteps } from './take-steps.ts'
import { takeHandlers } from './take-task.ts'

/** Takes hosts through a play, each at its own pace but where the play makes them meet. */
export async function runPass(given: PassOptions): Promise<ReadonlyMap<string, Leaving>> {
  const pass = createPass(given)
  tellPlay(pass)
  const ends = await Promise.all(
    pass.subjects.map(async (subject) => {
      const how = await takeHost(pass, subject)
      await leaveConnection(pass, subject, how)
      return [subject.host.name, how] as const
    }),
  )
  // The end of a play is a barrier.
  given.store.voidAll()
  tellEnd(pass)
  return new Map(ends)
}

/** Takes a host through the tasks of a play and the handlers that it owes. Its connection stays open. */
export async function takeHost(pass: Pass, subject: Subject): Promise<Leaving> {
  const { options, index, meeting, pending, paying, steps } = pass
  const { host } = subject
  carryOver(pass, subject)
  const left = await takeSteps(pass, subject, steps, { rest: () => [], caught: false })
  // What was changed owes its handlers also when a later task failed: the next run would find nothing to notify.
  const owed = left === 'unreachable' ? 'done' : await takeHandlers(pass, subject, false)
  const how = left === 'done' ? owed : left
  pass.ended.push(how)
  if (!paying)
    options.note?.({
      type: 'host-left',
      at: options.clock.now(),
      play: index,
      host: host.name,
      how,
    })
  pending.set(host.name, {
    changes: subject.pending,
    boot: subject.boot,
    registers: keptRegisters(pass, subject),
  })
  meeting.leave(subject)
  return how
}

/** Leaves the place among the forks to a host that waits for one. */
export async function leaveConnection(pass: Pass, subject: Subject, how: Leaving): Promise<void> {
  // The connection of a host that is gone ends when it can: nothing waits for the goodbye of the dead.
  if (how === 'unreachable') void giveWay(pass, subject).catch(() => undefined)
  else await giveWay(pass, subject)
  pass.slots.give(subject.host.name)
}

/** Tells that every host is done with a play. */
export function tellEnd({ options, index }: Pass): void {
  options.emit({ type: 'play-ended', at: options.clock.now(), play: index })
}

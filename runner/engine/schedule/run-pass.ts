import type { Leaving } from '../../model/note.ts'
import type { Subject } from '../model.ts'
import { createPass, giveWay, tellPlay, type Pass, type PassOptions } from './pass.ts'
import { takeSteps } from './take-steps.ts'
import { takeHandlers } from './take-task.ts'

/** Takes hosts through a play, each at its own pace but where the play makes them meet. */
export async function runPass(given: PassOptions): Promise<ReadonlyMap<string, Leaving>> {
  const { options, index, store } = given
  const pass = createPass(given)
  tellPlay(pass)
  const ends = await Promise.all(
    pass.subjects.map(
      async (subject) => [subject.host.name, await runHost(pass, subject)] as const,
    ),
  )
  // The end of a play is a barrier.
  store.voidAll()
  options.emit({ type: 'play-ended', at: options.clock.now(), play: index })
  return new Map(ends)
}

async function runHost(pass: Pass, subject: Subject): Promise<Leaving> {
  const { options, index, meeting, slots, pending, paying, steps } = pass
  const { host } = subject
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
  pending.set(host.name, { changes: subject.pending, boot: subject.boot })
  meeting.leave(subject)
  await giveWay(pass, subject)
  slots.give(host.name)
  return how
}

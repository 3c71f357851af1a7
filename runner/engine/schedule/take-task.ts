import type { OutcomeEvent } from '../../model/event.ts'
import type { Leaving } from '../../model/note.ts'
import { outcomeTable } from '../../model/outcome.ts'
import type { Task } from '../../model/playbook.ts'
import { skippedRegister } from '../decide/register.ts'
import type { Result, Subject } from '../model.ts'
import { labelOf, noteOwed, noteRegister, outcomeEvent } from '../tell.ts'
import { isStopped, resting, type Pass } from './pass.ts'
import { previewOf } from './preview.ts'
import { takeTurn } from './turn.ts'

/** Where a task stands for a host: what comes behind it, and whether a block around it rescues its failure. */
export interface Standing {
  readonly rest: () => Iterable<Task>
  readonly caught: boolean
}

/** How a task's turn went, beside its result. */
interface Ended extends Standing {
  readonly began: number
  readonly basis: OutcomeEvent['basis']
  /** Whether this host ran it, and does not only hear of it. */
  readonly isOwner: boolean
}

/** Takes a host through one task, with the meetings and the handlers that come before it. */
export async function takeTask(
  pass: Pass,
  subject: Subject,
  task: Task,
  standing: Standing,
): Promise<Leaving> {
  if (isStopped(pass)) return 'stopped'
  const isMeeting = pass.linear || task.barrier || task.verb === 'confirm'
  if (task.flushHandlers && subject.notified.size > 0) {
    const left = await takeHandlers(pass, subject, standing.caught)
    if (left !== 'done') return left
  }
  if (isMeeting) {
    await resting(pass, subject, () => pass.meeting.arrive(subject, task))
    if (isStopped(pass)) return 'stopped'
  }
  return task.runOnce || task.verb === 'confirm'
    ? takeTogether(pass, subject, task, standing)
    : takeAlone(pass, subject, task, standing)
}

/** Pays the handlers that a host owes, in the order of the play. */
export async function takeHandlers(
  pass: Pass,
  subject: Subject,
  caught: boolean,
): Promise<Leaving> {
  const { handlers } = pass.play
  for (const [i, handler] of handlers.entries()) {
    // Off the list before it runs: what failed once is not tried again at the end of the play.
    if (!subject.notified.delete(handler.sentence)) continue
    if (isStopped(pass)) return 'stopped'
    const rest = (): Iterable<Task> =>
      handlers.slice(i + 1).filter((each) => subject.notified.has(each.sentence))
    const left = await takeAlone(pass, subject, handler, { rest, caught })
    // Where a rescue follows, the host goes on, and still owes it at the end of the play.
    if (left === 'failed' && caught) subject.notified.add(handler.sentence)
    if (left !== 'done') return left
  }
  return 'done'
}

async function takeTogether(
  pass: Pass,
  subject: Subject,
  task: Task,
  standing: Standing,
): Promise<Leaving> {
  const began = begin(pass, subject)
  const { result, isOwner } = await resting(pass, subject, (goOn) =>
    pass.meeting.once(subject, task, async () => {
      await goOn()
      return take(pass, subject, task, standing)
    }),
  )
  return conclude(pass, subject, task, result, { ...standing, ...began, isOwner })
}

async function takeAlone(
  pass: Pass,
  subject: Subject,
  task: Task,
  standing: Standing,
): Promise<Leaving> {
  const began = begin(pass, subject)
  const result = await take(pass, subject, task, standing)
  return conclude(pass, subject, task, result, { ...standing, ...began, isOwner: true })
}

function begin({ options }: Pass, subject: Subject): Pick<Ended, 'began' | 'basis'> {
  subject.queued = 0
  return {
    began: options.clock.now(),
    basis: subject.pending.length === 0 ? 'known' : 'as read now',
  }
}

async function take(pass: Pass, subject: Subject, task: Task, { rest }: Standing): Promise<Result> {
  const { options, run, index } = pass
  const { emit, clock } = options
  // A task that asks a person itself is not asked about.
  if (options.step && task.verb !== 'confirm' && !(await isWanted(pass, subject, task)))
    return isStopped(pass) ? notBegun : leftOut
  emit({
    type: 'task-started',
    at: clock.now(),
    play: index,
    task: task.id,
    host: subject.host.name,
    doing: task.sentence,
  })
  return takeTurn(run, subject, task, rest)
}

/** Asks a person once for all hosts of a task. The hosts rest meanwhile: what the plan reads of one needs a place. */
async function isWanted(pass: Pass, subject: Subject, task: Task): Promise<boolean> {
  const { agreed, options, index } = pass
  const ask = async (): Promise<boolean> => {
    const outcomes = await previewOf(pass, subjectsOf(pass, subject, task), task)
    const isHandler = pass.play.handlers.includes(task)
    return options.step!({ task: labelOf(task, isHandler), play: index, outcomes })
  }
  return resting(pass, subject, () => {
    const answer = agreed.get(task.id) ?? ask()
    agreed.set(task.id, answer)
    return answer
  })
}

/** The hosts for which a task will run when this one comes to it. */
function subjectsOf(
  { play, meeting, subjects }: Pass,
  subject: Subject,
  task: Task,
): readonly Subject[] {
  if (task.runOnce) return [subject]
  if (play.handlers.includes(task))
    return subjects.filter((each) => each === subject || each.notified.has(task.sentence))
  return meeting.present()
}

const leftOut: Result = {
  outcome: 'skipped',
  reason: 'left out by the person who was asked',
  register: () => skippedRegister(),
  notify: false,
}

const notBegun: Result = { ...leftOut, notBegun: true }

/** Tells how a task ended, and keeps what matters later. */
function conclude(pass: Pass, subject: Subject, task: Task, result: Result, ended: Ended): Leaving {
  const { options, index } = pass
  const host = subject.host.name
  // A task that did not begin before the run ended is not reported.
  if (result.notBegun) return 'stopped'
  if (result.outcome === 'changed' || result.notify) pass.changed = true
  if (task.register !== undefined) keepRegister(pass, subject, task, task.register, result)
  noteRegister(options, index, task, host, result.register)
  if (options.mode === 'plan' && outcomeTable[result.outcome].pending)
    subject.pending.push({ sentence: task.sentence, about: result.about ?? new Set() })
  if (ended.isOwner && result.notify && task.notify.length > 0) {
    for (const name of task.notify) subject.notified.add(name)
    // Before the outcome: a log that ends between the two must not have lost them.
    noteOwed(options, index, task.id, host, task.notify)
  }
  const ignored = task.ignoreErrors && result.outcome === 'failed' && result.mayIgnore === true
  const rescued = ended.caught && !ignored && result.outcome === 'failed'
  const { leaves } = outcomeTable[result.outcome]
  if (ended.isOwner || leaves !== null) {
    const { outcome } = result
    options.emit(toldOutcome(pass, subject, task, result, { ...ended, ignored, rescued }))
    pass.count({ outcome, host, ignored, rescued })
  }
  return leaves === null || ignored ? 'done' : leaves
}

/** A register is its host's in all plays from here on; that of `run_once` belongs to every host, also to those that are not here. */
function keepRegister(
  { shared, pending, meeting }: Pass,
  subject: Subject,
  task: Task,
  name: string,
  { register }: Result,
): void {
  subject.registers.set(name, register)
  if (!task.runOnce && task.verb !== 'confirm') return
  // One result serves all hosts: the first of them brings it to those that are not here.
  if (shared.get(name) === register) return
  shared.set(name, register)
  const here = new Set(meeting.present().map(({ host }) => host.name))
  for (const [host, { registers }] of pending) if (!here.has(host)) registers.set(name, register)
}

function toldOutcome(
  { options, index }: Pass,
  { host, queued }: Subject,
  task: Task,
  result: Result,
  {
    began,
    basis,
    ignored,
    rescued,
  }: Ended & { readonly ignored: boolean; readonly rescued: boolean },
): OutcomeEvent {
  const at = options.clock.now()
  return outcomeEvent(task, host.name, result, {
    at,
    play: index,
    basis,
    seconds: (at - began - queued) / 1000,
    ...(queued > 0 ? { queued: queued / 1000 } : {}),
    ignored,
    rescued,
  })
}

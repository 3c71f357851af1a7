import type { Counted } from '../../model/tally.ts'
import { tasksOf, type Block, type Play, type Step, type Task } from '../../model/playbook.ts'
import type { OutcomeEvent } from '../../model/event.ts'
import type { Host } from '../../model/host.ts'
import type { Leaving } from '../../model/note.ts'
import { asking } from '../ask/until-known.ts'
import { skippedRegister } from '../decide/register.ts'
import { createSubject } from '../decide/scope.ts'
import type { Hub, PlayRun, ReadingStore, Result, RunOptions, Subject } from '../model.ts'
import { labelOf, noteOwed, noteRegister, outcomeEvent, unsaidRegisters } from '../tell.ts'
import { createMeeting } from './barriers.ts'
import { createSlots } from './forks.ts'
import { overBudget } from './rolling.ts'
import { takeTurn } from './turn.ts'

/** What plans carry from play to play: the pending change and boot of each host. */
export interface Pending {
  readonly change: string | null
  readonly boot: string | null
}

/** What a pass through a play needs and tells. */
export interface PassOptions {
  readonly options: RunOptions
  readonly play: Play
  readonly index: number
  readonly hosts: readonly Host[]
  /** Handlers that a host owes from an earlier run. */
  readonly owed: (host: string) => readonly string[]
  /** Only what is owed is done: that says nothing about the play. */
  readonly paying: boolean
  readonly hub: Hub
  readonly store: ReadingStore
  readonly selected: (task: Task) => boolean
  readonly pending: Map<string, Pending>
  readonly count: (outcome: Counted) => void
}

/** How a task's turn went, beside what came of it. */
interface Ended {
  readonly began: number
  readonly basis: OutcomeEvent['basis']
  readonly caught: boolean
  /** Whether this host ran it, and does not only hear of it. */
  readonly isOwner: boolean
}

/** Takes hosts through a play, each at its own pace but where the play makes them meet. */
export async function runPass(pass: PassOptions): Promise<ReadonlyMap<string, Leaving>> {
  const { options, play, index, hosts } = pass
  const { clock, emit } = options
  const steps = withConditions(play.tasks)
  const registers = [...tasksOf(steps)].flatMap((task) => task.register ?? [])
  const unsaid = unsaidRegisters(tasksOf(steps))
  const subjects = hosts.map((host) =>
    Object.assign(
      createSubject(host, play, options.playbook, options.inventory, registers, unsaid),
      {
        pending: pass.pending.get(host.name)?.change ?? null,
        boot: pass.pending.get(host.name)?.boot ?? null,
      },
    ),
  )
  for (const subject of subjects)
    for (const name of pass.owed(subject.host.name)) subject.notified.add(name)
  let changedSinceMeeting = false
  const meeting = createMeeting(subjects, tasksOf(steps), (task) => {
    // A barrier is where others may act. `linear` alone invites nobody: there only what this run changed counts.
    if (task.barrier || task.verb === 'confirm' || changedSinceMeeting) pass.store.voidAll()
    changedSinceMeeting = false
  })
  const slots = createSlots(options.forks)
  const own = (subject: Subject): string => subject.host.name
  const run: PlayRun = {
    options,
    index,
    hub: pass.hub,
    store: pass.store,
    asking,
    subjects,
    unreachableAhead: new Set(),
    once: meeting.peek,
    present: meeting.present,
    admit: (subject) => slots.take(own(subject)),
    tryAdmit: (subject) => slots.tryTake(own(subject)),
  }
  const linear =
    play.strategy === 'linear' ||
    play.maxFailPercentage !== undefined ||
    play.maxUnreachable !== undefined ||
    options.step !== undefined
  const agreed = new Map<string, Promise<boolean>>()
  const ended: Leaving[] = []
  const isStopped = (): boolean =>
    options.drain?.aborted === true || overBudget(play, ended, hosts.length) !== null

  emit({
    type: 'play-started',
    at: clock.now(),
    play: index,
    name: play.name,
    hosts: hosts.map((host) => host.name),
    tasks: [
      ...[...tasksOf(steps)].filter(pass.selected).map((task) => labelOf(task, false)),
      ...play.handlers.map((task) => labelOf(task, true)),
    ],
  })

  async function giveWay(subject: Subject): Promise<void> {
    if (!slots.wanted()) return
    await options.connections.release(subject.host)
    pass.store.void([], `host ${subject.host.name}`)
    slots.give(own(subject))
  }

  async function runTask(
    subject: Subject,
    task: Task,
    rest: () => Iterable<Task>,
    caught: boolean,
  ): Promise<Leaving> {
    if (isStopped()) return 'stopped'
    const isMeeting = linear || task.barrier || task.verb === 'confirm'
    if (isMeeting || task.flushHandlers) {
      const left = await comeTo(subject, task, isMeeting, caught)
      if (left !== 'done') return left
    }
    if (task.runOnce || task.verb === 'confirm') return runTogether(subject, task, rest, caught)
    return runAlone(subject, task, rest, caught)
  }

  /** What comes before a task that is no task like any other: handlers that are owed, and the other hosts. */
  async function comeTo(
    subject: Subject,
    task: Task,
    isMeeting: boolean,
    caught: boolean,
  ): Promise<Leaving> {
    if (task.flushHandlers && subject.notified.size > 0) {
      const left = await runHandlers(subject, caught)
      if (left !== 'done') return left
    }
    if (!isMeeting) return 'done'
    await giveWay(subject)
    await meeting.arrive(subject, task)
    return isStopped() ? 'stopped' : 'done'
  }

  async function runTogether(
    subject: Subject,
    task: Task,
    rest: () => Iterable<Task>,
    caught: boolean,
  ): Promise<Leaving> {
    const began = begin(subject)
    const { result, isOwner } = await meeting.once(subject, task, () => take(subject, task, rest))
    return settle(subject, task, result, { ...began, caught, isOwner })
  }

  async function runAlone(
    subject: Subject,
    task: Task,
    rest: () => Iterable<Task>,
    caught: boolean,
  ): Promise<Leaving> {
    const began = begin(subject)
    return settle(subject, task, await take(subject, task, rest), {
      ...began,
      caught,
      isOwner: true,
    })
  }

  function begin(subject: Subject): Pick<Ended, 'began' | 'basis'> {
    return { began: clock.now(), basis: subject.pending === null ? 'known' : 'as read now' }
  }

  function take(subject: Subject, task: Task, rest: () => Iterable<Task>): Promise<Result> {
    return options.step
      ? takeIfAgreed(subject, task, rest, options.step)
      : takeNow(subject, task, rest)
  }

  async function takeIfAgreed(
    subject: Subject,
    task: Task,
    rest: () => Iterable<Task>,
    ask: NonNullable<RunOptions['step']>,
  ): Promise<Result> {
    if (!agreed.has(task.id)) agreed.set(task.id, ask(task))
    if (await agreed.get(task.id)) return takeNow(subject, task, rest)
    return {
      outcome: 'skipped',
      reason: 'left out by whoever was asked',
      register: () => skippedRegister(),
      notify: false,
    }
  }

  function takeNow(subject: Subject, task: Task, rest: () => Iterable<Task>): Promise<Result> {
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

  /** Tells what came of a task, and to whom it matters later. */
  function settle(
    subject: Subject,
    task: Task,
    result: Result,
    { began, basis, caught, isOwner }: Ended,
  ): Leaving {
    if (result.outcome === 'changed' || result.notify) changedSinceMeeting = true
    if (task.register !== undefined) subject.registers.set(task.register, result.register)
    noteRegister(options, index, task, subject.host.name, result.register)
    if (
      options.mode === 'plan' &&
      (result.outcome === 'would change' || result.outcome === 'unknown')
    )
      subject.pending ??= task.sentence
    if (isOwner && result.notify && task.notify.length > 0) {
      for (const name of task.notify) subject.notified.add(name)
      // Before the outcome: a log that ends between the two must not have lost them.
      noteOwed(options, index, task.id, subject.host.name, task.notify)
    }
    const ignored = task.ignoreErrors && result.outcome === 'failed' && result.mayIgnore === true
    const rescued = caught && !ignored && result.outcome === 'failed'
    if (isOwner || result.outcome === 'failed' || result.outcome === 'unreachable') {
      emit(
        outcomeEvent(task, subject.host.name, result, {
          at: clock.now(),
          play: index,
          basis,
          seconds: (clock.now() - began) / 1000,
          ignored,
          rescued,
        }),
      )
      pass.count({ outcome: result.outcome, host: subject.host.name, ignored, rescued })
    }
    if (result.outcome === 'unreachable') return 'unreachable'
    return result.outcome === 'failed' && !ignored ? 'failed' : 'done'
  }

  /** `caught`: what fails here is rescued by a block around it. */
  async function runSteps(
    subject: Subject,
    list: readonly Step[],
    after: () => Iterable<Task>,
    caught: boolean,
  ): Promise<Leaving> {
    for (let i = 0; i < list.length; i++) {
      const step = list[i]!
      if (step.kind === 'task' && !pass.selected(step)) continue
      const rest = (): Iterable<Task> => behind(list, i + 1, after)
      const left =
        step.kind === 'block'
          ? await runBlock(subject, step, rest, caught)
          : await runTask(subject, step, rest, caught)
      if (left !== 'done') return left
    }
    return 'done'
  }

  function* behind(
    list: readonly Step[],
    from: number,
    after: () => Iterable<Task>,
  ): Generator<Task> {
    for (const task of mainLine(list, from)) if (pass.selected(task)) yield task
    yield* after()
  }

  async function runBlock(
    subject: Subject,
    block: Block,
    rest: () => Iterable<Task>,
    caught: boolean,
  ): Promise<Leaving> {
    const always = function* (): Generator<Task> {
      yield* mainLine(block.always)
      yield* rest()
    }
    // A rescue that tags leave nothing of rescues nothing.
    const rescues = [...tasksOf(block.rescue)].some(pass.selected)
    let left = await runSteps(subject, block.block, always, caught || rescues)
    if (left === 'failed' && rescues) left = await runSteps(subject, block.rescue, always, caught)
    if (left === 'unreachable' || left === 'stopped') return left
    const last = await runSteps(subject, block.always, rest, caught)
    return last === 'done' ? left : last
  }

  async function runHandlers(subject: Subject, caught: boolean): Promise<Leaving> {
    for (const [i, handler] of play.handlers.entries()) {
      // Off the list before it runs: what failed once is not tried again at the end of the play.
      if (!subject.notified.delete(handler.sentence)) continue
      const rest = (): Iterable<Task> =>
        play.handlers.slice(i + 1).filter((each) => subject.notified.has(each.sentence))
      const left = isStopped() ? 'stopped' : await runAlone(subject, handler, rest, caught)
      if (left !== 'done') return left
    }
    return 'done'
  }

  async function runHost(subject: Subject): Promise<Leaving> {
    const left = await runSteps(subject, steps, () => [], false)
    // What was changed owes its handlers also when a later task failed: the next run would find nothing to notify.
    const owed = left === 'unreachable' ? 'done' : await runHandlers(subject, false)
    const end = left === 'done' ? owed : left
    ended.push(end)
    if (!pass.paying)
      options.note?.({
        type: 'host-left',
        at: clock.now(),
        play: index,
        host: subject.host.name,
        how: end,
      })
    pass.pending.set(subject.host.name, { change: subject.pending, boot: subject.boot })
    meeting.leave(subject)
    await giveWay(subject)
    slots.give(own(subject))
    return end
  }

  const ends = await Promise.all(
    subjects.map(async (subject) => [subject.host.name, await runHost(subject)] as const),
  )
  // The end of a play is a barrier.
  pass.store.voidAll()
  emit({ type: 'play-ended', at: clock.now(), play: index })
  return new Map(ends)
}

/** The tasks in order as they run when nothing fails, from a place on. */
function* mainLine(steps: readonly Step[], from = 0): Generator<Task> {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    if (step.kind === 'task') yield step
    else {
      yield* mainLine(step.block)
      yield* mainLine(step.always)
    }
  }
}

/** The steps with each block's conditions in front of its tasks' own. */
function withConditions(steps: readonly Step[], when: Task['when'] = []): readonly Step[] {
  return steps.map((step) => {
    if (step.kind === 'task')
      return when.length === 0 ? step : { ...step, when: [...when, ...step.when] }
    const inner = [...when, ...step.when]
    return {
      ...step,
      when: [],
      block: withConditions(step.block, inner),
      rescue: withConditions(step.rescue, inner),
      always: withConditions(step.always, inner),
    }
  })
}

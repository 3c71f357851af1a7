import { tasksOf, type Play, type Playbook, type Step, type Task } from '../../model/playbook.ts'
import type { Counted } from '../../model/tally.ts'
import type { PassLabel } from '../../model/event.ts'
import type { Host } from '../../model/host.ts'
import type { Leaving } from '../../model/note.ts'
import { asking } from '../ask/until-known.ts'
import { isEnding } from '../decide/drain.ts'
import { createSubject, type SeenRegisters } from '../decide/scope.ts'
import type {
  Hub,
  PendingChange,
  PlayRun,
  ReadingStore,
  Register,
  RunOptions,
  Subject,
  Turn,
} from '../model.ts'
import { labelOf, tellHowFar, tellQueue, unsaidRegisters } from '../tell.ts'
import { createMeeting, type Meeting } from './barriers.ts'
import { createSlots, type Slots } from './forks.ts'
import { overBudget } from './rolling.ts'

/** What a host carries from play to play: its registers, and in a plan the changes and the boot that are pending. */
export interface Pending {
  readonly changes: PendingChange[]
  readonly boot: string | null
  readonly registers: Map<string, Register>
}

/** What a pass through a play needs and tells. */
export interface PassOptions {
  readonly options: RunOptions
  readonly play: Play
  readonly index: number
  readonly hosts: readonly Host[]
  /** Of a rolling play: which pass this is. */
  readonly pass?: PassLabel
  /** Handlers that a host owes from an earlier run. */
  readonly owed: (host: string) => readonly string[]
  /** Only what is owed is done: that says nothing about the play. */
  readonly paying: boolean
  readonly hub: Hub
  readonly store: ReadingStore
  readonly selected: (task: Task) => boolean
  readonly pending: Map<string, Pending>
  /** The registers of `run_once` tasks: they are for all hosts, also those of later plays. */
  readonly shared: Map<string, Register>
  readonly count: (outcome: Counted) => void
  /** The places that it shares with other passes; absent: it has its own. */
  readonly slots?: Slots
}

/** A pass on its way: what its hosts share. */
export interface Pass extends PassOptions {
  /** The tasks, each with the conditions of the blocks around it. */
  readonly steps: readonly Step[]
  readonly subjects: readonly Subject[]
  readonly run: PlayRun
  readonly meeting: Meeting
  readonly slots: Slots
  /** All hosts meet before each task. */
  readonly linear: boolean
  /** The answers to `--step`, by task. */
  readonly agreed: Map<string, Promise<boolean>>
  /** How hosts have left so far. */
  readonly ended: Leaving[]
  /** Something was changed since hosts last met. */
  changed: boolean
}

/** Makes ready for a pass. */
export function createPass(given: PassOptions): Pass {
  const { options, play, store } = given
  const steps = withConditions(play.tasks)
  const subjects = subjectsOf(given, steps)
  const meeting = createMeeting(subjects, tasksOf(steps), (task) => {
    // At a barrier, other programs may act on the host. `linear` alone is not such a point: there only changes of this run count.
    if (task.barrier || task.verb === 'confirm' || pass.changed) store.voidAll()
    pass.changed = false
  })
  const slots = given.slots ?? createSlots(options.forks, options)
  const run: PlayRun = {
    options,
    index: given.index,
    hub: given.hub,
    store,
    asking,
    subjects,
    ...(given.pass ? { pass: given.pass } : {}),
    unreachableAhead: new Set(),
    once: (task) => meeting.peek(task),
    present: () => meeting.present(),
    admit: ({ host }) => slots.take(host.name),
    tryAdmit: ({ host }) => slots.tryTake(host.name),
    inQueue,
    howFar: tellHowFar,
  }
  const pass: Pass = {
    ...given,
    steps,
    subjects,
    run,
    meeting,
    slots,
    linear:
      play.strategy === 'linear' ||
      play.maxFailPercentage !== undefined ||
      play.maxUnreachable !== undefined ||
      options.step !== undefined,
    agreed: new Map(),
    ended: [],
    changed: false,
  }
  return pass
}

/** Waits in the name of a turn: says so, and counts that time apart from its work. */
async function inQueue<T>(turn: Turn, wait: () => Promise<T>): Promise<T> {
  const { clock } = turn.run.options
  const since = clock.now()
  tellQueue(turn, true)
  try {
    return await wait()
  } finally {
    turn.subject.queued += clock.now() - since
    tellQueue(turn, false)
  }
}

function subjectsOf(
  { options, play, hosts, owed }: PassOptions,
  steps: readonly Step[],
): readonly Subject[] {
  const { playbook, inventory } = options
  const registers = registersSeen(playbook, play, steps)
  return hosts.map((host) => {
    const subject = createSubject(host, play, playbook, inventory, registers, options.started)
    for (const name of owed(host.name)) subject.notified.add(name)
    return subject
  })
}

/** The registers of a play and of those before it that it may read. */
function registersSeen(playbook: Playbook, play: Play, steps: readonly Step[]): SeenRegisters {
  const own = [...tasksOf(steps)].flatMap((task) => task.register ?? [])
  const all = playbook.plays.flatMap((each) =>
    [...tasksOf(each.tasks)].map((task) => ({ task, play: each })),
  )
  const setBy = new Map(
    all.flatMap(({ task, play: of }): [string, string][] =>
      task.register === undefined
        ? []
        : [
            [
              task.register,
              `"${task.sentence}"${of.name === play.name ? '' : ` of the play "${of.name}"`}`,
            ],
          ],
    ),
  )
  const unsaid = unsaidRegisters(all.map(({ task }) => task))
  return { names: [...new Set([...own, ...(play.inherits ?? [])])], setBy, unsaid }
}

/** The registers of a host that later plays read. */
export function keptRegisters(
  { options: { playbook }, index }: Pass,
  { registers }: Subject,
): Map<string, Register> {
  const read = new Set(playbook.plays.slice(index + 1).flatMap((play) => play.inherits ?? []))
  return new Map([...registers].filter(([name]) => read.has(name)))
}

/** Brings to a host what it carries from the play before. */
export function carryOver({ pending, shared }: Pass, subject: Subject): void {
  const carried = pending.get(subject.host.name)
  subject.pending.push(...(carried?.changes ?? []))
  subject.boot = carried?.boot ?? null
  for (const [name, register] of carried?.registers ?? shared) subject.registers.set(name, register)
}

/** Whether no new task begins: the run ends early, or too many hosts failed. */
export function isStopped({ options, play, ended, hosts }: Pass): boolean {
  return isEnding(options) || overBudget(play, ended, hosts.length) !== null
}

/** Gives a host's place among the forks to one that waits for it. */
export async function giveWay({ slots, options, store }: Pass, { host }: Subject): Promise<void> {
  if (!slots.wanted()) return
  await options.connections.release(host)
  store.void([], `host ${host.name}`)
  slots.give(host.name)
}

/**
 * Lets a host wait for others. Its place is for one that wants it, now or later: else hosts that wait here with all the places
 * would wait for one that waits for a place. `goOn` ends that, for a host that goes on before the wait is over.
 */
export async function resting<T>(
  pass: Pass,
  subject: Subject,
  wait: (goOn: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let leaving = Promise.resolve()
  const end = pass.slots.rest(subject.host.name, () => void (leaving = giveWay(pass, subject)))
  const goOn = (): Promise<void> => {
    end()
    return leaving
  }
  try {
    return await wait(goOn)
  } finally {
    await goOn()
  }
}

/** Tells which hosts come, and to which tasks. */
export function tellPlay({ options, play, index, meeting, steps, selected, pass }: Pass): void {
  options.emit({
    type: 'play-started',
    at: options.clock.now(),
    play: index,
    name: play.name,
    hosts: meeting.present().map(({ host }) => host.name),
    tasks: [
      ...[...tasksOf(steps)].filter(selected).map((task) => labelOf(task, false)),
      ...play.handlers.map((task) => labelOf(task, true)),
    ],
    ...(pass ? { pass } : {}),
  })
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

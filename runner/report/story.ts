import type { Diagnostic } from '../model/diagnostic.ts'
import type {
  ChangeLabel,
  Event,
  OutcomeEvent,
  PassLabel,
  TaskLabel,
  Units,
} from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { AnyDiff } from '../contract/state.ts'
import { canonical, type Value } from '../contract/value.ts'
import { createPlaces, type Places } from './geometry.ts'
import { anyAddress, anyHost } from './kinds.ts'

/** Hosts to which the same happened in one task, and what it was. */
export interface Group {
  readonly outcome: Outcome
  readonly reason: string | undefined
  /** Why a failure does not count as one of the host. */
  readonly spared: '' | 'ignored' | 'rescued'
  readonly asReadNow: boolean
  readonly changes: readonly ChangeLabel[]
  readonly diff: AnyDiff | undefined
  readonly units: Units | undefined
  readonly error: Diagnostic | undefined
  readonly shown: Value | undefined
  readonly said: OutcomeEvent['said']
  readonly items: OutcomeEvent['items']
  readonly hosts: string[]
}

/** A host that is at a task. */
export interface AtWork {
  /** How far it is, in words; empty where nothing is known. */
  readonly text: string
  /** It waits for its turn, and does nothing yet. */
  readonly queued: boolean
  /** When it came to the task, or when its turn came. */
  readonly since: number
}

/** One task of a play, as far as it has come. */
export interface TaskStory {
  readonly label: TaskLabel
  readonly index: number
  /** The place of each host of the play, so that groups do not stand in the order of arrival. */
  readonly order: ReadonlyMap<string, number>
  readonly groups: Map<string, Group>
  /** Hosts at it now. */
  readonly running: Map<string, AtWork>
  /** Hosts that are past it. */
  passed: number
  began: number | null
}

/** One play (or one pass of a rolling play). */
export interface PlayStory {
  readonly play: number
  readonly name: string
  readonly hosts: number
  /** Of a rolling play: which pass of it this is. */
  readonly pass: PassLabel | undefined
  /** Names hosts of this play by where they are. */
  readonly placeOf: Places
  readonly began: number
  readonly tasks: readonly TaskStory[]
  readonly byId: ReadonlyMap<string, TaskStory>
  readonly order: ReadonlyMap<string, number>
  /** Of each host, the index of the first task that it is not past. */
  readonly reached: Map<string, number>
  /** Tasks before this one have been reported. */
  next: number
  done: number
  ended: boolean
}

/** What a report is called for, in the order of the playbook: a task is reported when every host is past it. */
export interface Teller {
  play(play: PlayStory): void
  /** A task's groups; they are forgotten afterwards. Later outcomes, such as those of a rescue, come in another call. */
  task(play: PlayStory, task: TaskStory): void
  /** The first failure of its kind in a task, at once. */
  failure?(play: PlayStory, task: TaskStory, event: OutcomeEvent): void
  playEnded(play: PlayStory): void
}

/** Past this many different groups in one task, the rest is one group for each outcome: what is shown is fewer. */
const groupsKept = 2000

/**
 * Turns events, which come host by host in any order, into the story of tasks. With `diffs`, hosts that differ in another way are
 * separate groups. Where hosts are in several plays at once, the story tells these one after the other, and failures at once.
 */
export function createStory(
  teller: Teller,
  options: { readonly diffs: boolean; readonly said?: (task: TaskStory) => boolean },
): { hear(event: Event): void; current(): PlayStory | null } {
  /** The plays that have begun, in this order; the story is at the first of them. */
  const plays: PlayStory[] = []

  function hear(event: Event): void {
    if (event.type === 'play-started') {
      const play = begin(event)
      plays.push(play)
      if (plays.length === 1) teller.play(play)
      return
    }
    if (event.type === 'play-ended') return endPlay(event.play)
    if (event.type !== 'task-started' && event.type !== 'task-progress' && event.type !== 'outcome')
      return
    const play = plays.find((each) => each.play === event.play)
    const task = play?.byId.get(event.task)
    if (!play || !task) return
    if (event.type === 'task-progress') {
      const held = task.running.get(event.host)
      if (held) task.running.set(event.host, progressed(held, event))
      return
    }
    if (event.type === 'task-started') {
      pass(play, event.host, task.index)
      task.running.set(event.host, { text: '', queued: false, since: event.at })
      task.began ??= event.at
    } else conclude(play, task, event)
    if (play !== plays[0]) return
    if (task.index < play.next && task.running.size === 0) tell(teller, play, task)
    advance(teller, play)
  }

  function conclude(play: PlayStory, task: TaskStory, event: OutcomeEvent): void {
    task.running.delete(event.host)
    const isNew = group(task, event, options.diffs, options.said?.(task) === true)
    if (isNew && event.error && teller.failure) teller.failure(play, task, event)
    const isOut =
      event.outcome === 'unreachable' || (event.outcome === 'failed' && sparedBy(event) === '')
    if (!isOut) return pass(play, event.host, task.index + 1)
    // It comes to no later play either.
    for (const each of plays.slice(plays.indexOf(play)))
      if (each === play || each.order.has(event.host)) pass(each, event.host, each.tasks.length)
  }

  function endPlay(index: number): void {
    const ending = plays.find((each) => each.play === index)
    if (!ending) return
    ending.ended = true
    while (plays[0]?.ended) {
      const [play] = plays
      for (const task of play!.tasks) tell(teller, play!, task)
      teller.playEnded(play!)
      plays.shift()
      const [next] = plays
      if (!next) return
      teller.play(next)
      advance(teller, next)
    }
  }

  return { hear, current: () => plays[0] ?? null }
}

function tell(teller: Teller, of: PlayStory, task: TaskStory): void {
  if (task.groups.size === 0) return
  teller.task(of, task)
  task.groups.clear()
}

/** Tells the tasks that all hosts have passed, in the order of the play. */
function advance(teller: Teller, of: PlayStory): void {
  while (of.next < of.tasks.length) {
    const task = of.tasks[of.next]!
    if (task.passed < of.hosts || task.running.size > 0) return
    of.next++
    tell(teller, of, task)
  }
}

function begin(event: Event & { type: 'play-started' }): PlayStory {
  const order = new Map(event.hosts.map((host, at) => [host, at]))
  const tasks = event.tasks.map((label, index): TaskStory => ({
    label,
    index,
    order,
    groups: new Map(),
    running: new Map(),
    passed: 0,
    began: null,
  }))
  return {
    play: event.play,
    name: event.name,
    hosts: event.hosts.length,
    pass: event.pass,
    placeOf: createPlaces(event.hosts),
    began: event.at,
    tasks,
    byId: new Map(tasks.map((task) => [task.label.id, task])),
    order,
    reached: new Map(),
    next: 0,
    done: 0,
    ended: false,
  }
}

function progressed(
  held: AtWork,
  { text, queued: waits, at }: Extract<Event, { type: 'task-progress' }>,
): AtWork {
  const queued = waits === true
  return { text, queued, since: held.queued && !queued ? at : held.since }
}

/** Moves a host on: every task before `to` is behind it. */
function pass(play: PlayStory, host: string, to: number): void {
  const from = play.reached.get(host) ?? 0
  for (let i = from; i < to; i++) play.tasks[i]!.passed++
  if (to <= from) return
  play.reached.set(host, to)
  if (to === play.tasks.length) play.done++
}

function sparedBy(event: OutcomeEvent): Group['spared'] {
  if (event.ignored === true) return 'ignored'
  return event.rescued === true ? 'rescued' : ''
}

/** Adds an outcome to its group; true when it is the first of its kind. */
function group(task: TaskStory, event: OutcomeEvent, diffs: boolean, says: boolean): boolean {
  const { outcome, reason, error, shown, said, items } = event
  const kind = `${outcome} ${sparedBy(event)} ${event.basis}`
  const full = `${kind} ${wordsOf(event, diffs || outcome === 'failed', says)}`
  const key = task.groups.has(full) || task.groups.size < groupsKept ? full : kind
  const held = task.groups.get(key)
  if (held) {
    held.hosts.push(event.host)
    return false
  }
  const others = key === kind
  task.groups.set(key, {
    outcome,
    reason: others ? 'for other reasons' : reason,
    spared: sparedBy(event),
    asReadNow: event.basis === 'as read now',
    changes: others ? [] : (event.changes ?? []),
    diff: others ? undefined : event.diff,
    units: event.units,
    error: others ? undefined : error,
    shown: others ? undefined : shown,
    said: others ? undefined : said,
    items: others ? undefined : items,
    hosts: [event.host],
  })
  return true
}

/** What tells an outcome from others of its kind: nothing, where a host was found true. */
function wordsOf(
  { outcome, host, error, reason, shown, said, diff, changes, items }: OutcomeEvent,
  showsDiff: boolean,
  says: boolean,
): string {
  const seen = showsDiff ? diff : undefined
  const heard = says ? said : undefined
  if (
    !error &&
    reason === undefined &&
    shown === undefined &&
    !seen &&
    !heard &&
    !changes &&
    !items
  )
    return 'alone'
  const apart = [
    error?.code,
    error?.message,
    error?.hint,
    reason,
    shown,
    heard,
    seen,
    changes?.map((change) => change.title),
    items?.map((item) => [
      item.item,
      item.outcome,
      item.reason,
      item.error?.message,
      showsDiff ? item.diff : undefined,
      says ? item.said : undefined,
    ]),
  ]
  const text = anyHost(canonical(apart), host)
  return outcome === 'unreachable' ? anyAddress(text) : text
}

/** How many hosts came to each outcome in a task so far. */
export function countsOf(task: TaskStory): ReadonlyMap<Outcome, number> {
  const counts = new Map<Outcome, number>()
  for (const { outcome, hosts } of task.groups.values())
    counts.set(outcome, (counts.get(outcome) ?? 0) + hosts.length)
  return counts
}

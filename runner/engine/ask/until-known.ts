import type { Task } from '../../model/playbook.ts'
import type { Answered, Probe } from '../../contract/probe.ts'
import { NotYet, notYet } from '../../model/signal.ts'
import { Unreachable } from '../../model/session.ts'
import type { Value } from '../../contract/value.ts'
import { lookAhead, type Current, type Once } from './look-ahead.ts'
import { defect } from '../decide/task-keywords.ts'
import type { Hub, Want } from './exchange.ts'
import type { RunOptions } from '../options.ts'
import type { ReadingStore } from './readings.ts'
import type { Reader, Register, Subject } from '../decide/scope.ts'
import type { Where } from './where.ts'

/** What a turn needs of the play that it belongs to. */
export interface PlayRun {
  readonly options: RunOptions
  readonly index: number
  readonly hub: Hub
  readonly store: ReadingStore
  /** All hosts of this pass through the play. */
  readonly subjects: readonly Subject[]
  /** Connections that could not be reached ahead of time: they are not tried again before somebody needs them. */
  readonly unreachableAhead: Set<string>
  once(task: Task): Once
  /** The hosts still in play. */
  present(): readonly Subject[]
  /** Waits for one of the `forks` places; a host takes one before its own connection is used. */
  admit(subject: Subject): Promise<void>
  /** Takes a place if one is free. */
  tryAdmit(subject: Subject): boolean
}

/** A task's turn on a host: what is evaluated for it may ask, and what is asked brings the tasks ahead along. */
export interface Turn {
  readonly run: PlayRun
  readonly subject: Subject
  readonly task: Task
  /** Items of the loop; null without a loop, or while they are not known. */
  readonly items: readonly Value[] | null
  /** Place of the current item in the loop; null without a loop. */
  readonly item: number | null
  readonly rest: () => Iterable<Task>
  /** Whether this turn holds the connections exclusively already. */
  readonly locked: boolean
}

/** After this many vain tries the reading is taken while no one may change anything through its connection. */
const contended = 4
const hopeless = 40

/** Evaluates on readings that count, asking for what is missing as often as it takes. */
export async function known<T>(
  turn: Turn,
  evaluate: (reader: Reader) => T,
  began = turn.run.store.tick(),
): Promise<T> {
  const { run, subject } = turn
  for (let tries = 1; ; tries++) {
    const wants = new Map<string, Want>()
    const reader = counting(run.store, subject, began, wants)
    try {
      return evaluate(reader)
    } catch (signal) {
      if (!(signal instanceof NotYet)) throw signal
    }
    if (wants.size === 0 || tries > hopeless)
      throw defect(
        turn.task,
        wants.size === 0
          ? 'it needs a value that nothing reads'
          : 'its readings never come to rest',
      )
    if (tries >= contended && !turn.locked) {
      const connections = [...wants.values()].map((want) => want.where.connection)
      return run.hub.exclusive(connections, () => known({ ...turn, locked: true }, evaluate, began))
    }
    await gather(turn, [...wants.values()], began)
  }
}

/** A reader that answers only with what counts at this turn, and collects what is missing. */
function counting(
  store: ReadingStore,
  subject: Subject,
  began: number,
  wants: Map<string, Want>,
): Reader {
  const read = (where: Where, probe: Probe, key: string): Answered => {
    const answered = store.fresh(where, key, subject.host.name, began)
    if (answered) return answered
    wants.set(`${where.session}\n${key}`, { where, probe, key, subject: subject.host.name })
    notYet()
  }
  return {
    read,
    fact(where, probe, key) {
      store.chained(where, key)
      return read(where, probe, key)
    },
  }
}

async function gather(turn: Turn, required: readonly Want[], began: number): Promise<void> {
  const { run, subject } = turn
  const bySession = new Map<string, { wants: Map<string, Want>; required: boolean }>()
  const add = (want: Want, isRequired: boolean): void => {
    let group = bySession.get(want.where.session)
    if (!group) bySession.set(want.where.session, (group = { wants: new Map(), required: false }))
    group.wants.set(want.key, want)
    group.required ||= isRequired
  }
  for (const want of required) add(want, true)
  // Whoever holds a connection exclusively may not wait for a place: its holder may be waiting for that connection.
  if (!turn.locked)
    for (const want of required) if (isOwn(want.where, subject)) await run.admit(subject)
  if (required.some((want) => isOwn(want.where, subject))) await run.hub.prepare(subject.host)
  if (run.options.batch) for (const want of aheadOf(turn, began)) add(want, false)
  const needed: Promise<void>[] = []
  for (const group of bySession.values()) {
    const wants = [...group.wants.values()]
    const { connection } = wants[0]!.where
    if (
      !group.required &&
      (run.unreachableAhead.has(connection) ||
        (isOwn(wants[0]!.where, subject) && !run.tryAdmit(subject)))
    )
      continue
    const asked = run.hub.ask(wants)
    if (group.required) needed.push(asked)
    else
      asked.catch(
        (error: unknown) =>
          void (error instanceof Unreachable && run.unreachableAhead.add(connection)),
      )
  }
  await Promise.all(needed)
}

function aheadOf(turn: Turn, began: number): readonly Want[] {
  const { run, subject, task, items, item, rest } = turn
  return lookAhead(subject, { task, items, from: item ?? 0 }, rest(), {
    store: run.store,
    turn: began,
    mode: run.options.mode,
    once: run.once,
  })
}

/** What an apply or a call through a session may bring along: what is needed behind it, as far as that session answers it. */
export function aheadOn(
  turn: Turn,
  where: Where,
  more: { readonly readBack?: Task; readonly assumed?: ReadonlyMap<string, Register> } = {},
): readonly Want[] {
  const { run, subject, rest } = turn
  if (!run.options.batch) return []
  const options = {
    store: run.store,
    turn: run.store.tick(),
    mode: run.options.mode,
    once: run.once,
    ...(more.readBack ? { readBack: more.readBack } : {}),
  }
  return lookAhead(subject, nextItem(turn), rest(), options, more.assumed).filter(
    (want) => want.where.session === where.session,
  )
}

/** Where the look-ahead begins when the current item has been dealt with: at the next one, or behind the task. */
function nextItem({ task, items, item }: Turn): Current | null {
  return items !== null && item !== null && item + 1 < items.length
    ? { task, items, from: item + 1 }
    : null
}

/** Whether a session leads to the subject's own host, which counts against `forks`. */
export function isOwn(where: Where, subject: Subject): boolean {
  return 'host' in where.endpoint && where.endpoint.host.name === subject.host.name
}

/** The hosts whose readings a task's changes may touch. */
export function touchedHosts(turn: Turn): readonly string[] {
  return turn.task.runOnce
    ? turn.run.subjects.map((each) => each.host.name)
    : [turn.subject.host.name]
}

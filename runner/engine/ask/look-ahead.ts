import type { Task } from '../../model/playbook.ts'
import type { Value } from '../../contract/value.ts'
import { notYet } from '../../model/signal.ts'
import { valueOf } from '../../model/value-tree.ts'
import type { Probe } from '../../contract/probe.ts'
import { evaluate } from '../decide/evaluate.ts'
import { examine } from '../decide/examine.ts'
import { registerOf } from '../decide/register.ts'
import { itemsOf, viewOf } from '../decide/scope.ts'
import type {
  Examined,
  Once,
  Reader,
  ReadingStore,
  Register,
  Subject,
  Want,
  Where,
} from '../model.ts'
import { factsNamed } from './facts-named.ts'

/** What a walk ahead needs to know. */
export interface AheadOptions {
  readonly store: ReadingStore
  /** Sequence at which the turn began. */
  readonly turn: number
  /** In a plan nothing changes, so the walk never ends early. */
  readonly mode: 'run' | 'plan'
  once(task: Task): Once
  /** The task whose read-back travels along: the facts that it names are void by then, too. */
  readonly readBack?: Task
}

/** The task whose turn it is, and where its loop is: `items` null while they are not known, or without a loop. */
export interface Current {
  readonly task: Task
  readonly items: readonly Value[] | null
  /** The first item that is still to come. */
  readonly from: number
}

/** A walk on its way: who walks, what it has collected, and what it takes the registers to be. */
interface Walk {
  readonly subject: Subject
  readonly options: AheadOptions
  readonly wants: Map<string, Want>
  readonly predicted: Map<string, Register>
}

/**
 * Walks the tasks ahead with what is known and guessed, and collects the probes whose answers will be needed. It ends
 * behind the first task that will change something: what lies beyond would be void by then. `assumed` are registers as
 * they will be when the change under way has been made.
 */
export function lookAhead(
  subject: Subject,
  current: Current | null,
  rest: Iterable<Task>,
  options: AheadOptions,
  assumed: ReadonlyMap<string, Register> = new Map(),
): readonly Want[] {
  const walk: Walk = { subject, options, wants: new Map(), predicted: new Map(assumed) }
  const ends = current !== null && walkTask(walk, current.task, current, guessing(walk, true))
  if (!ends) {
    const reader = guessing(walk, false)
    if (options.readBack) askFacts(subject, options.readBack, reader)
    for (const task of rest) if (walkTask(walk, task, null, reader)) break
  }
  return [...walk.wants.values()]
}

/** Examines one task on guesses. True: the walk ends here. */
function walkTask(walk: Walk, task: Task, current: Current | null, reader: Reader): boolean {
  const { subject, options, predicted } = walk
  let examiner = subject
  let seeing = reader
  if (task.runOnce) {
    const once = options.once(task)
    if (once.register) {
      if (task.register) predicted.set(task.register, once.register)
      return false
    }
    if (once.owner && once.owner !== subject) {
      // Another host asks; this one may only guess what that one will read.
      examiner = once.owner
      seeing = silent(options, once.owner)
    }
  }
  askFacts(subject, task, reader)
  const found = foundAhead(examiner, task, current, seeing, options.mode === 'run')
  const register = found.all && task.register ? registerOf(task, found.all) : null
  if (task.register) predicted.set(task.register, register ?? notYet)
  return found.ends
}

/** What the items of a task come to; an error is said when the task's turn comes, and until then nothing is known of it. */
function foundAhead(
  subject: Subject,
  task: Task,
  current: Current | null,
  reader: Reader,
  mayEnd: boolean,
): Found {
  try {
    return examineItems(subject, task, current, reader, mayEnd)
  } catch {
    return { all: null, ends: false }
  }
}

/** Asks for every fact that the task names, so that facts come together: an expression stops at the first that it lacks. */
function askFacts(subject: Subject, task: Task, reader: Reader): void {
  const names = factsNamed(subject.play, task)
  if (names.length === 0) return
  const facts = viewOf(subject, task, reader).scope['facts'] as Readonly<Record<string, unknown>>
  for (const name of names) {
    try {
      void facts[name]
    } catch {
      // Not read yet, or failed: that is for its turn.
    }
  }
}

/** What a walk found of a task's items: all of them, or that it ends at one that will change something. */
interface Found {
  readonly all:
    readonly { readonly item: Value | null; readonly examined: Examined | null }[] | null
  readonly ends: boolean
}

/** Examines the items of a task, each as far as its state is known, up to the first that will change something. */
function examineItems(
  subject: Subject,
  task: Task,
  current: Current | null,
  reader: Reader,
  mayEnd: boolean,
): Found {
  const items = current?.items ?? itemsAhead(subject, task, reader)
  if (items === null) return { all: null, ends: false }
  const all: { item: Value | null; examined: Examined | null }[] = []
  const from = current?.from ?? 0
  for (let i = from; i < items.length; i++) {
    const item = items[i]!
    const found = evaluate(() =>
      examine(task, viewOf(subject, task, reader, task.loop ? { item } : {})),
    )
    if (found.kind === 'unknown') return { all: null, ends: false }
    const examined = found.kind === 'value' ? found.value : null
    if (mayEnd && examined !== null && changes(task, examined)) return { all: null, ends: true }
    all.push({ item, examined })
  }
  return { all: from === 0 ? all : null, ends: false }
}

/** The items of a loop, one without a loop; null while they are not known. */
function itemsAhead(
  subject: Subject,
  task: Task,
  reader: Reader,
): readonly (Value | null)[] | null {
  const { loop } = task
  if (!loop) return [null]
  const found = evaluate(() => itemsOf(valueOf(loop, viewOf(subject, task, reader).scope), loop))
  return found.kind === 'value' ? found.value : null
}

function changes(task: Task, examined: Examined): boolean {
  if (examined.kind === 'runs' || examined.kind === 'asks') return true
  if (task.verb === 'wait') return examined.kind === 'drifts' || examined.kind === 'untrue'
  return examined.kind === 'drifts' && task.verb === 'ensure'
}

function guessing({ subject, options, wants, predicted }: Walk, atTurn: boolean): Reader {
  const { store, turn } = options
  const read: Reader['read'] = (where, probe, key) => {
    const fresh = store.fresh(where, key, subject.host.name, turn)
    if (fresh) return fresh
    const mayAsk = atTurn || (probe.ahead !== false && !store.isVainAhead(where, key))
    if (mayAsk)
      wants.set(`${where.session}\n${key}`, { where, probe, key, subject: subject.host.name })
    return store.guess(where, key)
  }
  return { read, fact: read, predicted }
}

function silent({ store, turn }: AheadOptions, owner: Subject): Reader {
  const read = (where: Where, _probe: Probe, key: string): ReturnType<Reader['read']> =>
    store.fresh(where, key, owner.host.name, turn) ?? store.guess(where, key)
  return { read, fact: read, predicted: new Map() }
}

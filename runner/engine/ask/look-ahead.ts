import type { Task } from '../../model/playbook.ts'
import type { Value } from '../../contract/value.ts'
import { notYet } from '../../model/signal.ts'
import type { Answered, Probe } from '../../contract/probe.ts'
import { examine, type Examined } from '../decide/examine.ts'
import type { Want } from './exchange.ts'
import type { ReadingStore } from './readings.ts'
import { registerOf } from '../decide/register.ts'
import { factsNamed } from './facts-named.ts'
import { valueOf } from '../../model/tree.ts'
import {
  attempt,
  itemsOf,
  scopeWith,
  type Reader,
  type Register,
  type Subject,
} from '../decide/scope.ts'
import type { Where } from './where.ts'

/** Who runs a `run_once` task, and what it registered if it has run. */
export interface Once {
  readonly owner: Subject | null
  readonly register: Register | null
}

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
  const wants = new Map<string, Want>()
  subject.predicted = new Map(assumed)
  try {
    if (current) {
      const turnReader = guessing(subject, options, wants, true)
      if (walkTask(subject, current.task, current, turnReader, options)) return [...wants.values()]
    }
    const reader = guessing(subject, options, wants, false)
    if (options.readBack) askFacts(subject, options.readBack, reader)
    for (const task of rest) if (walkTask(subject, task, null, reader, options)) break
  } finally {
    subject.predicted = null
  }
  return [...wants.values()]
}

/** Examines one task on guesses. True: the walk ends here. */
function walkTask(
  subject: Subject,
  task: Task,
  current: Current | null,
  reader: Reader,
  options: AheadOptions,
): boolean {
  let register: Register = notYet
  let ends = false
  let examiner = subject
  let eyes = reader
  if (task.runOnce) {
    const once = options.once(task)
    if (once.register) {
      if (task.register) subject.predicted!.set(task.register, once.register)
      return false
    }
    if (once.owner && once.owner !== subject) {
      // Another host asks; this one may only guess what comes of it.
      examiner = once.owner
      eyes = silent(options, once.owner)
    }
  }
  askFacts(subject, task, reader)
  const hidden = examiner.predicted
  examiner.predicted = examiner === subject ? hidden : new Map()
  try {
    const found = examineItems(examiner, task, current, eyes, options.mode === 'run')
    ends = found.ends
    if (found.all && task.register) register = registerOf(task, found.all) ?? notYet
  } catch {
    // Whatever is wrong here is said when the task's turn comes; until then its register is not known.
  } finally {
    examiner.predicted = hidden
  }
  if (task.register) subject.predicted!.set(task.register, register)
  return ends
}

/** Asks for every fact that the task names, so that facts come together: an expression stops at the first that it lacks. */
function askFacts(subject: Subject, task: Task, reader: Reader): void {
  subject.reader = reader
  const view = subject.scope['facts'] as Readonly<Record<string, unknown>>
  for (const name of factsNamed(subject.play, task)) {
    try {
      void view[name]
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

/** Examines the items of a task, each as far as it can be told, up to the first that will change something. */
function examineItems(
  subject: Subject,
  task: Task,
  current: Current | null,
  reader: Reader,
  mayEnd: boolean,
): Found {
  subject.reader = reader
  const items =
    current?.items ??
    (task.loop
      ? attempt(() => itemsOf(valueOf(task.loop!, scopeWith(subject, task)), task.loop!))
      : [null])
  if (items === undefined) return { all: null, ends: false }
  const all: { item: Value | null; examined: Examined | null }[] = []
  const from = current?.from ?? 0
  for (let i = from; i < items.length; i++) {
    const item = items[i]!
    const examined =
      attempt(() =>
        examine(
          subject,
          task,
          task.loop ? scopeWith(subject, task, { item }) : scopeWith(subject, task),
          reader,
        ),
      ) ?? null
    if (mayEnd && examined !== null && changes(task, examined)) return { all: null, ends: true }
    all.push({ item, examined })
  }
  return { all: from === 0 ? all : null, ends: false }
}

function changes(task: Task, examined: Examined): boolean {
  if (examined.kind === 'runs' || examined.kind === 'asks') return true
  return examined.kind === 'drifts' && (task.verb === 'ensure' || task.verb === 'wait')
}

function guessing(
  subject: Subject,
  options: AheadOptions,
  wants: Map<string, Want>,
  atTurn: boolean,
): Reader {
  const { store, turn } = options
  const read = (where: Where, probe: Probe, key: string): Answered => {
    const fresh = store.fresh(where, key, subject.host.name, turn)
    if (fresh) return fresh
    const mayAsk = atTurn || (probe.ahead !== false && !store.failed(where, key))
    if (mayAsk)
      wants.set(`${where.session}\n${key}`, { where, probe, key, subject: subject.host.name })
    return store.guess(where, key) ?? notYet()
  }
  return { read, fact: read }
}

function silent({ store, turn }: AheadOptions, owner: Subject): Reader {
  const read = (where: Where, _probe: Probe, key: string): Answered =>
    store.fresh(where, key, owner.host.name, turn) ?? store.guess(where, key) ?? notYet()
  return { read, fact: read }
}

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Event, OutcomeEvent, TaskLabel } from '../model/event.ts'
import { countsAsFailed, createTally } from '../model/tally.ts'
import type { Leaving, Note } from '../model/note.ts'
import { kindOf } from '../model/error-kind.ts'
import type { Outcome } from '../model/outcome.ts'
import type { LogRecord } from '../model/record.ts'

/** An apply of which the log does not say how it ended. */
export type Begun = Extract<Note, { type: 'acting' }>

/** What a run log comes to. */
export interface Folded {
  /** The names of the plays, as far as the log tells them. */
  readonly plays: ReadonlyMap<number, string>
  readonly failed: ReadonlySet<string>
  readonly unreachable: ReadonlySet<string>
  readonly changed: ReadonlySet<string>
  readonly begun: readonly Begun[]
  readonly end: Extract<Event, { type: 'run-ended' }> | null
  /** Sentences of handlers that a host still owes in a play. */
  owed(play: number, host: string): readonly string[]
  /** Hosts that owe something in a play, with what. */
  owing(play: number): ReadonlyMap<string, ReadonlySet<string>>
  /** The plays in which hosts owe something, also those that have not begun. */
  indebted(): readonly number[]
  /** Since when a host owes a handler, in milliseconds since the epoch; `Infinity` while what it owes it for may still go on. */
  since(play: number, host: string, sentence: string): number
  left(play: number, host: string): Leaving | null
  /** The question at which the run ended; null where it ended elsewhere. */
  readonly stoppedAt: StoppedAt | null
}

/** A question that was not answered with yes. */
export interface StoppedAt {
  readonly play: number
  readonly task: string
  readonly sentence: string
}

/** A run that is followed record by record. */
export interface Fold {
  add(record: LogRecord | Event | Note): void
  /** What it came to: asked for when nothing more will follow. */
  end(): Folded
}

/** Follows a log to its end, or to where it stops. */
export function foldLog(records: readonly (LogRecord | Event | Note)[]): Folded {
  const fold = createFold()
  for (const record of records) fold.add(record)
  return fold.end()
}

/** What hosts owe: sentences of handlers by play and host, each with the last moment that owes it. */
type Debts = Map<number, Map<string, Map<string, number>>>

/** What was heard of a run so far. */
interface Heard {
  readonly plays: Map<number, string>
  readonly labels: Map<string, TaskLabel>
  readonly tally: ReturnType<typeof createTally>
  readonly debts: Debts
  readonly begun: Map<string, Begun[]>
  readonly left: Map<string, Leaving>
  stoppedAt: StoppedAt | null
  failedElsewhere: boolean
  end: Folded['end']
}

/** Follows a run. An action that may have been done owes its handlers like one that was done. */
export function createFold(): Fold {
  const heard: Heard = {
    plays: new Map(),
    labels: new Map(),
    tally: createTally(),
    debts: new Map(),
    begun: new Map(),
    left: new Map(),
    stoppedAt: null,
    failedElsewhere: false,
    end: null,
  }
  return { add: (record) => addRecord(heard, record), end: () => foldedOf(heard) }
}

function addRecord(heard: Heard, record: LogRecord | Event | Note): void {
  const { plays, labels, begun, debts } = heard
  switch (record.type) {
    case 'header':
      for (const [play, name] of (record.playbook.plays ?? []).entries()) plays.set(play, name)
      break
    case 'play-started':
      plays.set(record.play, plays.get(record.play) ?? record.name)
      for (const label of record.tasks) labels.set(`${record.play} ${label.id}`, label)
      break
    case 'acting': {
      const key = `${record.play} ${record.task} ${record.host}`
      begun.set(key, [...(begun.get(key) ?? []), record])
      break
    }
    case 'notified':
      owe(debts, record, record.handlers, record.at)
      break
    case 'outcome':
      addOutcome(heard, record)
      break
    case 'host-left':
      heard.left.set(`${record.play} ${record.host}`, record.how)
      break
    case 'run-ended':
      heard.end = record
      break
    default:
  }
}

function addOutcome(heard: Heard, event: OutcomeEvent): void {
  const { tally, begun, labels, debts } = heard
  const { play, task, host, outcome } = event
  tally.add(event)
  const key = `${play} ${task} ${host}`
  if (isUncertain(event))
    for (const each of begun.get(key) ?? []) owe(debts, each, each.notify, mayGoOn)
  begun.delete(key)
  const label = labels.get(`${play} ${task}`)
  mindQuestion(heard, event, label)
  if (label?.handler && (isPayment(event) || outcome === 'skipped'))
    debts.get(play)?.get(host)?.delete(label.sentence)
}

/** Whether the run ends at a question. A host that failed elsewhere has more to do than to be asked again. */
function mindQuestion(heard: Heard, event: OutcomeEvent, label: TaskLabel | undefined): void {
  const { outcome, play, task } = event
  const hasLeft = outcome === 'interrupted' || outcome === 'unreachable' || countsAsFailed(event)
  if (label?.verb !== 'confirm') heard.failedElsewhere ||= hasLeft
  else heard.stoppedAt = hasLeft ? { play, task, sentence: label.sentence } : null
}

/** The script of an action whose answer is lost may go on for as long as it likes. */
const mayGoOn = Number.POSITIVE_INFINITY

function owe(
  debts: Debts,
  { play, host }: { readonly play: number; readonly host: string },
  handlers: readonly string[],
  at: number,
): void {
  const ofPlay = debts.get(play) ?? new Map<string, Map<string, number>>()
  const ofHost = new Map(ofPlay.get(host) ?? [])
  for (const handler of handlers) ofHost.set(handler, Math.max(at, ofHost.get(handler) ?? at))
  debts.set(play, ofPlay.set(host, ofHost))
}

/** What was heard, with the debts of applies that have no known end. What was heard stays as it is. */
function foldedOf(heard: Heard): Folded {
  const { plays, tally, debts: known, begun, left, end } = heard
  const stoppedAt = heard.failedElsewhere ? null : heard.stoppedAt
  const debts: Debts = new Map([...known].map(([play, hosts]) => [play, new Map(hosts)]))
  const unended = [...begun.values()].flat()
  for (const each of unended) owe(debts, each, each.notify, mayGoOn)
  return {
    plays,
    failed: tally.failed,
    unreachable: tally.unreachable,
    changed: tally.changed,
    end,
    begun: unended,
    owed: (play, host) => [...(debts.get(play)?.get(host)?.keys() ?? [])],
    owing: (play) => owingIn(debts.get(play)),
    indebted: () => [...debts.keys()].filter((play) => owingIn(debts.get(play)).size > 0),
    since: (play, host, sentence) => debts.get(play)?.get(host)?.get(sentence) ?? mayGoOn,
    left: (play, host) => left.get(`${play} ${host}`) ?? null,
    stoppedAt,
  }
}

function owingIn(
  hosts: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(),
): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    [...hosts]
      .filter(([, sentences]) => sentences.size > 0)
      .map(([host, sentences]) => [host, new Set(sentences.keys())]),
  )
}

/** What a log leaves open: the handlers that hosts owe, each with those hosts, and applies without a known end. */
export function owedIn(records: readonly (LogRecord | Event | Note)[]): {
  readonly owed: ReadonlyMap<string, readonly string[]>
  readonly begun: readonly Begun[]
} {
  const folded = foldLog(records)
  const owed = new Map<string, Set<string>>()
  for (const play of folded.indebted())
    for (const [host, names] of folded.owing(play))
      for (const name of names) owed.set(name, (owed.get(name) ?? new Set()).add(host))
  return {
    owed: new Map([...owed].map(([name, hosts]) => [name, [...hosts]])),
    begun: folded.begun,
  }
}

/** Whether a handler with this outcome is paid: a failure that the playbook ignores is one that it wants nothing more of. */
export function isPayment({ outcome, ignored }: OutcomeEvent): boolean {
  return outcome === 'ok' || outcome === 'changed' || (outcome === 'failed' && ignored === true)
}

/** Outcomes that came in the middle of an exchange, perhaps. */
function isCut(outcome: Outcome): boolean {
  return outcome === 'unreachable' || outcome === 'interrupted'
}

/** Whether it is not known if the actions before this outcome were done. */
function isUncertain({ outcome, error, items }: OutcomeEvent): boolean {
  const lost = (each: Diagnostic | undefined): boolean =>
    each !== undefined && kindOf(each.code) === 'lost'
  return (
    isCut(outcome) ||
    lost(error) ||
    (items?.some((item) => isCut(item.outcome) || lost(item.error)) ?? false)
  )
}

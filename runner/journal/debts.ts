import type { TaskLabel } from '../model/event.ts'
import type { LogRecord } from '../model/record.ts'
import { madeLimit, readFile } from '../files/read-file.ts'
import { foldLog, isPayment, type Folded } from './outcome-of-log.ts'
import { readLog, type Brief } from './read-log.ts'

// What logs say of handlers, held against each other: which run owes one, and whether another run has paid it since.

/** A handler that a run brought to its end on a host. */
interface Payment {
  readonly run: string
  readonly play: number
  readonly playName: string
  /** When it began, in milliseconds since the epoch. */
  readonly began: number
}

/** What one log says of handlers. */
export interface Account {
  readonly brief: Brief
  readonly folded: Folded
  /** By host and sentence. */
  readonly payments: ReadonlyMap<string, readonly Payment[]>
  /** The debts of other runs that it has taken over, as `play name, host, sentence`; null of a log that did not come so far. */
  readonly taken: ReadonlySet<string> | null
}

/** What every log has that owes, pays or takes over a handler: words that no text within a record can have. */
const signs = ['"type":"notified"', '"notify":["']

/**
 * Reads what a log says of handlers; null where it says nothing, and of one that does not read: the command that asks for it
 * reports that.
 */
export function accountOf(brief: Brief): Account | null {
  try {
    if (brief.header.resumes === null && !holdsAny(brief.file, signs)) return null
    const { records } = readLog(brief.file)
    const payments = new Map<string, Payment[]>()
    for (const { host, sentence, ...payment } of paymentsIn(brief.header.run, records)) {
      const key = keyOf(host, sentence)
      payments.set(key, [...(payments.get(key) ?? []), payment])
    }
    const folded = foldLog(records)
    return { brief, folded, payments, taken: takenIn(records, folded) }
  } catch {
    return null
  }
}

function holdsAny(file: string, words: readonly string[]): boolean {
  const read = readFile(file, madeLimit)
  return !('code' in read) && words.some((word) => read.bytes.includes(word))
}

/** A debt of a run: a handler that a host owes in a play. */
export interface Debt {
  readonly play: number
  readonly host: string
  readonly sentence: string
}

/** All debts that a log leaves open, paid by other runs or not. */
export function debtsOf({ folded }: Account): readonly Debt[] {
  return folded
    .indebted()
    .flatMap((play) =>
      [...folded.owing(play)].flatMap(([host, sentences]) =>
        [...sentences].map((sentence) => ({ play, host, sentence })),
      ),
    )
}

/**
 * Whether a debt is open after all that these other runs did. A payment counts only where the handler began after the last
 * change that owes it: another run may have paid it while this one was still about to change something.
 */
export function isOpen(account: Account, debt: Debt, others: readonly Account[]): boolean {
  const { run } = account.brief.header
  const since = account.folded.since(debt.play, debt.host, debt.sentence)
  return !others.some(
    (other) =>
      other.brief.header.run !== run &&
      (hasTaken(other, account, debt) ||
        (other.payments.get(keyOf(debt.host, debt.sentence)) ?? []).some(
          (payment) =>
            isSamePlay(account, debt.play, other, payment) &&
            (payment.began > since || takesOver(other, run)),
        )),
  )
}

/** A debt in words that compare, across the runs of a playbook. */
export function debtKey({ folded }: Account, { play, host, sentence }: Debt): string {
  return takenKey(plainName(folded.plays.get(play) ?? ''), host, sentence)
}

/** The name of a play, of which perhaps only the debts were paid. */
export function plainName(name: string): string {
  return name.replace(/^what is owed: /, '')
}

function takesOver({ brief: { header } }: Account, run: string): boolean {
  return header.resumes === run || header.alsoPays?.includes(run) === true
}

/** A resumed run notes all that it owes before its first play: one that was killed before has taken nothing over. */
function hasTaken(other: Account, account: Account, debt: Debt): boolean {
  const { run } = account.brief.header
  if (other.taken === null) return false
  if (other.brief.header.resumes === run) return true
  return takesOver(other, run) && other.taken.has(debtKey(account, debt))
}

/** Plays are the same by their names; where one playbook has two of a name, by their places too. */
function isSamePlay(account: Account, play: number, other: Account, payment: Payment): boolean {
  const name = plainName(account.folded.plays.get(play) ?? '')
  if (name !== payment.playName) return false
  return play === payment.play || sourcesOf(account) !== sourcesOf(other)
}

function sourcesOf({ brief }: Account): string {
  return brief.header.playbook.sources.map(({ sha256 }) => sha256).join()
}

function keyOf(host: string, sentence: string): string {
  return `${host}\n${sentence}`
}

function takenKey(playName: string, host: string, sentence: string): string {
  return `${playName}\n${host}\n${sentence}`
}

function* paymentsIn(
  run: string,
  records: readonly LogRecord[],
): Generator<Payment & { readonly host: string; readonly sentence: string }> {
  const labels = new Map<string, TaskLabel>()
  const names = new Map<number, string>()
  for (const record of records) {
    if (record.type === 'play-started') {
      names.set(record.play, plainName(record.name))
      for (const label of record.tasks) labels.set(`${record.play} ${label.id}`, label)
    }
    if (record.type !== 'outcome' || !isPayment(record)) continue
    const { play, host, at, seconds } = record
    const label = labels.get(`${play} ${record.task}`)
    if (label?.handler)
      yield {
        ...{ run, play, host, sentence: label.sentence, playName: names.get(play)! },
        began: at - Math.round(seconds * 1000),
      }
  }
}

function takenIn(records: readonly LogRecord[], { plays }: Folded): ReadonlySet<string> | null {
  if (!records.some(({ type }) => type === 'play-started')) return null
  return new Set(
    records.flatMap((record) =>
      // What is taken over is noted without a task.
      record.type === 'notified' && record.task === ''
        ? record.handlers.map((each) =>
            takenKey(plainName(plays.get(record.play) ?? ''), record.host, each),
          )
        : [],
    ),
  )
}

import { isFailed, type Answered, type Probe } from '../../contract/probe.ts'
import { redact } from '../../contract/secret.ts'
import { watchFor } from '../decide/no-log.ts'
import type { Clock } from '../../model/session.ts'
import type { GuessStore } from '../../model/guess-store.ts'
import type { Flight, ReadingStore, Where } from '../model.ts'

/** How long a reading is good when nothing voids it. */
export const goodForMilliseconds = 60_000
/** A reading whose text is longer than this is not worth keeping as a guess. */
const guessLimit = 16_384

interface Entry {
  readonly probe: Probe
  readonly where: Where
  readonly answered: Answered
  /** When it was asked: the answer was true no earlier. */
  readonly at: number
  readonly sequence: number
  /** Whether its exchange took longer than a reading is good for. */
  readonly slow: boolean
  readonly subjects: Set<string>
  void: boolean
}
type Arrived = Parameters<ReadingStore['arrive']>[3][number]

/** A store of readings on a clock, with the guesses of earlier runs behind it. Without `batch` a reading counts at its own turn only. */
export function createReadings(clock: Clock, guesses: GuessStore, batch = true): ReadingStore {
  return new RunReadings(clock, guesses, batch)
}

class RunReadings implements ReadingStore {
  readonly #clock: Clock
  readonly #guesses: GuessStore
  readonly #batch: boolean
  readonly #sessions = new Map<string, Map<string, Entry>>()
  readonly #bySubject = new Map<string, Set<Entry>>()
  readonly #byConnection = new Map<string, Map<string, Entry>[]>()
  readonly #flights = new Set<Flight>()
  readonly #earlier = new Map<string, ReadonlyMap<string, Answered>>()
  readonly #chains = new Map<string, Set<string>>()
  #sequence = 0

  constructor(clock: Clock, guesses: GuessStore, batch: boolean) {
    this.#clock = clock
    this.#guesses = guesses
    this.#batch = batch
  }

  fresh(where: Where, key: string, subject: string, turn: number): Answered | undefined {
    const entry = this.#entry(where, key)
    if (!entry || entry.void) return undefined
    // What a turn itself has asked for counts however long it took: else a slow probe would be asked again for ever.
    const isOwn = entry.sequence > turn
    if (!isOwn && this.#clock.now() - entry.at > goodForMilliseconds) return undefined
    // A read that failed ahead of its turn, or that must not be asked ahead, means nothing before its turn.
    if ((isFailed(entry.answered) || !this.#batch) && entry.sequence < turn) return undefined
    this.#claim(entry, subject)
    return entry.answered
  }

  guess(where: Where, key: string): Answered | undefined {
    const entry = this.#entry(where, key)
    if (entry && !isFailed(entry.answered)) return entry.answered
    return this.#guessesOf(where.session).get(key)
  }

  isVainAhead(where: Where, key: string): boolean {
    const entry = this.#entry(where, key)
    return entry !== undefined && (entry.slow || (!entry.void && isFailed(entry.answered)))
  }

  tick(): number {
    return ++this.#sequence
  }

  depart(where: Where, subjects: Set<string>): Flight {
    const flight: Flight = { where, subjects, void: false }
    this.#flights.add(flight)
    return flight
  }

  arrive(flight: Flight, asked: number, at: number, answers: readonly Arrived[]): void {
    this.#flights.delete(flight)
    const session = this.#sessionOf(flight.where)
    for (const { probe, key, answered, subjects } of answers) {
      if (probe.noLog) watchFor(answered)
      const before = session.get(key)
      if (before)
        for (const subject of before.subjects) this.#bySubject.get(subject)?.delete(before)
      const entry: Entry = {
        probe,
        where: flight.where,
        answered,
        at,
        sequence: asked,
        slow: this.#clock.now() - at > goodForMilliseconds,
        subjects: new Set(),
        void: flight.void,
      }
      session.set(key, entry)
      for (const subject of before?.subjects ?? []) this.#claim(entry, subject)
      for (const subject of subjects) this.#claim(entry, subject)
    }
  }

  void(hosts: readonly string[], connection: string | null, except?: Flight): void {
    for (const host of hosts) for (const entry of this.#bySubject.get(host) ?? []) entry.void = true
    for (const session of this.#byConnection.get(connection ?? '') ?? [])
      for (const entry of session.values()) entry.void = true
    for (const flight of this.#flights) {
      if (flight === except) continue
      const touched =
        flight.where.connection === connection || hosts.some((host) => flight.subjects.has(host))
      if (touched) flight.void = true
    }
  }

  voidAll(): void {
    for (const session of this.#sessions.values())
      for (const entry of session.values()) entry.void = true
    for (const flight of this.#flights) flight.void = true
  }

  chained(where: Where, key: string): void {
    const keys = this.#chains.get(where.session)
    if (keys) keys.add(key)
    else this.#chains.set(where.session, new Set([key]))
  }

  save(): void {
    const sessions = new Map<string, ReadonlyMap<string, Answered>>()
    for (const [name, keys] of this.#chains) {
      const kept = new Map<string, Answered>()
      for (const key of keys) {
        const answered = this.#guessToKeep(name, key)
        if (answered) kept.set(key, answered)
      }
      sessions.set(name, kept)
    }
    this.#guesses.save(sessions)
  }

  /** The answer that the next run may guess, or null where it is secret or too long. */
  #guessToKeep(session: string, key: string): Answered | null {
    const entry = this.#sessions.get(session)?.get(key)
    const answered = entry?.answered ?? this.#guessesOf(session).get(key)
    if (!answered || isFailed(answered)) return null
    if (entry?.probe.secret !== undefined || entry?.probe.noLog) return null
    const text = JSON.stringify(answered)
    // An answer that echoes a secret is one.
    return text.length <= guessLimit && redact(text) === text ? answered : null
  }

  #entry(where: Where, key: string): Entry | undefined {
    return this.#sessions.get(where.session)?.get(key)
  }

  #sessionOf(where: Where): Map<string, Entry> {
    let session = this.#sessions.get(where.session)
    if (!session) {
      this.#sessions.set(where.session, (session = new Map()))
      const { connection } = where
      this.#byConnection.set(connection, [...(this.#byConnection.get(connection) ?? []), session])
    }
    return session
  }

  #claim(entry: Entry, subject: string): void {
    if (entry.subjects.has(subject)) return
    entry.subjects.add(subject)
    const held = this.#bySubject.get(subject)
    if (held) held.add(entry)
    else this.#bySubject.set(subject, new Set([entry]))
  }

  #guessesOf(session: string): ReadonlyMap<string, Answered> {
    let known = this.#earlier.get(session)
    if (!known) this.#earlier.set(session, (known = this.#guesses.load(session)))
    return known
  }
}

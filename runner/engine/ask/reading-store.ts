import { isFailed, type Answered, type Probe } from '../../contract/probe.ts'
import { redact } from '../../contract/secret.ts'
import { watchFor } from '../decide/no-log.ts'
import type { Clock } from '../../model/session.ts'
import type { GuessStore } from '../../model/guess-store.ts'
import type { Flight, ReadingStore, Where } from '../model.ts'

/** How long a reading is good when nothing voids it. */
const goodForMilliseconds = 60_000
/** A reading whose text is longer than this is not worth keeping as a guess. */
const guessLimit = 16_384

interface Entry {
  readonly probe: Probe
  readonly where: Where
  readonly answered: Answered
  /** When it was asked: the answer was true no earlier. */
  readonly at: number
  readonly sequence: number
  readonly subjects: Set<string>
  void: boolean
}
/** A store of readings on a clock, with the guesses of earlier runs behind it. Without `batch` a reading counts at its own turn only. */
export function createReadings(clock: Clock, guesses: GuessStore, batch = true): ReadingStore {
  const sessions = new Map<string, Map<string, Entry>>()
  const bySubject = new Map<string, Set<Entry>>()
  const byConnection = new Map<string, Map<string, Entry>[]>()
  const flights = new Set<Flight>()
  const earlier = new Map<string, ReadonlyMap<string, Answered>>()
  const chains = new Map<string, Set<string>>()
  let sequence = 0

  function claim(entry: Entry, subject: string): void {
    if (entry.subjects.has(subject)) return
    entry.subjects.add(subject)
    const held = bySubject.get(subject)
    if (held) held.add(entry)
    else bySubject.set(subject, new Set([entry]))
  }

  function guessesOf(session: string): ReadonlyMap<string, Answered> {
    let known = earlier.get(session)
    if (!known) earlier.set(session, (known = guesses.load(session)))
    return known
  }

  return {
    fresh(where, key, subject, turn) {
      const entry = sessions.get(where.session)?.get(key)
      if (!entry || entry.void || clock.now() - entry.at > goodForMilliseconds) return undefined
      // A read that failed ahead of its turn, or that must not be asked ahead, means nothing before its turn.
      if ((isFailed(entry.answered) || !batch) && entry.sequence < turn) return undefined
      claim(entry, subject)
      return entry.answered
    },
    guess(where, key) {
      const entry = sessions.get(where.session)?.get(key)
      if (entry && !isFailed(entry.answered)) return entry.answered
      return guessesOf(where.session).get(key)
    },
    failed(where, key) {
      const entry = sessions.get(where.session)?.get(key)
      return entry !== undefined && !entry.void && isFailed(entry.answered)
    },
    tick: () => ++sequence,
    depart(where, subjects) {
      const flight: Flight = { where, subjects, void: false }
      flights.add(flight)
      return flight
    },
    arrive(flight, asked, at, answers) {
      flights.delete(flight)
      let session = sessions.get(flight.where.session)
      if (!session) {
        sessions.set(flight.where.session, (session = new Map()))
        const { connection } = flight.where
        byConnection.set(connection, [...(byConnection.get(connection) ?? []), session])
      }
      for (const { probe, key, answered, subjects } of answers) {
        if (probe.noLog) watchFor(answered)
        const before = session.get(key)
        if (before) for (const subject of before.subjects) bySubject.get(subject)?.delete(before)
        const entry: Entry = {
          probe,
          where: flight.where,
          answered,
          at,
          sequence: asked,
          subjects: new Set(),
          void: flight.void,
        }
        session.set(key, entry)
        for (const subject of before?.subjects ?? []) claim(entry, subject)
        for (const subject of subjects) claim(entry, subject)
      }
    },
    void(hosts, connection, except) {
      for (const host of hosts) for (const entry of bySubject.get(host) ?? []) entry.void = true
      for (const session of byConnection.get(connection ?? '') ?? [])
        for (const entry of session.values()) entry.void = true
      for (const flight of flights) {
        if (flight === except) continue
        if (
          flight.where.connection === connection ||
          hosts.some((host) => flight.subjects.has(host))
        )
          flight.void = true
      }
    },
    voidAll() {
      for (const session of sessions.values())
        for (const entry of session.values()) entry.void = true
      for (const flight of flights) flight.void = true
    },
    chained(where, key) {
      const keys = chains.get(where.session)
      if (keys) keys.add(key)
      else chains.set(where.session, new Set([key]))
    },
    save() {
      const sessionsKept = new Map<string, ReadonlyMap<string, Answered>>()
      for (const [name, keys] of chains) {
        const kept = new Map<string, Answered>()
        for (const key of keys) {
          const entry = sessions.get(name)?.get(key)
          const answered = entry?.answered ?? guessesOf(name).get(key)
          if (!answered || isFailed(answered)) continue
          if (entry?.probe.secret !== undefined || entry?.probe.noLog) continue
          const text = JSON.stringify(answered)
          // An answer that echoes a secret is one.
          if (text.length <= guessLimit && redact(text) === text) kept.set(key, answered)
        }
        sessionsKept.set(name, kept)
      }
      guesses.save(sessionsKept)
    },
  }
}

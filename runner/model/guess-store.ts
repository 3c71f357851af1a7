import type { Answered } from '../contract/probe.ts'

/** Where the readings that the last run made are kept as guesses, per session key. Losing them only costs round trips. */
export interface GuessStore {
  load(session: string): ReadonlyMap<string, Answered>
  save(sessions: ReadonlyMap<string, ReadonlyMap<string, Answered>>): void
}

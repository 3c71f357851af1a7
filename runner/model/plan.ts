import type { Effect } from '../contract/change.ts'
import type { AnyDiff } from '../contract/state.ts'
import type { Outcome } from './outcome.ts'

/** What a plan shows of one task on one host, or of one item of its loop. It holds no secret, and no digest of one. */
export interface PlannedEntry {
  readonly play: number
  readonly task: string
  readonly host: string
  /** Place in the loop; null without one. */
  readonly item: number | null
  readonly sentence: string
  /** The params that say which thing is meant. */
  readonly identity: Readonly<Record<string, string>>
  readonly outcome: Outcome
  readonly reason?: string
  /** Digest of the observed state that the verdict rests on. */
  readonly observed: string | null
  readonly diff?: AnyDiff
  /** The actions in canonical form. */
  readonly actions: readonly string[]
  readonly effect: Effect | 'none'
}

/** A saved plan as a run keeps it: nothing is done that it does not show. */
export interface PlanPromise {
  entry(play: number, task: string, host: string, item: number | null): PlannedEntry | undefined
}

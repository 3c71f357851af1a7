import type { OutcomeEvent } from './event.ts'
import { outcomes, outcomeTable, type Outcome } from './outcome.ts'

/** An outcome, as far as it counts. */
export type Counted = Pick<OutcomeEvent, 'outcome' | 'host' | 'ignored' | 'rescued'>

/** Who failed, who could not be reached and who changed, and how often each outcome came. */
export interface Totals {
  readonly counts: Readonly<Record<Outcome, number>>
  readonly failed: ReadonlySet<string>
  readonly unreachable: ReadonlySet<string>
  /** Hosts that changed, or that would change. */
  readonly changed: ReadonlySet<string>
}

/** Whether an outcome makes its host a failed one: an ignored or rescued failure does not. */
export function countsAsFailed({ outcome, ignored, rescued }: Counted): boolean {
  return outcomeTable[outcome].leaves === 'failed' && ignored !== true && rescued !== true
}

/** Counts the outcomes of a run. The engine, the run log and the reports all count with it. */
export function createTally(): Totals & { add(outcome: Counted): void } {
  const counts = Object.fromEntries(outcomes.map((each) => [each, 0])) as Record<Outcome, number>
  const failed = new Set<string>()
  const unreachable = new Set<string>()
  const changed = new Set<string>()
  return {
    counts,
    failed,
    unreachable,
    changed,
    add(event) {
      const { outcome, host } = event
      counts[outcome]++
      if (countsAsFailed(event)) failed.add(host)
      if (outcome === 'unreachable') unreachable.add(host)
      if (outcomeTable[outcome].changes) changed.add(host)
    },
  }
}

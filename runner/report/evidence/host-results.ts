import type { OutcomeEvent } from '../../model/event.ts'
import { outcomes, type Outcome } from '../../model/outcome.ts'
import type { Sorted } from './sorted.ts'

/** How a host ended: its worst outcome, or that no task of it has ended. */
export type HostStatus = Outcome | 'not begun'

/** One host of a run. */
export interface HostResult {
  readonly name: string
  readonly status: HostStatus
  readonly seconds: number
  readonly queued: number
}

/** An ignored or rescued failure does not count for its host. */
function statusOf({ outcome, ignored, rescued }: OutcomeEvent): Outcome {
  return outcome === 'failed' && (ignored === true || rescued === true) ? 'ok' : outcome
}

/** How each host of a run ended. */
export function hostResults({ hosts, tasks }: Sorted): readonly HostResult[] {
  const found = new Map<string, { worst: number; seconds: number; queued: number }>()
  for (const { outcomes: all } of tasks)
    for (const event of all) {
      const held = found.get(event.host) ?? { worst: outcomes.length, seconds: 0, queued: 0 }
      held.worst = Math.min(held.worst, outcomes.indexOf(statusOf(event)))
      held.seconds += event.seconds
      held.queued += event.queued ?? 0
      found.set(event.host, held)
    }
  return hosts.map((name) => {
    const held = found.get(name)
    if (!held) return { name, status: 'not begun', seconds: 0, queued: 0 }
    // A host of which a task was left out, and others were true, is true.
    const worst = outcomes[held.worst]!
    return {
      name,
      status: worst === 'skipped' ? 'ok' : worst,
      seconds: rounded(held.seconds),
      queued: rounded(held.queued),
    }
  })
}

/** Milliseconds are exact enough for people. */
export function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

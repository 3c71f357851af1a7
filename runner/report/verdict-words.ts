import type { Event } from '../model/event.ts'
import { countOf } from '../text/count.ts'

/** How a run ended, in a few words. */
export function verdictWords(
  isPlan: boolean,
  { interrupted, exit, changedHosts, totals }: Extract<Event, { type: 'run-ended' }>,
): string {
  if (interrupted) return 'interrupted'
  if (exit === 1) return 'failed'
  if (exit === 2) return isPlan ? 'changes are pending' : 'not all is known'
  const words = isPlan
    ? 'nothing would change'
    : changedHosts.length > 0
      ? 'made true'
      : 'true already'
  // What is ignored or rescued is not true all the same.
  return totals.failed === 0
    ? words
    : `${words}, but for ${countOf(totals.failed, 'failure')} that the playbook allows`
}

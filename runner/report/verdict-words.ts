import type { Event } from '../model/event.ts'

/** How a run ended, in a few words. */
export function verdictWords(
  isPlan: boolean,
  { interrupted, exit, changedHosts }: Extract<Event, { type: 'run-ended' }>,
): string {
  if (interrupted) return 'interrupted'
  if (exit === 1) return 'failed'
  if (exit === 2) return isPlan ? 'changes are pending' : 'not all is known'
  if (isPlan) return 'nothing would change'
  return changedHosts.length > 0 ? 'made true' : 'true already'
}

import type { Folded } from '../journal/outcome-of-log.ts'
import type { NextCommand } from '../report/next-command.ts'
import { wasAtOnce } from './at-once-name.ts'

/** A run whose next command is wanted. */
export interface EndedRun {
  readonly mode: 'run' | 'plan'
  readonly playbookFile: string
  /** Whether it applied a saved plan. */
  readonly isOfPlan: boolean
  readonly hasLog: boolean
  /** What its log comes to. */
  readonly folded: () => Folded
  /** The command that resumes it: because it stopped early, or because hosts owe handlers. */
  readonly resume: (why: 'stopped early' | 'handlers owed') => string
  /** The command that runs it again from the start. */
  readonly again: NextCommand
}

/**
 * A host that owes a handler is helped only by `resume`: a new run finds nothing to change there, and notifies nothing. A run that
 * stopped early goes on with `resume` too, for it leaves no host behind.
 */
export function nextOfRun(run: EndedRun): NextCommand {
  const { mode, playbookFile, isOfPlan, hasLog, folded, resume, again } = run
  const canResume = mode === 'run' && hasLog && !wasAtOnce(playbookFile)
  return (verb, limit) => {
    if (!canResume || verb !== 'run') return again(verb, limit)
    // An applied plan is applied again; only what it owes is resumed.
    if (!isOfPlan && stoppedEarly(folded())) return resume('stopped early')
    return folded().indebted().length > 0 ? resume('handlers owed') : again(verb, limit)
  }
}

function stoppedEarly({ end, stoppedAt }: Folded): boolean {
  if (stoppedAt !== null) return true
  return end !== null && (end.interrupted || end.cutShortHosts.length + end.notBegun > 0)
}

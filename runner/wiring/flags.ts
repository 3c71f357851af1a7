import { defaultForks, type RunShape } from '../report/next-command.ts'
import type { OutputForm } from '../report/forms.ts'
import type { Configured } from './configured.ts'
import type { KeepFlag } from './kept-connections.ts'
import type { SourceFlags } from './inventory-sources.ts'

/** The options of `run` and `plan`, as the command line gives them. */
export interface RunFlags extends SourceFlags, RunShape {
  readonly listTasks?: boolean
  readonly listHosts?: boolean
  readonly extraVars?: readonly string[]
  readonly diff?: boolean
  /** `--diff=full`: every line of what differs. */
  readonly diffFull?: boolean
  readonly verbose: number
  /** Whose commands' words are shown, where verbosity does not decide it. */
  readonly outputs?: 'none' | 'acts' | 'all'
  readonly output: OutputForm
  /** Prints where the time went, on standard error. */
  readonly profile?: boolean
  /** Reports that are written at the end: `FORM` or `FORM:FILE`. */
  readonly report?: readonly string[]
  /** The key that signs them, and a saved plan. */
  readonly sign?: string
  /** The file that gets the metrics of the run. */
  readonly metrics?: string
  /** Logs outside of this program that get what happens: `syslog`, `otlp:URL`. */
  readonly logTo?: readonly string[]
  /** For how long connections are kept for the next run. */
  readonly keep?: KeepFlag
  /** Folders of own types, beside those next to the playbook. */
  readonly types?: readonly string[]
  /** What the configuration says that no option says. */
  readonly configured?: Configured
  /** Plans: the file that the plan is saved to. */
  readonly out?: string
}

/** The options that the command takes from a saved plan or a log instead of the command line. */
type Kept = 'inventory' | 'limit' | 'tags' | 'skipTags' | 'out'

/** The options of `apply`: what the plan itself does not hold. */
export interface ApplyFlags extends Omit<RunFlags, Kept> {
  readonly maxAge: string
  /** Whether another person must have signed the plan. */
  readonly approved?: boolean
  /** The file that names the people who may sign. */
  readonly signers?: string
}

/** The options of `resume`: what the log does not hold. */
export interface ResumeFlags extends Omit<RunFlags, Kept> {
  /** Refuses when the playbook or the inventory changed. */
  readonly strict?: boolean
}

/** A run without any option. */
export const defaultShape: RunShape = { forks: defaultForks, batch: true }

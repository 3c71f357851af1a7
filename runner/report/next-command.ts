import { fromFolder } from '../text/from-folder.ts'
import { shellWords } from '../text/shell-word.ts'

/** The options that shape a run: the next command keeps each of them. What only shapes the output is not among them. */
export interface RunShape {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly startAt?: string
  readonly step?: boolean
  readonly forks: number
  readonly yes?: boolean
  /** Sentences that a person has confirmed beforehand; no later run takes them over. */
  readonly confirm?: readonly string[]
  readonly batch: boolean
  readonly askBecomePass?: boolean
  readonly cachedInventory?: boolean
  readonly stateDir?: string
  /** `false`: the run keeps no log. */
  readonly log?: boolean
  readonly lockTimeout?: string
  /** The ssh_config in place of the user's and the system's. */
  readonly sshConfig?: string
}

/** How many hosts are connected at once unless `--forks` says otherwise. */
export const defaultForks = 50
/** How long an apply waits for another run unless `--lock-timeout` says otherwise. */
export const defaultLockTimeout = '30s'

/** A run that may be repeated: its playbook, its options, and the words that give its inputs. */
export interface RepeatableRun {
  readonly playbook: string
  readonly shape: RunShape
  readonly inputs: readonly string[]
  /** Paths are named from this folder. */
  readonly folder: string
}

/** Gives the next command: the same run, or a run of other hosts when `limit` is given. */
export type NextCommand = (verb: 'run' | 'plan', limit?: string) => string

/** The command that runs or plans the same hosts again in the same way. */
export function runAgain({ playbook, shape, inputs, folder }: RepeatableRun): NextCommand {
  return (verb, limit = shape.limit) =>
    shellWords([
      'trueup',
      verb,
      fromFolder(playbook, folder),
      ...(shape.inventory ?? []).flatMap((path) => ['-i', fromFolder(path, folder)]),
      ...option('--limit', limit),
      ...option('--tags', shape.tags?.join(',') || undefined),
      ...option('--skip-tags', shape.skipTags?.join(',') || undefined),
      ...option('--start-at', shape.startAt),
      ...(verb === 'run' && shape.step ? ['--step'] : []),
      ...(shape.cachedInventory ? ['--cached-inventory'] : []),
      ...handling(shape),
      ...inputs,
    ])
}

/** The command that applies a saved plan in the same way. */
export function applyPlan(file: string, { shape, inputs }: RepeatableRun): string {
  return shellWords(['trueup', 'apply', file, ...handling(shape), ...inputs])
}

/** The command that resumes a run in the same way. */
export function resumeRun(run: string, shape: RunShape): string {
  return shellWords(['trueup', 'resume', run, ...handling(shape)])
}

/** The options of every command that connects to hosts. */
function handling(shape: RunShape): readonly string[] {
  return [
    ...(shape.forks === defaultForks ? [] : ['-f', String(shape.forks)]),
    ...(shape.batch ? [] : ['--no-batch']),
    ...(shape.yes ? ['--yes'] : []),
    ...(shape.askBecomePass ? ['-K'] : []),
    ...option('-F', shape.sshConfig),
    ...option('--state-dir', shape.stateDir),
    ...(shape.log === false ? ['--no-log'] : []),
    ...(shape.lockTimeout === defaultLockTimeout
      ? []
      : option('--lock-timeout', shape.lockTimeout)),
  ]
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value]
}

import { InvalidArgumentError, type Command } from 'commander'
import type { Io } from '../io.ts'
import type { ResumeFlags } from '../flags.ts'
import type { HistoryFlags, ShowFlags } from './history.ts'

const stateDir = ['--state-dir <path>', 'where run logs are kept'] as const
const naming = 'a run: `last`, its number in `trueup history`, or how its name begins'

/** The commands about runs that were: `history`, `show`, `resume`. */
export function addRuns(
  program: Command,
  io: Io,
  done: (code: number) => void,
  withReport: (command: Command) => Command,
): void {
  program
    .command('history')
    .description('list the latest runs, a line each')
    .option('-n, --count <count>', 'how many', counted, 20)
    .option(...stateDir)
    .action(async (flags: HistoryFlags) =>
      done((await import('./history.ts')).historyCommand(io, flags)),
    )
  program
    .command('show')
    .description('tell a run again from its log: outcomes, failures, differences')
    .argument('<run>', naming)
    .option('--host <name>', 'only this host, with its registers')
    .option('--json', 'as records, one a line')
    .option('--no-diff', 'without what differed')
    .option(...stateDir)
    .action(async (run: string, flags: ShowFlags) =>
      done((await import('./history.ts')).showCommand(io, run, flags)),
    )
  withReport(
    program
      .command('resume')
      .description(
        'pay what a run left owing, then run its playbook over the hosts that were not done',
      )
      .argument('<run>', naming),
  )
    .option('--strict', 'refuse when the playbook or the inventory changed since')
    .option(
      '-e, --extra-vars <key=value>',
      'a secret input of the run: key=value, or @file.yaml (may be repeated)',
      (value: string, before: string[] | undefined) => [...(before ?? []), value],
    )
    .action(async (run: string, flags: ResumeFlags) =>
      done(await (await import('./resume.ts')).resumeCommand(io, run, flags)),
    )
}

function counted(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return count
}

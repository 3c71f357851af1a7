import type { Command } from 'commander'
import { extraVars, positive, withReportOptions, withSources } from '../command-options.ts'
import type { Shell } from '../command-context.ts'
import type { ResumeFlags } from '../../wiring/flags.ts'
import type { HistoryFlags, ShowFlags } from './history-command.ts'

const stateDir = ['--state-dir <path>', 'where run logs are kept'] as const
const naming = 'a run: `last`, its number in `trueup history`, or how its name begins'

/** Adds the commands about earlier runs: `history`, `show`, `resume`. */
export function addRuns(program: Command, { io, done }: Shell): void {
  program
    .command('history')
    .description('list the latest runs, a line each')
    .option('-n, --count <count>', 'how many', positive, 20)
    .option(...stateDir)
    .action(async (flags: HistoryFlags) =>
      done((await import('./history-command.ts')).historyCommand(io, flags)),
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
      done((await import('./history-command.ts')).showCommand(io, run, flags)),
    )
  withRunningOptions(
    program
      .command('resume')
      .description(
        'pay what a run left owing, then run its playbook over the hosts that were not done',
      )
      .argument('<run>', naming),
  )
    .option('--strict', 'refuse when the playbook or the inventory changed since')
    .addOption(extraVars('a secret input of the run: key=value, or @file.yaml (may be repeated)'))
    .action(async (run: string, flags: ResumeFlags) =>
      done(await (await import('./resume-command.ts')).resumeCommand(io, run, flags)),
    )
}

function withRunningOptions(command: Command): Command {
  return withSources(withReportOptions(command))
}

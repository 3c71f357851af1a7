import { Option, type Command } from 'commander'
import {
  collect,
  extraVars,
  fullDiffOption,
  positive,
  signersOption,
  signOption,
  withReportOptions,
  withSources,
} from '../command-options.ts'
import { runOutcomes } from '../../report/forms.ts'
import type { Shell } from '../command-context.ts'
import type { ResumeFlags } from '../../wiring/flags.ts'
import type { ReportFlags } from '../../wiring/evidence-of-run.ts'
import type { HistoryFlags, ShowFlags } from '../../wiring/show-history.ts'

const stateDir = ['--state-dir <path>', 'where run logs are kept'] as const
const naming = 'a run: `last`, its number in `trueup history`, or how its name begins'

/** Adds the commands about earlier runs: `history`, `show`, `report`, `resume`. */
export function addRuns(program: Command, shell: Shell): void {
  addHistory(program, shell)
  addReport(program, shell)
  addShow(program, shell)
  addResume(program, shell)
}

function addHistory(program: Command, { io, done }: Shell): void {
  program
    .command('history')
    .description('list the latest runs, a line each')
    .option('-n, --count <count>', 'how many', positive, 20)
    .option('--playbook <text>', 'only runs of playbooks with this in their file or title')
    .option('--host <name>', 'only runs that had this host')
    .addOption(new Option('--outcome <word>', 'only runs that ended so').choices(runOutcomes))
    .option('--since <when>', 'only runs since then: 2d, 2026-11-30')
    .option('--compare <run...>', 'two runs: what the second did otherwise')
    .option('--json', 'as JSON')
    .option(...stateDir)
    .action(async (flags: HistoryFlags) =>
      done(
        flags.compare === undefined
          ? (await import('../../wiring/show-history.ts')).historyCommand(io, flags)
          : (await import('../../wiring/evidence-of-run.ts')).compareCommand(
              io,
              flags.compare,
              flags,
            ),
      ),
    )
}

function addReport(program: Command, { io, done }: Shell): void {
  program
    .command('report')
    .description('write what a run did as evidence: a page, Markdown, JUnit XML or JSON')
    .argument('[run]', naming, 'last')
    .option('-o, --out <file>', 'the file: .html, .md, .xml or .json (may be repeated)', collect)
    .option(
      '--form <form>',
      'html, md, junit, json, sarif, github or gitlab, where no file says it',
    )
    .addOption(signOption())
    .addOption(
      new Option('--verify <file>', 'say who signed this report').conflicts([
        'out',
        'form',
        'sign',
      ]),
    )
    .addOption(signersOption())
    .option(...stateDir)
    .action(async (run: string, flags: ReportFlags) =>
      done((await import('../../wiring/evidence-of-run.ts')).reportCommand(io, run, flags)),
    )
}

function addShow(program: Command, { io, done }: Shell): void {
  program
    .command('show')
    .description('tell a run again from its log: outcomes, failures, differences')
    .argument('<run>', naming)
    .option('--host <name>', 'only this host, with its registers')
    .option('--json', 'as records, one a line')
    .option('--no-diff', 'without what differed (--diff=full: every line of it)')
    .addOption(fullDiffOption())
    .option(...stateDir)
    .action(async (run: string, flags: ShowFlags) =>
      done((await import('../../wiring/show-history.ts')).showCommand(io, run, flags)),
    )
}

function addResume(program: Command, { io, done }: Shell): void {
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
      done(await (await import('../../wiring/resume-run.ts')).resumeRun(io, run, flags)),
    )
}

function withRunningOptions(command: Command): Command {
  return withSources(withReportOptions(command))
}

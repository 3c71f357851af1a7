import { InvalidArgumentError, Option, type Command } from 'commander'
import { keepOf } from '../text/keep-time.ts'
import { outputForms } from '../report/forms.ts'
import { defaultForks, defaultLockTimeout } from '../report/next-command.ts'

/** Adds the options of every command that takes an inventory. */
export function withInventory(command: Command): Command {
  return withSources(
    command.option(
      '-i, --inventory <path>',
      'an inventory file, folder or program (may be repeated)',
      collect,
    ),
  )
}

/** Adds the options of every command that may ask the sources of an inventory. */
export function withSources(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--refresh-inventory',
        'ask the sources of the inventory, whatever their caches have',
      ).conflicts('cachedInventory'),
    )
    .option(
      '--cached-inventory',
      'use what the sources of the inventory answered last, however old',
    )
}

/** Adds the options of `run` and `plan`. */
export function withRunOptions(command: Command): Command {
  return withReportOptions(withInventory(command))
    .option(
      '-l, --limit <pattern>',
      'only the hosts of this pattern: names, ranges, @groups, ! & ^',
    )
    .option('-t, --tags <tags>', 'only tasks with one of these tags (and `always`)', collectWords)
    .option('--skip-tags <tags>', 'leave out tasks with one of these tags', collectWords)
    .addOption(
      new Option(
        '--start-at <task>',
        'begin with this task: its sentence, or its number in --list-tasks',
      ).conflicts('out'),
    )
    .option('--list-tasks', 'show the tasks with their numbers, and connect to nothing')
    .option('--list-hosts', 'show the hosts of each play, and connect to nothing')
    .addOption(extraVars())
    .addOption(typesOption())
}

/** Adds the options of every command that connects to hosts. */
export function withReportOptions(command: Command): Command {
  return command
    .option(
      '-f, --forks <count>',
      'hosts whose connections are open at once',
      positive,
      defaultForks,
    )
    .option('-D, --diff', 'show what differs, field by field (--diff=full: every line of it)')
    .addOption(fullDiffOption())
    .option(
      '-v, --verbose',
      'say more: what commands said, each action (-vv: also what reads said, each exchange)',
      (_value: string, level: number) => level + 1,
      0,
    )
    .addOption(outputOption())
    .option('-y, --yes', 'answer yes to each `confirm` of the playbook that is not `attended`')
    .option(
      '--confirm <sentence>',
      'answer yes to the `confirm` of this sentence, or SENTENCE=VALUE where it asks for a value (may be repeated)',
      collect,
    )
    .option('--no-batch', 'one probe at a time, nothing ahead: slower, the same results')
    .option('--profile', 'say at the end where the time went, and what each host cost')
    .option('-K, --ask-become-pass', 'ask for the sudo password first')
    .addOption(sshConfigOption())
    .addOption(keepOption())
    .option(
      '--state-dir <path>',
      'where run logs and guesses are kept (deleting guesses only makes a run slower)',
    )
    .addOption(reportOption())
    .addOption(signOption())
    .option('--metrics <file>', 'write how it ended for node_exporter, in the form of Prometheus')
    .addOption(
      new Option(
        '--log-to <log>',
        'send what changes and fails to a log too: syslog, or otlp:URL of a collector (may be repeated)',
      ).argParser(collect),
    )
    .option('--no-log', 'keep no run log: the run cannot be shown or resumed')
    .option(
      '--lock-timeout <duration>',
      'how long an apply waits for another run on its host',
      defaultLockTimeout,
    )
}

/** What `--diff=full` is for the command line. */
export function fullDiffOption(): Option {
  return new Option('--diff-full', 'show all lines of what differs').hideHelp()
}

/** The option that asks for reports. */
function reportOption(): Option {
  return new Option(
    '--report <form[:file]>',
    'write a report at the end: html, md, junit, json, sarif, github or gitlab; without a file on standard output (may be repeated)',
  ).argParser(collect)
}

/** The option that asks for what `validate` found, in a form for programs. */
export function findingsOption(): Option {
  return new Option(
    '--report <form[:file]>',
    'write what was found: sarif, json, github or gitlab; without a file on standard output (may be repeated)',
  ).argParser(collect)
}

/** The option that names a key to sign with. */
export function signOption(): Option {
  return new Option(
    '--sign <key>',
    'sign each file of a report, or the saved plan, with this key of OpenSSH: FILE.sig',
  )
}

/** The option that names the people who may sign. */
export function signersOption(): Option {
  return new Option(
    '--signers <file>',
    'who may sign, as ssh-keygen reads it (~/.config/trueup/allowed_signers)',
  )
}

/** The option that names an ssh_config. */
export function sshConfigOption(): Option {
  return new Option(
    '-F, --ssh-config <file>',
    "an ssh_config in place of yours and the system's (`none`: no file)",
  )
}

/** The option that says for how long connections are kept. */
function keepOption(): Option {
  return new Option(
    '--keep <duration>',
    'keep the connections that long for the next run (60s at a terminal; 0: not at all)',
  ).argParser((value: string) => {
    const milliseconds = keepOf(value)
    if (milliseconds === null)
      throw new InvalidArgumentError('It must be a duration such as 60s or 10m, or 0.')
    return { typed: milliseconds }
  })
}

/** The option that gives inputs. */
export function extraVars(
  description = 'an input of the playbook: key=value, or @file.yaml (may be repeated)',
): Option {
  return new Option('-e, --extra-vars <key=value>', description).argParser(collect)
}

/** The option that names folders of own types. */
export function typesOption(): Option {
  return new Option(
    '--types <folder>',
    'a folder of own resource types, beside those next to the playbook (may be repeated)',
  ).argParser(collect)
}

/** The option that chooses a form of output. */
export function outputOption(): Option {
  return new Option('--output <form>', 'auto: a screen on a terminal, else plain')
    .choices(outputForms)
    .default('auto')
}

/** The values of an option that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}

function collectWords(value: string, before: readonly string[] | undefined): string[] {
  const words = value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  // An empty variable of a shell must not mean all tasks.
  if (words.length === 0) throw new InvalidArgumentError('It names no tag.')
  return [...(before ?? []), ...words]
}

/** The number of an option that counts something. */
export function positive(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return count
}

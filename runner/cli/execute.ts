import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { addRuns } from './commands/runs.ts'
import type { DocsFlags } from './commands/docs.ts'
import type { InventoryFlags } from './commands/inventory.ts'
import type { ApplyFlags, RunFlags } from './flags.ts'
import type { Io } from './io.ts'
import { wordsMeant } from './other-flags.ts'
import { exitWrongInput, explain } from './explain-error.ts'
import { versionText } from './version.ts'
import { defaultForks, defaultLockTimeout } from '../report/next-command.ts'
import { outputForms } from '../report/forms.ts'

/** Runs one command line and gives its exit code. Each command's code is loaded when it is named, so that help is quick. */
export async function execute(argv: readonly string[], io: Io): Promise<number> {
  let exit = 0
  const program = buildProgram(io, (code) => {
    exit = code
  })
  try {
    if (argv.length === 0) {
      program.outputHelp()
      return exitWrongInput
    }
    await program.parseAsync([...argv], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitWrongInput
    // What a program reads is complete.
    return explain(
      error,
      io,
      argv.some(
        (word, i) => word === '--output=json' || (word === '--output' && argv[i + 1] === 'json'),
      ),
    )
  }
}

const examples = `
Examples:
  trueup plan playbooks/remote-build-node.yaml -i inventory/     what would change, on which hosts
  trueup run playbooks/remote-build-node.yaml -i inventory/      make it true
  trueup types package                                           the manual of a resource type
  trueup demo                                                    all of it, on a machine in a box

Exit codes: 0 true, or made true; 1 a task failed or a host was unreachable; 2 a plan has changes pending;
            3 the input is wrong and nothing was touched; 130 interrupted.`

/** The whole command line. `done` gets the exit code of the command that ran. */
export function buildProgram(io: Io, done: (code: number) => void): Command {
  const program = new Command('trueup')
    .description(
      'Makes machines true to a playbook: reads what is there, compares it with what the playbook says, repairs only what differs.',
    )
    .version(versionText(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('(--help lists the commands and options)')
    .enablePositionalOptions()
    .addHelpText('after', examples)
    .exitOverride()
    .hook('preAction', async (_program, command) =>
      (await import('./configured.ts')).configure(io, command),
    )
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError,
      getOutHelpWidth: () => helpWidth(io.stdout),
      getErrHelpWidth: () => helpWidth(io.stderr),
    })

  withRunOptions(
    program
      .command('run')
      .description('make the hosts of a playbook true')
      .argument('<playbook>', 'a playbook'),
  )
    .option('--step', 'ask before each task')
    .action(async (playbook: string, flags: RunFlags) => {
      done(await (await import('./commands/run.ts')).runCommand(io, 'run', playbook, flags))
    })
  withRunOptions(
    program
      .command('plan')
      .description('say what a run would change, and change nothing')
      .argument('<playbook>', 'a playbook'),
  )
    .option('-o, --out <file>', 'save the plan, for `trueup apply`')
    .action(async (playbook: string, flags: RunFlags) => {
      done(await (await import('./commands/run.ts')).runCommand(io, 'plan', playbook, flags))
    })
  withReportOptions(
    program
      .command('apply')
      .description('do what a saved plan shows, and nothing else')
      .argument('<file>', 'a plan that `trueup plan PLAYBOOK -o FILE` saved'),
  )
    .option('--max-age <duration>', 'how old the plan may be', '24h')
    .addOption(extraVars('a secret input of the plan: key=value, or @file.yaml (may be repeated)'))
    .action(async (file: string, flags: ApplyFlags) => {
      done(await (await import('./commands/apply.ts')).applyCommand(io, file, flags))
    })
  withInventory(
    program
      .command('validate')
      .description('check playbooks, and the inventory when one is given; no host is touched')
      .argument('<playbook...>', 'playbooks'),
  )
    .addOption(extraVars())
    .addOption(typesOption())
    .action(async (playbooks: string[], flags: RunFlags) => {
      done(await (await import('./commands/validate.ts')).validateCommand(io, playbooks, flags))
    })
  withInventory(
    program
      .command('docs')
      .description('show a playbook as the manual page that it replaces')
      .argument('<playbook>', 'a playbook'),
  )
    .option('--host <name>', 'plan it on this host, and show the commands that would be run there')
    .option('--state-dir <path>', 'where guesses are kept')
    .addOption(extraVars())
    .addOption(typesOption())
    .action(async (playbook: string, flags: DocsFlags) => {
      done(await (await import('./commands/docs.ts')).docsCommand(io, playbook, flags))
    })
  withInventory(
    program
      .command('inventory')
      .description('show hosts, groups and services as a run would see them'),
  )
    .addOption(new Option('--list', 'everything as JSON').conflicts(['graph', 'host', 'limit']))
    .addOption(
      new Option('--graph', 'groups and their hosts as a tree').conflicts(['host', 'limit']),
    )
    .option('--host <name>', 'the vars and the connection of one host')
    .option('-l, --limit <pattern>', 'the names of the hosts of this pattern, one a line')
    .action(async (flags: InventoryFlags) => {
      done(await (await import('./commands/inventory.ts')).inventoryCommand(io, flags))
    })
  program
    .command('types')
    .description('list resource types, or show the manual of one')
    .argument('[name]', 'a resource type')
    .option('-b, --playbook <path>', 'a playbook whose own types are known too')
    .addOption(typesOption())
    .action(async (name: string | undefined, flags: { playbook?: string; types?: string[] }) => {
      done(await (await import('./commands/types.ts')).typesCommand(io, name, flags))
    })
  addAuthoring(program, io, done)
  program
    .command('demo')
    .description('raise a machine in a box, plan, run, run again, break a node, repair it')
    .addOption(outputOption())
    .action(async (flags: { output: RunFlags['output'] }) => {
      done(await (await import('./commands/demo.ts')).demoCommand(io, flags, execute))
    })
  addRuns(program, io, done, (command) => withSources(withReportOptions(command)))
  addLab(program, io, done)
  addConfig(program, io, done)
  return program
}

function addAuthoring(program: Command, io: Io, done: (code: number) => void): void {
  const starter = program
    .command('new')
    .description('begin a resource type or a playbook of your own')
  starter
    .command('type')
    .description("write a resource type and its cases into this folder's types/")
    .argument('<name>', 'its name: site.motd')
    .addOption(new Option('--yaml', 'as a manifest (the default)').conflicts('ts'))
    .option('--ts', 'in TypeScript')
    .action(async (name: string, flags: { ts?: boolean }) =>
      done(
        await (
          await import('./commands/new.ts')
        ).newTypeCommand(io, name, flags.ts === true ? 'ts' : 'yaml'),
      ),
    )
  starter
    .command('playbook')
    .description('write a playbook that validates and runs')
    .argument('<name>', 'its file: site.yaml')
    .action(async (name: string) =>
      done(await (await import('./commands/new.ts')).newPlaybookCommand(io, name)),
    )
  program
    .command('test')
    .description(
      'hold resource types of your own to their cases, and to the laws that the built-in types keep',
    )
    .argument('<path...>', 'a *.resource.yaml, .ts or .js, or a folder of them')
    .action(async (paths: string[]) =>
      done(await (await import('./commands/test.ts')).testCommand(io, paths)),
    )
}

function addConfig(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('config')
    .description('show each setting, its value and where it comes from')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) =>
      done((await import('./commands/config.ts')).configCommand(io, flags)),
    )
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') =>
      done((await import('./commands/completion.ts')).completionCommand(io, shell)),
    )
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .passThroughOptions()
    .action(async (words: string[]) =>
      done(await (await import('./commands/completion.ts')).completeCommand(io, program, words)),
    )
  const shipped = program
    .command('shipped')
    .description('list the playbooks, inventories, schemas and docs that came with trueup')
    .argument('[path]', 'only what lies in this folder')
    .action(async (path: string | undefined) =>
      done((await import('./commands/shipped.ts')).shippedList(io, path)),
    )
  shipped
    .command('copy')
    .description('copy a shipped file, or a folder of them; nothing is written over')
    .argument('<path>', 'as `trueup shipped` lists it')
    .argument('<to>', 'a folder, or the name of the copy')
    .action(async (path: string, to: string) =>
      done((await import('./commands/shipped.ts')).shippedCopy(io, path, to)),
    )
}

function addLab(program: Command, io: Io, done: (code: number) => void): void {
  const lab = program
    .command('lab')
    .description(
      'a rehearsal lab: a CSM system in a box, to try playbooks on before touching a machine',
    )
  const folder = (): Option =>
    new Option('--folder <path>', 'the lab of this folder (one per user when not given)')
  const commands = () => import('./commands/lab.ts')
  lab
    .command('up')
    .description('raise the lab')
    .addOption(folder())
    .option('--release <csm>', 'the CSM release that its services behave like')
    .action(async (flags: { folder?: string; release?: string }) =>
      done(await (await commands()).labUpCommand(io, flags)),
    )
  lab
    .command('down')
    .description('take the lab down; nothing is left')
    .addOption(folder())
    .action(async (flags: { folder?: string }) =>
      done(await (await commands()).labDownCommand(io, flags)),
    )
  lab
    .command('status')
    .description('show the nodes, what they have, and what the services were asked')
    .addOption(folder())
    .option('--json', 'as JSON')
    .action(async (flags: { folder?: string; json?: boolean }) =>
      done(await (await commands()).labStatusCommand(io, flags)),
    )
  lab
    .command('ssh')
    .description('sign in to a node of the lab, or run a command there')
    .argument('<node>')
    .argument('[command...]')
    .passThroughOptions()
    .addOption(folder())
    .option('-u, --user <name>', 'as this user')
    .action(async (node: string, command: string[], flags: { folder?: string; user?: string }) =>
      done(await (await commands()).labSshCommand(io, node, command, flags)),
    )
  lab
    .command('reboot')
    .description('power-cycle a node: what its image does not hold is gone')
    .argument('<node>')
    .addOption(folder())
    .action(async (node: string, flags: { folder?: string }) =>
      done(await (await commands()).labRebootCommand(io, node, flags)),
    )
  lab
    .command('fault')
    .description('break something, or mend it (`fault` alone lists what can be broken)')
    .argument('[fault...]')
    .addOption(folder())
    .action(async (words: string[], flags: { folder?: string }) =>
      done(await (await commands()).labFaultCommand(io, words, flags)),
    )
}

function withInventory(command: Command): Command {
  return withSources(
    command.option(
      '-i, --inventory <path>',
      'an inventory file, folder or program (may be repeated)',
      collect,
    ),
  )
}

/** The options of every command that may ask the sources of an inventory. */
function withSources(command: Command): Command {
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

function withRunOptions(command: Command): Command {
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

/** The options of every command that meets hosts. */
function withReportOptions(command: Command): Command {
  return command
    .option(
      '-f, --forks <count>',
      'hosts whose connections are open at once',
      positive,
      defaultForks,
    )
    .option('-D, --diff', 'show what differs, field by field')
    .option(
      '-v, --verbose',
      'say more (-vv: also each exchange)',
      (_value: string, level: number) => level + 1,
      0,
    )
    .addOption(outputOption())
    .option('-y, --yes', 'answer yes to each `confirm` of the playbook')
    .option('--no-batch', 'one probe at a time, nothing ahead: slower, the same results')
    .option('--profile', 'say at the end where the time went, and what each host cost')
    .option('-K, --ask-become-pass', 'ask for the sudo password first')
    .option(
      '--state-dir <path>',
      'where run logs and guesses are kept (deleting guesses only makes a run slower)',
    )
    .option('--no-log', 'keep no run log: the run cannot be shown or resumed')
    .option(
      '--lock-timeout <duration>',
      'how long an apply waits for another run on its host',
      defaultLockTimeout,
    )
}

function extraVars(
  description = 'an input of the playbook: key=value, or @file.yaml (may be repeated)',
): Option {
  return new Option('-e, --extra-vars <key=value>', description).argParser(collect)
}

function typesOption(): Option {
  return new Option(
    '--types <folder>',
    'a folder of own resource types, beside those next to the playbook (may be repeated)',
  ).argParser(collect)
}

function outputOption(): Option {
  return new Option('--output <form>', 'auto: a screen on a terminal, else plain')
    .choices(outputForms)
    .default('auto')
}

function collect(value: string, before: readonly string[] | undefined): string[] {
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

function positive(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return count
}

function outputError(said: string, write: (text: string) => void): void {
  const meant = wordsMeant(said)
  write(meant === null ? said : `${said.trimEnd()}\n  hint: ${meant}\n`)
}

function helpWidth(stream: NodeJS.WriteStream): number {
  return Math.max(40, Math.min(stream.columns || 80, 120))
}

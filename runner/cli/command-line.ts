import { Argument, Command, Option } from 'commander'
import { shells, type Shell as CompletionShell } from '../completion/shell-scripts.ts'
import { addLab } from './commands/lab-command.ts'
import { addRuns } from './commands/runs-command.ts'
import type { ApproveFlags } from './commands/approve-command.ts'
import { keeperCommand } from '../wiring/kept-connections.ts'
import type { ConnectionsFlags } from '../wiring/connections-of-keeper.ts'
import type { DocsFlags } from './commands/docs-command.ts'
import type { InventoryFlags } from '../wiring/show-inventory.ts'
import type { DoctorFlags } from '../wiring/examine-system.ts'
import type { AtOnce } from '../wiring/at-once-name.ts'
import type { ApplyFlags, RunFlags } from '../wiring/flags.ts'
import type { AtOnceFlags } from '../wiring/hosts-at-once.ts'
import type { Shell } from './command-context.ts'
import { defaultForks } from '../report/next-command.ts'
import {
  extraVars,
  findingsOption,
  signOption,
  signersOption,
  positive,
  sshConfigOption,
  typesOption,
  outputOption,
  withInventory,
  withReportOptions,
  withRunOptions,
} from './command-options.ts'
import { wordsMeant } from './other-flags.ts'
import { versionText } from '../wiring/build-version.ts'

const examples = `
Examples:
  trueup plan playbooks/remote-build-node.yaml -i inventory/     what would change, on which hosts
  trueup run playbooks/remote-build-node.yaml -i inventory/      make it true
  trueup ping @compute -i inventory/                             which hosts answer
  trueup exec @compute -i inventory/ -- uptime                   a command on hosts
  trueup types package                                           the manual of a resource type
  trueup demo                                                    all of it, on a machine in a box

Exit codes: 0 true, or made true; 1 a task failed or a host was unreachable; 2 a plan has changes pending;
            3 the input is wrong and nothing was touched; 130 interrupted.`

const doctorExits = `
Exit codes: 0 as trueup was proved; 1 something fails, so that a playbook cannot work; 2 something differs;
            3 the input is wrong and nothing was asked.`

/** The whole command line. */
export function buildProgram(shell: Shell): Command {
  const { io } = shell
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
      (await import('./configure.ts')).configure(io, command),
    )
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError,
      getOutHelpWidth: () => helpWidth(io.stdout),
      getErrHelpWidth: () => helpWidth(io.stderr),
    })

  addRunning(program, shell)
  addAtOnce(program, shell)
  addReading(program, shell)
  addManual(program, shell)
  addDoctor(program, shell)
  addAuthoring(program, shell)
  addDemo(program, shell)
  addRuns(program, shell)
  addLab(program, shell)
  addConnections(program, shell)
  addConfig(program, shell)
  return program
}

/** `run`, `plan` and `apply`. */
function addRunning(program: Command, { io, done }: Shell): void {
  withRunOptions(
    program
      .command('run')
      .description('make the hosts of a playbook true')
      .argument('<playbook>', 'a playbook'),
  )
    .option('--step', 'ask before each task: its hosts, and what would change')
    .action(async (playbook: string, flags: RunFlags) => {
      done(await (await import('../wiring/run-and-plan.ts')).runCommand(io, 'run', playbook, flags))
    })
  withRunOptions(
    program
      .command('plan')
      .description('say what a run would change, and change nothing')
      .argument('<playbook>', 'a playbook'),
  )
    .option('-o, --out <file>', 'save the plan, for `trueup apply`')
    .action(async (playbook: string, flags: RunFlags) => {
      done(
        await (await import('../wiring/run-and-plan.ts')).runCommand(io, 'plan', playbook, flags),
      )
    })
  withReportOptions(
    program
      .command('apply')
      .description('do what a saved plan shows, and nothing else')
      .argument('<file>', 'a plan that `trueup plan PLAYBOOK -o FILE` saved'),
  )
    .option('--max-age <duration>', 'how old the plan may be', '24h')
    .option('--approved', 'demand that another person signed the plan (trueup approve)')
    .addOption(signersOption())
    .addOption(extraVars('a secret input of the plan: key=value, or @file.yaml (may be repeated)'))
    .action(async (file: string, flags: ApplyFlags) => {
      done(await (await import('./commands/apply-command.ts')).applyCommand(io, file, flags))
    })
  program
    .command('approve')
    .description('say what a saved plan would do, and sign it for `trueup apply --approved`')
    .argument('<file>', 'a plan that `trueup plan PLAYBOOK -o FILE` saved')
    .addOption(signOption().makeOptionMandatory())
    .option('--max-age <duration>', 'how old the plan may be', '24h')
    .action(async (file: string, flags: ApproveFlags) =>
      done((await import('./commands/approve-command.ts')).approveCommand(io, file, flags)),
    )
}

/** `exec`, `ping` and `facts`: hosts are asked without a playbook. */
function addAtOnce(program: Command, { io, done }: Shell): void {
  const asking = async (
    what: AtOnce,
    hosts: string,
    words: readonly string[],
    flags: AtOnceFlags,
  ): Promise<void> =>
    done(
      await (await import('../wiring/hosts-at-once.ts')).runAtOnce(io, what, hosts, words, flags),
    )
  const pattern = 'hosts: names, ranges, @groups, ! & ^, or all'
  const withUser = (command: Command): Command =>
    withReportOptions(withInventory(command))
      .option('-b, --become', 'by sudo; without it as the user that logs in')
      .option('--become-user <user>', 'the user to become (root when not given)')
      .option('--timeout <duration>', 'time that each command may take')
  withUser(
    program
      .command('exec')
      .description('run a command on hosts, and show hosts that say the same as one')
      .argument('<hosts>', pattern)
      .argument(
        '<command...>',
        'behind --; one word is a line for sh, several are a command and its arguments',
      ),
  ).action((hosts: string, words: string[], flags: AtOnceFlags) =>
    asking('exec', hosts, words, flags),
  )
  withUser(
    program
      .command('ping')
      .description('say which hosts answer, and why the others do not')
      .argument('<hosts>', pattern),
  ).action((hosts: string, flags: AtOnceFlags) => asking('ping', hosts, [], flags))
  withUser(
    program
      .command('facts')
      .description('show the facts that playbooks may use, of hosts that have the same as one')
      .argument('<hosts>', pattern),
  ).action((hosts: string, flags: AtOnceFlags) => asking('facts', hosts, [], flags))
}

/** `validate`, `docs` and `inventory`: no host is changed. */
function addReading(program: Command, { io, done }: Shell): void {
  withInventory(
    program
      .command('validate')
      .description('check playbooks, and the inventory when one is given; no host is touched')
      .argument('<playbook...>', 'playbooks'),
  )
    .addOption(findingsOption())
    .option('--fix', 'repair in the files what has one certain repair, and say what was repaired')
    .addOption(extraVars())
    .addOption(typesOption())
    .addOption(sshConfigOption())
    .action(async (playbooks: string[], flags: RunFlags) => {
      done(
        await (
          await import('./commands/validate-command.ts')
        ).validateCommand(io, playbooks, flags),
      )
    })
  withInventory(
    program
      .command('docs')
      .description('show a playbook as the manual page that it replaces')
      .argument('<playbook>', 'a playbook'),
  )
    .option('--host <name>', 'plan it on this host, and show the commands that would be run there')
    .option('--state-dir <path>', 'where guesses are kept')
    .addOption(sshConfigOption())
    .addOption(extraVars())
    .addOption(typesOption())
    .action(async (playbook: string, flags: DocsFlags) => {
      done(await (await import('./commands/docs-command.ts')).docsCommand(io, playbook, flags))
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
      done(await (await import('../wiring/show-inventory.ts')).inventoryCommand(io, flags))
    })
}

/** `explain` and `types`: what the manual says. */
function addManual(program: Command, { io, done }: Shell): void {
  program
    .command('explain')
    .description('say what the code of a message means')
    .argument('<code>', 'a code, as it stands behind a message: run/required')
    .action(async (code: string) =>
      done((await import('../wiring/explain-code.ts')).explainCommand(io, code)),
    )
  program
    .command('types')
    .description('list resource types, or show the manual of one')
    .argument('[name]', 'a resource type')
    .option('-b, --playbook <path>', 'a playbook whose own types are known too')
    .addOption(typesOption())
    .action(async (name: string | undefined, flags: { playbook?: string; types?: string[] }) => {
      done(await (await import('./commands/types-command.ts')).typesCommand(io, name, flags))
    })
}

/** `doctor`. */
function addDoctor(program: Command, { io, done }: Shell): void {
  withInventory(
    program
      .command('doctor')
      .description('ask services and hosts, read-only, for what playbooks rely on')
      .argument('[playbook...]', 'playbooks (all that came with trueup when not given)'),
  )
    .option(
      '-l, --limit <pattern>',
      'only the hosts of this pattern: names, ranges, @groups, ! & ^',
    )
    .option(
      '-f, --forks <count>',
      'hosts whose connections are open at once',
      positive,
      defaultForks,
    )
    .option('-K, --ask-become-pass', 'ask for the sudo password first')
    .option('--json', 'as JSON')
    .addOption(extraVars())
    .addOption(typesOption())
    .addOption(sshConfigOption())
    .addHelpText('after', doctorExits)
    .action(async (playbooks: string[], flags: DoctorFlags) =>
      done(
        await (await import('./commands/doctor-command.ts')).doctorCommand(io, playbooks, flags),
      ),
    )
}

/** `new` and `test`. */
function addAuthoring(program: Command, { io, done }: Shell): void {
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
          await import('./commands/new-command.ts')
        ).newTypeCommand(io, name, flags.ts === true ? 'ts' : 'yaml'),
      ),
    )
  starter
    .command('playbook')
    .description('write a playbook that validates and runs')
    .argument('<name>', 'its file: site.yaml')
    .action(async (name: string) =>
      done(await (await import('./commands/new-command.ts')).newPlaybookCommand(io, name)),
    )
  program
    .command('lsp')
    .description('answer an editor: mistakes as you type, completion, manuals, definitions, fixes')
    .action(async () => done(await (await import('../editor/over-stdio.ts')).answerEditor(io)))
  program
    .command('test')
    .description(
      'hold resource types of your own to their cases, and to the laws that the built-in types keep',
    )
    .argument('<path...>', 'a *.resource.yaml, .ts or .js, or a folder of them')
    .action(async (paths: string[]) =>
      done(await (await import('./commands/test-command.ts')).testCommand(io, paths)),
    )
}

/** `config`, `completion` and `shipped`. */
function addConfig(program: Command, { io, done }: Shell): void {
  program
    .command('config')
    .description('show each setting, its value and where it comes from')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) =>
      done((await import('./commands/config-command.ts')).configCommand(io, flags)),
    )
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action(async (shell: CompletionShell) =>
      done((await import('./commands/completion-command.ts')).completionCommand(io, shell)),
    )
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .passThroughOptions()
    .action(async (words: string[]) =>
      done(
        await (
          await import('./commands/completion-command.ts')
        ).completeCommand(io, program, words),
      ),
    )
  const shipped = program
    .command('shipped')
    .description('list the playbooks, inventories, schemas and docs that came with trueup')
    .argument('[path]', 'only what lies in this folder')
    .action(async (path: string | undefined) =>
      done((await import('./commands/shipped-command.ts')).shippedList(io, path)),
    )
  shipped
    .command('copy')
    .description('copy a shipped file, or a folder of them; nothing is written over')
    .argument('<path>', 'as `trueup shipped` lists it')
    .argument('<to>', 'a folder, or the name of the copy')
    .action(async (path: string, to: string) =>
      done((await import('./commands/shipped-command.ts')).shippedCopy(io, path, to)),
    )
}

/** `connections`, and what becomes the keeper of them. */
function addConnections(program: Command, { io, done }: Shell): void {
  program
    .command('connections')
    .description('show the connections that are kept for the next run')
    .addOption(new Option('--close', 'close them now').conflicts('json'))
    .option('--json', 'as JSON')
    .action(async (flags: ConnectionsFlags) =>
      done(
        await (await import('../wiring/connections-of-keeper.ts')).connectionsCommand(io, flags),
      ),
    )
  program
    .command(keeperCommand, { hidden: true })
    .argument('<folder>')
    .action(async (folder: string) =>
      done(await (await import('../wiring/connections-of-keeper.ts')).keepConnections(io, folder)),
    )
}

/** `demo`. */
function addDemo(program: Command, { io, done, execute }: Shell): void {
  program
    .command('demo')
    .description('raise a machine in a box, plan, run, run again, break a node, repair it')
    .addOption(outputOption())
    .action(async (flags: { output: RunFlags['output'] }) => {
      done(await (await import('./commands/demo-command.ts')).demoCommand(io, flags, execute))
    })
}

function outputError(said: string, write: (text: string) => void): void {
  const meant = wordsMeant(said)
  write(meant === null ? said : `${said.trimEnd()}\n  hint: ${meant}\n`)
}

function helpWidth(stream: NodeJS.WriteStream): number {
  return Math.max(40, Math.min(stream.columns || 80, 120))
}

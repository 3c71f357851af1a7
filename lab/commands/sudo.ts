import { accountOf, passwordOpens, userName } from '../node/account-files.ts'
import { loginEnvironment } from '../node/login-environment.ts'
import { faultOf, type Machine } from '../node/machine.ts'
import { root } from '../node/file-tree.ts'
import { viewOf } from '../node/view.ts'
import { fail, ok, parse, type Call, type LabCommand, type Output } from './command.ts'

interface Asked {
  readonly args: readonly string[]
  readonly machine: Machine
  readonly user: string
  line(): Promise<Buffer>
  prompt(text: string): void
}
interface Allowed {
  readonly user: string
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd?: string
}
interface Refused {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

const usage =
  'usage: sudo -h | -K | -k | -V\nusage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]\nusage: sudo [-ABbEHkNnPS] [-p prompt] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n'
const lecture =
  '\nWe trust you have received the usual lecture from the local System\nAdministrator. It usually boils down to these three things:\n\n    #1) Respect the privacy of others.\n    #2) Think before you type.\n    #3) With great power comes great responsibility.\n\n'

/** Decides whether a user may run a command as another: asks for the password, lectures, refuses. */
export async function sudo(asked: Asked): Promise<Allowed | Refused> {
  const { machine, user } = asked
  const options = parse(
    asked.args,
    'n non-interactive S stdin k reset-timestamp K remove-timestamp H set-home E preserve-env? i login s shell v validate l list A b u= user= g= group= p= prompt= h= V version',
    true,
  )
  if (options.wrong !== null) return refused(1, `sudo: ${options.wrong}\n${usage}`)
  if (options.has('V', 'version'))
    return { stdout: 'Sudo version 1.9.12p1\n', stderr: '', exitCode: 0 }
  const [argv, variables] = command(options.operands)
  const login = options.has('i', 'login')
  const shell = login || options.has('s', 'shell')
  if (
    argv.length === 0 &&
    !shell &&
    (options.has('k', 'reset-timestamp') || options.has('K', 'remove-timestamp'))
  )
    return { stdout: '', stderr: '', exitCode: 0 }
  if (argv.length === 0 && !shell && !options.has('v', 'validate', 'l', 'list'))
    return refused(1, usage)

  const wanted = options.value('u', 'user') ?? 'root'
  const target = accountOf(machine.tree, wanted.replace(/^#/, ''))
  if (!target)
    return refused(
      1,
      `sudo: unknown user ${wanted}\nsudo: error initializing audit plugin sudoers_audit\n`,
    )
  const verdict = await authenticate(asked, options, argv)
  if (verdict) return verdict
  // sudo itself looks for it: it does not know what only a shell knows.
  if (!shell && argv[0] !== undefined && !argv[0].includes('/')) {
    const files = viewOf(machine.tree, root)
    if (!['/usr/sbin', '/usr/bin'].some((folder) => files.exists(`${folder}/${argv[0]}`)))
      return refused(1, `sudo: ${argv[0]}: command not found\n`)
  }
  const account = accountOf(machine.tree, user)!
  const environment = {
    ...loginEnvironment(machine, target.name),
    SUDO_USER: user,
    SUDO_UID: String(account.uid),
    SUDO_GID: String(account.gid),
    SUDO_COMMAND: argv.join(' '),
    ...variables,
  }
  const run = shell
    ? argv.length === 0
      ? [target.shell]
      : [target.shell, '-c', argv.join(' ')]
    : argv.length > 0
      ? argv
      : ['true']
  return { user: target.name, argv: run, environment, ...(login ? { cwd: target.home } : {}) }
}

async function authenticate(
  asked: Asked,
  options: ReturnType<typeof parse>,
  argv: readonly string[],
): Promise<Refused | null> {
  const { machine, user } = asked
  if (user === 'root') return null
  const fault = faultOf(machine, 'sudo')
  if (fault?.refuses === 'no-terminal')
    return refused(1, 'sudo: sorry, you must have a tty to run sudo\n')
  const rule = fault?.refuses === 'user' ? undefined : ruleOf(machine, user)
  if (rule === 'nopasswd') return null
  // A user whom no rule names is asked like any other: sudo says no only to those who they say they are.
  if (options.has('n', 'non-interactive')) return refused(1, 'sudo: a password is required\n')
  if (!options.has('S', 'stdin')) {
    return refused(
      1,
      'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required\n',
    )
  }
  if (!machine.lectured.has(user)) asked.prompt(lecture)
  machine.lectured.add(user)
  const text = (options.value('p', 'prompt') ?? `[sudo] password for ${user}: `)
    .replaceAll('%p', () => user)
    .replaceAll('%u', () => user)
    .replaceAll('%h', () => machine.spec.name)
  for (let tries = 1; ; tries++) {
    asked.prompt(text)
    const line = (await asked.line()).toString('utf8')
    if (line === '')
      return refused(
        1,
        tries === 1
          ? '\nsudo: no password was provided\nsudo: a password is required\n'
          : `\nsudo: no password was provided\nsudo: ${tries - 1} incorrect password attempt${tries === 2 ? '' : 's'}\n`,
      )
    if (fault?.refuses !== 'password' && passwordOpens(machine.tree, user, line.replace(/\n$/, '')))
      break
    if (tries === 3) return refused(1, 'sudo: 3 incorrect password attempts\n')
    asked.prompt('Sorry, try again.\n')
  }
  if (rule === 'password') return null
  if (rule === undefined && argv.length >= 0)
    return refused(1, `${user} is not in the sudoers file.  This incident will be reported.\n`)
  return null
}

// The last rule that names the user counts, over /etc/sudoers and the files of sudoers.d.
function ruleOf(machine: Machine, user: string): 'nopasswd' | 'password' | undefined {
  const files = viewOf(machine.tree, root)
  const extra = files
    .list('/etc/sudoers.d')
    .filter((name) => !name.includes('.') && !name.endsWith('~'))
    .map((name) => `/etc/sudoers.d/${name}`)
  let rule: 'nopasswd' | 'password' | undefined
  for (const line of ['/etc/sudoers', ...extra].flatMap((path) =>
    files.readText(path).split('\n'),
  )) {
    const match = /^\s*(\S+)\s+\S+\s*=\s*(?:\([^)]*\)\s*)?(NOPASSWD:)?\s*ALL\s*$/.exec(line)
    if (
      match &&
      (match[1] === user ||
        (match[1]!.startsWith('%') && inGroup(machine, user, match[1]!.slice(1))))
    )
      rule = match[2] ? 'nopasswd' : 'password'
  }
  return rule
}

function inGroup(machine: Machine, user: string, group: string): boolean {
  const line = viewOf(machine.tree, root)
    .readText('/etc/group')
    .split('\n')
    .find((each) => each.startsWith(`${group}:`))
  return line?.split(':')[3]?.split(',').includes(user) ?? false
}

function command(operands: readonly string[]): [readonly string[], Record<string, string>] {
  const first = operands.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  const count = first < 0 ? operands.length : first
  return [
    operands.slice(count),
    Object.fromEntries(
      operands
        .slice(0, count)
        .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    ),
  ]
}

function refused(exitCode: number, stderr: string): Refused {
  return { stdout: '', stderr, exitCode }
}

// One entry a line: a setting, an alias, another file, or who may do what where.
const sudoers =
  /^(?:Defaults\b.*|(?:User|Runas|Host|Cmnd|Cmd)_Alias\s+[A-Z][A-Z0-9_]*\s*=\s*\S.*|[@#]include(?:dir)?\s+\S.*|\S+\s+[^\s=]+\s*=\s*(?:\([^)]*\)\s*)?(?:[A-Z]+:\s*)*(?:ALL\b|!?\/\S|sudoedit\b|[A-Z][A-Z0-9_]*).*)$/

/** visudo as far as it checks: `-c`, with `-f FILE` and `-q`. */
function visudo(call: Call): Output {
  const options = parse(call.args, 'c check q quiet s strict f= file= O P')
  if (!options.has('c', 'check')) return fail(1, 'visudo: no editor found\n')
  const file = options.value('f', 'file') ?? options.operands[0] ?? '/etc/sudoers'
  if (!call.files.exists(call.path(file)))
    return fail(1, `visudo: unable to open ${file}: No such file or directory\n`)
  const lines = call.files.readText(call.path(file)).split('\n')
  const wrong = lines.findIndex(
    (line) => !/^\s*(?:#(?!include)|$)/.test(line) && !sudoers.test(line.trim()),
  )
  if (wrong >= 0)
    return fail(
      1,
      `${file}:${wrong + 1}:${lines[wrong]!.length + 1}: syntax error\n${lines[wrong]}\n`,
    )
  return options.has('q', 'quiet') ? ok() : ok(`${file}: parsed OK\n`)
}

/** sudo, su and visudo. */
export const sudoCommands: readonly LabCommand[] = [
  {
    names: ['sudo'],
    async run(call) {
      const verdict = await sudo(call)
      if ('exitCode' in verdict) return verdict
      return call.run(verdict.argv, {
        as: verdict.user,
        environment: verdict.environment,
        ...(verdict.cwd === undefined ? {} : { cwd: verdict.cwd }),
      })
    },
  },
  {
    names: ['su'],
    async run(call) {
      const options = parse(
        call.args.filter((arg) => arg !== '-'),
        'c= command= s= shell= l login p',
        false,
      )
      const target = options.operands[0] ?? 'root'
      const account = accountOf(call.machine.tree, target)
      if (!account)
        return fail(
          1,
          `su: user ${target} does not exist or the user entry does not contain all the required fields\n`,
        )
      if (call.files.who.uid !== 0) return fail(1, 'Password: \nsu: Authentication failure\n')
      const text = options.value('c', 'command')
      if (text === undefined) return ok()
      const login = call.args.includes('-') || options.has('l', 'login')
      return call.run(['/bin/sh', '-c', text], {
        as: userName(call.machine.tree, account.uid),
        ...(login ? { cwd: account.home } : {}),
      })
    },
  },
  { names: ['visudo'], system: true, run: visudo },
]

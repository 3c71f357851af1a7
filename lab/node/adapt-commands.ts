import type { Command, ExecResult, ResolvedCommandContext } from 'just-bash'
import {
  fail,
  type Call,
  type LabCommand,
  type Output,
  type RunOptions,
} from '../commands/command.ts'
import { labCommands } from '../commands/index.ts'
import { inputOf, type Input } from './input.ts'
import { loginEnvironment } from './login-environment.ts'
import { processAs, type Process } from './process.ts'
import { emptyStdin, loginStdin, sessionStdin, takenFd } from './session-files.ts'
import { FileError, normalize } from './file-tree.ts'
import { shellWords } from '../../runner/text/shell-word.ts'

// Commands of the shell that read standard input when they are given no file.
const readers = new Set(
  'cat head tail wc sort uniq cut paste tr rev nl fold expand unexpand column join tee xargs base64 md5sum sha1sum sha256sum od gzip gunzip zcat split strings tac comm grep egrep fgrep sed awk diff jq'.split(
    ' ',
  ),
)

// Commands of the shell that hand their input to another.
const passing = new Set(['sh', 'bash', 'env', 'time'])

/** Runs a text as a process and gives back what it printed. */
export type Capture = (
  process: Omit<Process, 'emit'>,
  text: string,
) => Promise<{ readonly stdout: Buffer; readonly stderr: Buffer; readonly exitCode: number }>

/** The node's commands as the shell takes them, for one process. */
export function adaptCommands(process: Process, capture: Capture): Command[] {
  const own = labCommands.flatMap((command) =>
    command.names.map((name) => ({
      name,
      trusted: true,
      execute: (args: string[], context: ResolvedCommandContext) =>
        execute(process, capture, command, name, args, context),
    })),
  )
  const named = new Set(own.map((command) => command.name))
  const wrapped = [...readers, ...passing]
    .filter((name) => !named.has(name))
    .map((name) => ({
      name,
      trusted: true,
      execute: (args: string[], context: ResolvedCommandContext) =>
        readWhole(process, name, args, context),
    }))
  return [...own, ...wrapped]
}

// The mask is a variable of the shell, so that a subshell's is its own.
const maskVariable = 'SHELL_UMASK'

async function execute(
  process: Process,
  capture: Capture,
  command: LabCommand,
  name: string,
  args: readonly string[],
  context: ResolvedCommandContext,
): Promise<ExecResult> {
  process.files.umask = Number.parseInt(context.env.get(maskVariable) ?? '22', 8)
  const output = await attempt(
    () => command.run(callOf(process, capture, name, args, context)),
    name,
  )
  const stdout =
    typeof output.stdout === 'string' ? Buffer.from(output.stdout) : Buffer.from(output.stdout)
  return {
    stdout: stdout.toString('latin1'),
    stderr: output.stderr,
    exitCode: output.exitCode,
    stdoutKind: 'bytes',
    ...untouched(context),
  }
}

// The session's input is read from the session: the shell's own copy of it must look unread to the next command.
function untouched(context: ResolvedCommandContext): { internalStdinConsumed?: number } {
  return isSession(stdinOf(context)) ? { internalStdinConsumed: 0 } : {}
}

function isSession(stdin: string): boolean {
  return stdin === sessionStdin || stdin === loginStdin
}

function stdinOf(context: ResolvedCommandContext): string {
  const stdin = String(context.stdin)
  return stdin === loginStdin && context.fileDescriptors?.has(takenFd) ? emptyStdin : stdin
}

async function attempt(run: () => Output | Promise<Output>, name: string): Promise<Output> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof FileError) return fail(1, `${name}: ${error.message}\n`)
    throw error
  }
}

function callOf(
  process: Process,
  capture: Capture,
  name: string,
  args: readonly string[],
  context: ResolvedCommandContext,
): Call {
  const input = inputFor(process, context)
  return {
    name,
    args,
    machine: process.machine,
    files: process.files,
    user: process.user,
    cwd: context.cwd,
    environment: context.env,
    signal: process.signal,
    stdin: () => input().all(),
    take: (count) => input().take(count),
    line: () => input().line(),
    path: (path) => normalize(context.cwd, path),
    async run(argv, options = {}) {
      const child = { ...childOf(process, context, options), input: input() }
      const result = await capture(child, shellWords(argv))
      return { ...result, stderr: result.stderr.toString('utf8') }
    },
    print: (bytes, stream) => process.emit(stream, bytes),
    prompt: (text) => process.emit(2, Buffer.from(text)),
    setUmask(mask) {
      context.env.set(maskVariable, mask.toString(8))
      process.files.umask = mask
    },
    async original(given = args) {
      const result = await context.origCommand!([...given])
      return {
        stdout:
          result.stdoutKind === 'bytes' || result.stdoutEncoding === 'binary'
            ? Buffer.from(result.stdout, 'latin1')
            : result.stdout,
        stderr: result.stderr,
        exitCode: result.exitCode,
      }
    },
  }
}

/** The input of a command: the session's own, or what was piped into it. */
function inputFor(process: Process, context: ResolvedCommandContext): () => Input {
  let piped: Input | null = null
  return () => {
    const stdin = stdinOf(context)
    if (isSession(stdin)) return process.input
    piped ??= inputOf(stdin === emptyStdin ? '' : Buffer.from(stdin, 'latin1'))
    return piped
  }
}

/** The process of a command that another one starts: as another user it has that user's login environment. */
function childOf(process: Process, context: ResolvedCommandContext, options: RunOptions): Process {
  const from =
    options.as === undefined || options.as === process.user
      ? process
      : processAs(process, options.as, loginEnvironment(process.machine, options.as))
  const inherited =
    options.as === undefined
      ? Object.fromEntries(Object.entries(context.exportedEnv ?? {}))
      : from.environment
  return {
    ...from,
    environment: { ...(options.cleanEnvironment ? {} : inherited), ...options.environment },
    cwd: options.cwd ?? context.cwd,
    signal: options.signal ? AbortSignal.any([process.signal, options.signal]) : process.signal,
  }
}

// A reader of the shell gets the session's input whole: it is asked again, with all of it in hand.
async function readWhole(
  process: Process,
  name: string,
  args: string[],
  context: ResolvedCommandContext,
): Promise<ExecResult> {
  const stdin = stdinOf(context)
  const needsIt = passing.has(name)
    ? stdin === emptyStdin && String(context.stdin) !== emptyStdin
    : (isSession(stdin) || stdin === emptyStdin) && readsStdin(name, args)
  if (!needsIt) return { ...(await context.origCommand!(args)), ...untouched(context) }
  const whole = stdin === emptyStdin ? '' : (await process.input.all()).toString('latin1')
  const result = await context.exec!(name, {
    args,
    stdin: passing.has(name) ? emptyStdin : whole,
    stdinKind: 'bytes',
    cwd: context.cwd,
    env: context.exportedEnv ?? {},
    replaceEnv: true,
  })
  return { ...result, ...untouched(context) }
}

const scripted: Readonly<Record<string, number>> = {
  grep: 1,
  egrep: 1,
  fgrep: 1,
  sed: 1,
  awk: 1,
  tr: 9,
  tee: 9,
  xargs: 9,
  paste: 0,
  diff: 9,
}
const valued: Readonly<Record<string, string>> = {
  head: 'nc',
  tail: 'nc',
  cut: 'dfbc',
  sort: 'kto',
  od: 'ANtjw',
  base64: 'w',
  fold: 'w',
  grep: 'efmABC',
  egrep: 'efmABC',
  fgrep: 'efmABC',
  sed: 'ef',
  awk: 'Fvf',
  uniq: 'fsw',
  nl: 'bnw',
  column: 'st',
  split: 'bl',
  strings: 'n',
  join: '12t',
}

// The options of jq that take words behind them, and how many.
const jqValued: Readonly<Record<string, number>> = {
  '--arg': 2,
  '--argjson': 2,
  '--slurpfile': 2,
  '--rawfile': 2,
  '--indent': 1,
  '-f': 1,
  '--from-file': 1,
}

/** Whether jq is given no file: its filter alone, or its filter in a file. */
function jqReadsStdin(args: readonly string[]): boolean {
  if (args.includes('-n') || args.includes('--null-input')) return false
  let operands = 0
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--args' || arg === '--jsonargs') break
    if (Object.hasOwn(jqValued, arg)) i += jqValued[arg]!
    else if (!arg.startsWith('-') || arg === '-') operands++
  }
  return operands <= (args.includes('-f') || args.includes('--from-file') ? 0 : 1)
}

function readsStdin(name: string, args: readonly string[]): boolean {
  if (name === 'jq') return jqReadsStdin(args)
  let operands = 0
  let script = scripted[name] ?? 0
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '-') return true
    if (arg.startsWith('-') && arg.length > 1 && arg !== '--') {
      if (script === 1 && /^-[a-zA-Z]*[ef]/.test(arg) && name !== 'awk') script = 0
      if (arg.length === 2 && (valued[name] ?? '').includes(arg[1]!)) i++
    } else if (arg !== '--') operands++
  }
  return operands <= script
}

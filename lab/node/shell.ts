import type { Bash, IFileSystem } from 'just-bash'
import { setTimeout as sleep } from 'node:timers/promises'
import { DiagnosticError } from '../../runner/model/diagnostic.ts'
import { shellNames } from '../commands/index.ts'
import { sudo } from '../commands/sudo.ts'
import { adaptCommands } from './adapt-commands.ts'
import { processAs, type Process } from './process.ts'
import { shellFiles } from './shell-files.ts'
import { emptyStdin, loginStdin, sessionFiles, sessionStdin } from './session-files.ts'
import { correct, streaming } from './syntax.ts'
import { shellWords } from '../../runner/text/shell-word.ts'
import { wordsOf } from './words.ts'

/** The interpreter, loaded when the first node starts. */
export type ShellModule = typeof import('just-bash')
let loaded: Promise<ShellModule> | null = null

/** Loads the interpreter, which is an optional package. */
export function loadShell(): Promise<ShellModule> {
  loaded ??= import('just-bash').catch(() => {
    loaded = null
    throw new DiagnosticError({
      code: 'lab/no-shell',
      message: 'the lab needs the package just-bash, which is not installed',
      hint: 'npm install --no-save just-bash@3',
    })
  })
  return loaded
}

/** Runs a command line as the login shell gets it; resolves to its exit code when all it printed was emitted. */
export async function runLine(process: Process, line: string): Promise<number> {
  const words = wordsOf(line)
  if (words && words.length > 0) {
    let argv = words[0] === 'exec' ? words.slice(1) : words
    const variables: Record<string, string> = {}
    while (argv[0] === 'env' && /^[A-Za-z_]\w*=/.test(argv[1] ?? '')) {
      variables[argv[1]!.slice(0, argv[1]!.indexOf('='))] = argv[1]!.slice(
        argv[1]!.indexOf('=') + 1,
      )
      argv = /^[A-Za-z_]\w*=/.test(argv[2] ?? '') ? ['env', ...argv.slice(2)] : argv.slice(2)
    }
    const inside = { ...process, environment: { ...process.environment, ...variables } }
    if (
      /^(?:\/usr)?(?:\/bin\/)?(?:sh|bash)$/.test(argv[0] ?? '') &&
      argv[1] === '-c' &&
      argv.length === 3
    )
      return runLine(inside, argv[2]!)
    if (/^(?:\/usr\/bin\/)?sudo$/.test(argv[0] ?? '')) return runSudo(inside, argv)
  }
  // A script that is sent on standard input, behind a command line that only fetches it.
  const fetched =
    /^(.*?)(read n && )?eval "\$\((?:head -c (\d+)|dd bs=(\d+|\$n) count=1 iflag=fullblock 2>\/dev\/null)\)"\s*$/s.exec(
      line,
    )
  if (!fetched) return runScript(process, line, /(?:^|[\s;&|({])read\s/.test(line))
  const before = fetched[1]!.trim()
  if (before !== '') await runScript(process, before)
  const [, , waits, head, dd] = fetched
  const size = waits ? String(await process.input.line()).trim() : (head ?? dd)!
  // The input ended before a script came.
  if (!/^\d+$/.test(size)) return 1
  return runScript(process, (await process.input.take(Number(size))).toString('utf8'))
}

// At the head of a command line sudo keeps the session's own streams, so that what follows it can read and print as it goes.
async function runSudo(process: Process, argv: readonly string[]): Promise<number> {
  const verdict = await sudo({
    args: argv.slice(1),
    machine: process.machine,
    user: process.user,
    line: () => process.input.line(),
    prompt: (text) => process.emit(2, Buffer.from(text)),
  })
  if ('exitCode' in verdict) {
    process.emit(1, Buffer.from(verdict.stdout))
    process.emit(2, Buffer.from(verdict.stderr))
    return verdict.exitCode
  }
  return runLine(
    processAs(process, verdict.user, verdict.environment, verdict.cwd),
    shellWords(verdict.argv),
  )
}

/** Runs a text and gives back what it printed. */
export async function capture(
  process: Omit<Process, 'emit'>,
  text: string,
): Promise<{ stdout: Buffer; stderr: Buffer; exitCode: number }> {
  const printed: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] }
  const exitCode = await runLine(
    { ...process, emit: (stream, bytes) => printed[stream].push(bytes) },
    text,
  )
  return { stdout: Buffer.concat(printed[1]), stderr: Buffer.concat(printed[2]), exitCode }
}

const wide = 'latin1'
/** Where programs lie. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

// The shell's own `read` cannot wait for the session's input: a line that has one is given all of it at once.
async function runScript(process: Process, text: string, wholeInput = false): Promise<number> {
  const stdin = wholeInput ? (await process.input.all()).toString(wide) : loginStdin
  const module = await loadShell()
  const shell = makeShell(process, module)
  streamOutput(shell, module)
  try {
    const result = await shell.exec(text, {
      stdin,
      stdinKind: 'bytes',
      signal: process.signal,
      rawScript: true,
    })
    for (const stream of [1, 2] as const) {
      const rest = stream === 1 ? result.stdout : result.stderr
      if (rest !== '')
        process.emit(stream, Buffer.from(rest, /[^\u0000-\u00ff]/.test(rest) ? 'utf8' : wide))
    }
    return result.exitCode
  } catch (error) {
    if (process.signal.aborted) return 137
    throw error
  }
}

/** A shell for one process, over the files of its node. */
function makeShell(process: Process, { Bash, getCommandNames }: ShellModule): Bash {
  const { files } = process
  const shell = new Bash({
    fs: sessionFileSystem(process),
    cwd: process.cwd,
    env: { ...process.environment },
    commands: getCommandNames().filter((name) => shellNames.includes(name)) as never,
    customCommands: adaptCommands(process, capture),
    // No network, no languages, and a file system that is memory: nothing is left for this to defend, and it would patch
    // the globals of a process that the lab shares with others.
    defenseInDepth: false,
    executionLimits: limits,
    processInfo: {
      pid: ++process.machine.lastPid,
      ppid: 1,
      uid: files.who.uid,
      gid: files.who.gid,
    },
    sleep: async (milliseconds) => {
      await sleep(milliseconds, undefined, { signal: process.signal }).catch(() => {})
    },
  })
  // `command -v` and `type` would take each command that the lab plays for one that is installed: only files count.
  Object.assign((shell as unknown as { commands: object }).commands, {
    has: (name: string) => folders.some((folder) => files.exists(`${folder}/${name}`)),
  })
  return shell
}

/** The files of a node, and the files through which a script reads and prints in its session. */
function sessionFileSystem(process: Process): IFileSystem {
  const disk = shellFiles(process.files)
  return {
    ...disk,
    // Where the statements of the script print: straight to the session.
    async appendFile(path, content, options) {
      if (!isStream(path)) return disk.appendFile(path, content, options)
      const encoding = typeof options === 'string' ? options : options?.encoding
      process.emit(
        path === sessionFiles.out ? 1 : 2,
        typeof content === 'string'
          ? Buffer.from(content, encoding === 'binary' || encoding === 'latin1' ? wide : 'utf8')
          : content,
      )
    },
    exists: async (path) => isStream(path) || disk.exists(path),
    stat: async (path) => disk.stat(isStream(path) ? '/dev/tty' : path),
    readFile: async (path, options) => carried(path) ?? disk.readFile(path, options),
    readFileBytes: async (path) => (carried(path) as never) ?? disk.readFileBytes!(path),
    readFileBuffer: async (path) =>
      isStream(path) ? Buffer.from(carried(path) ?? '') : disk.readFileBuffer(path),
  }
}

/** Makes the outermost script print as it goes, and not at its end. */
function streamOutput(shell: Bash, { parse }: ShellModule): void {
  // The shell guesses at the end whether its output was text; here each statement's own kind is known.
  Object.assign(shell, { logResult: (result: unknown) => result })
  let outermost = true
  shell.registerTransformPlugin({
    name: 'node',
    transform({ ast }) {
      const streamed = outermost
        ? streaming(ast, parse(`{ :; } >>${sessionFiles.out} 2>>${sessionFiles.err}`))
        : ast
      outermost = false
      correct(streamed)
      return { ast: streamed }
    },
  })
}

function isStream(path: string): boolean {
  return (Object.values(sessionFiles) as string[]).includes(path)
}

function carried(path: string): string | undefined {
  return path === sessionFiles.in
    ? sessionStdin
    : path === sessionFiles.none
      ? emptyStdin
      : undefined
}

const many = 10_000_000
const limits = {
  maxStringLength: 2 ** 29,
  maxInputBytes: 2 ** 30,
  maxLiveBytes: 2 ** 31,
  maxOutputSize: 2 ** 30,
  maxExecutionTimeMs: 2 ** 31 - 1,
  maxCommandCount: many,
  maxLoopIterations: many,
  maxWorkUnits: 2 ** 31,
}

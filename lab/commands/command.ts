import type { Machine } from '../node/machine.ts'
import { errorText } from '../node/file-tree.ts'
import type { View } from '../node/view.ts'

/** What a simulated command gets. */
export interface Call {
  readonly name: string
  readonly args: readonly string[]
  readonly machine: Machine
  /** The file system as the calling user sees it. */
  readonly files: View
  readonly user: string
  readonly cwd: string
  readonly environment: ReadonlyMap<string, string>
  readonly signal: AbortSignal
  /** All of standard input; waits for its end. */
  stdin(): Promise<Buffer>
  /** The next bytes of standard input; where it is the session's own, the rest stays for the next reader. */
  take(count: number): Promise<Buffer>
  line(): Promise<Buffer>
  /** An absolute path. */
  path(path: string): string
  /** Runs another command with this one's standard input. */
  run(argv: readonly string[], options?: RunOptions): Promise<Output>
  /** Prints at once on the session's standard error: a prompt must be seen before its answer is read. */
  prompt(text: string): void
  /** Prints at once on the session's standard output, or error. */
  print(bytes: Uint8Array, stream: 1 | 2): void
  /** For what this shell and its children make from now on. */
  setUmask(mask: number): void
  /** Runs the shell's own command of the same name. */
  original(args?: readonly string[]): Promise<Output>
}
/** How another command is run. */
export interface RunOptions {
  readonly as?: string
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Starts with `environment` alone. */
  readonly cleanEnvironment?: boolean
  readonly signal?: AbortSignal
}

/** What a command printed and how it ended. */
export interface Output {
  readonly stdout: string | Uint8Array
  readonly stderr: string
  readonly exitCode: number
}

/** A simulated command. `system` ones stand in /usr/sbin; those of a package are there when the package is. */
export interface LabCommand {
  readonly names: readonly string[]
  readonly system?: true
  readonly package?: string
  run(call: Call): Output | Promise<Output>
}

/** Success, with what it printed. */
export function ok(stdout: string | Uint8Array = '', stderr = ''): Output {
  return { stdout, stderr, exitCode: 0 }
}

/** A failure, with what it said. */
export function fail(exitCode: number, stderr: string, stdout: string | Uint8Array = ''): Output {
  return { stdout, stderr, exitCode }
}

/** Does something for each operand as coreutils do: errors are said and counted, the rest goes on. */
export function forEach(
  name: string,
  operands: readonly string[],
  what: (operand: string) => string | Uint8Array | void,
  says: (operand: string, text: string) => string,
): Output {
  const out: Uint8Array[] = []
  let stderr = ''
  for (const operand of operands) {
    try {
      const text = what(operand)
      if (text !== undefined) out.push(typeof text === 'string' ? Buffer.from(text) : text)
    } catch (error) {
      stderr += `${name}: ${says(operand, errorText(error))}\n`
    }
  }
  return { stdout: Buffer.concat(out), stderr, exitCode: stderr === '' ? 0 : 1 }
}

/** The options and operands of an argv, as getopt_long reads them. */
export interface Parsed {
  readonly operands: readonly string[]
  /** Whether one of the names (`r`, `recursive`) was given. */
  has(...names: string[]): boolean
  /** The last value of an option. */
  value(...names: string[]): string | undefined
  /** All values of an option. */
  all(...names: string[]): readonly string[]
  /** What getopt would complain about. */
  readonly wrong: string | null
}

/** `flags` names what may be given; a name that ends in `=` takes a value, in `?` it may take one after `=`. */
export function parse(args: readonly string[], flags: string, posix = false): Parsed {
  const known = new Map(
    flags
      .split(' ')
      .filter(Boolean)
      .map((flag) => [flag.replace(/[=?]$/, ''), flag.at(-1)!]),
  )
  const given: [string, string][] = []
  const operands: string[] = []
  let wrong: string | null = null
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--') {
      operands.push(...args.slice(i + 1))
      break
    }
    if (arg.startsWith('--')) {
      const [typed, value] = splitOnce(arg.slice(2), '=')
      const name = known.has(typed)
        ? typed
        : ([...known.keys()].filter((each) => each.length > 1 && each.startsWith(typed)).at(0) ??
          typed)
      const kind = known.get(name)
      if (kind === undefined) wrong ??= `unrecognized option '${arg}'`
      else if (kind === '=' && value === undefined && i + 1 >= args.length)
        wrong ??= `option '--${name}' requires an argument`
      given.push([name, value ?? (kind === '=' ? (args[++i] ?? '') : '')])
    } else if (arg.startsWith('-') && arg !== '-') {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!
        const kind = known.get(letter)
        if (kind === undefined) wrong ??= `invalid option -- '${letter}'`
        if (kind !== '=') {
          given.push([letter, ''])
          continue
        }
        const rest = arg.slice(at + 1)
        if (rest === '' && i + 1 >= args.length)
          wrong ??= `option requires an argument -- '${letter}'`
        given.push([letter, rest !== '' ? rest : (args[++i] ?? '')])
        break
      }
    } else if (posix) {
      operands.push(...args.slice(i))
      break
    } else operands.push(arg)
  }
  const values = (names: string[]): string[] =>
    given.filter(([name]) => names.includes(name)).map(([, value]) => value)
  return {
    operands,
    wrong,
    has: (...names) => given.some(([name]) => names.includes(name)),
    value: (...names) => values(names).at(-1),
    all: (...names) => values(names),
  }
}

/** A text cut in two at the first separator; the second part is undefined where the text has no separator. */
function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}

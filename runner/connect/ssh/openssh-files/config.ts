import type { Diagnostic, Place } from '../../../model/diagnostic.ts'
import { DiagnosticError } from '../../../model/diagnostic.ts'
import {
  knownKeywords,
  matchCriteria,
  refusedCriteria,
  restOfLine,
  valueForms,
} from './config-keywords.ts'
import { matchesList } from './pattern.ts'

/** One directive of an ssh_config, and for Include the files that it named. */
export interface Directive {
  /** In lower case. */
  readonly keyword: string
  readonly args: readonly string[]
  readonly at: Place
  readonly included: readonly (readonly Directive[])[]
}

/** How the reader reaches files: it does nothing else with the world. */
export interface ConfigFiles {
  /** The text of a file, or null when there is none. */
  read(file: string): string | null
  /** The files that an Include's argument names, in order; relative ones lie under ~/.ssh (or /etc/ssh for the system's file). */
  expand(pattern: string, from: string): readonly string[]
}

const deepest = 16

/** The directives of an ssh_config and of what it includes. Throws DiagnosticError with every mistake of it, also in blocks that match no host. */
export function readConfig(file: string, files: ConfigFiles): readonly Directive[] {
  const faults: Diagnostic[] = []
  const directives = readFile(file, files, faults, 0, [])
  if (faults.length > 0) throw new DiagnosticError(faults)
  return directives
}

function readFile(
  file: string,
  files: ConfigFiles,
  faults: Diagnostic[],
  depth: number,
  ignoredAbove: readonly string[],
): readonly Directive[] {
  const text = files.read(file)
  if (text === null) return []
  const directives: Directive[] = []
  // IgnoreUnknown holds for the lines below it.
  const ignored = [...ignoredAbove]
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/[\s\f]+$/, '')
    const at: Place = { file, line: index + 1, column: 1 + line.search(/\S|$/), source: line }
    const fault = (code: string, message: string, hint?: string): void =>
      void faults.push({ code, message, at, hint })
    const match = /^\s*([^\s=]+)(?:\s*=\s*|\s+)?(.*)$/.exec(line)
    if (!match || match[1]!.startsWith('#')) continue
    const keyword = match[1]!.toLowerCase()
    if (!knownKeywords.has(keyword)) {
      if (!matchesList(ignored, keyword))
        fault(
          'connect/ssh-config',
          `OpenSSH has no keyword ${match[1]!}`,
          'mend the line, or name the keyword in IgnoreUnknown above it',
        )
      continue
    }
    const args = restOfLine.has(keyword) ? [match[2]!] : splitArgs(match[2]!)
    if (args === null) {
      fault('connect/ssh-config', 'a quote is not closed', 'close it on the same line')
      continue
    }
    const wrong =
      args.length === 0 || args[0] === '' ? `${match[1]!} has no value` : faultOf(keyword, args)
    if (wrong !== null) {
      fault('connect/ssh-config', wrong)
      continue
    }
    if (keyword === 'ignoreunknown') ignored.push(...args[0]!.toLowerCase().split(','))
    let included: (readonly Directive[])[] = []
    if (keyword === 'include') {
      if (depth === deepest)
        fault(
          'connect/ssh-config',
          `files are included more than ${deepest} levels deep`,
          'look for a file that includes itself',
        )
      else
        included = args
          .flatMap((arg) => files.expand(arg, file))
          .map((each) => readFile(each, files, faults, depth + 1, ignored))
    }
    directives.push({ keyword, args, at, included })
  }
  return directives
}

/** Words of a line as OpenSSH splits it: quotes hold blanks together, `#` at the start of a word begins a comment. Null when a quote is open. */
export function splitArgs(text: string): readonly string[] | null {
  const args: string[] = []
  let position = 0
  while (position < text.length) {
    if (/\s/.test(text[position]!)) {
      position++
      continue
    }
    if (text[position] === '#') break
    let word = ''
    let quote = ''
    for (; position < text.length; position++) {
      const character = text[position]!
      const next = text[position + 1]
      if (
        character === '\\' &&
        next !== undefined &&
        (next === '"' || next === "'" || next === '\\' || (quote === '' && next === ' '))
      ) {
        word += next
        position++
      } else if (quote === '' && /\s/.test(character)) break
      else if (quote === '' && (character === '"' || character === "'")) quote = character
      else if (character === quote) quote = ''
      else word += character
    }
    if (quote !== '') return null
    args.push(word)
  }
  return args
}

function faultOf(keyword: string, args: readonly string[]): string | null {
  if (keyword === 'match') return matchFault(args)
  const form = valueForms[keyword]
  if (form === undefined || form === 'texts') return null
  const [value, extra] = args as [string, string | undefined]
  if (extra !== undefined) return `${keyword} takes one value; "${extra}" is too much`
  if (form === 'port' && parsePort(value) === null) return `"${value}" is no port (1 to 65535)`
  if (form === 'count' && !/^\d+$/.test(value)) return `"${value}" is no number`
  if (form === 'time' && value !== 'none' && parseTime(value) === null)
    return `"${value}" is no time (30, 30s, 1m30s)`
  if (form === 'yes/no' && !/^(?:yes|no|true|false)$/i.test(value))
    return `"${value}" is neither yes nor no`
  if (Array.isArray(form) && !form.includes(value.toLowerCase()))
    return `"${value}" is none of ${form.join(', ')}`
  return null
}

function matchFault(args: readonly string[]): string | null {
  for (let index = 0; index < args.length; index++) {
    const criterion = args[index]!.toLowerCase().replace(/^!/, '')
    const [name, inline] = criterion.split('=', 2) as [string, string | undefined]
    if (name === 'all' || name === 'final' || name === 'canonical') continue
    if (!matchCriteria.has(name) && !refusedCriteria.has(name))
      return `Match has no criterion "${name}"`
    if (inline === undefined && args[++index] === undefined) return `Match ${name} has no value`
  }
  return null
}

/** A port as ssh_config writes it, or null. */
export function parsePort(text: string): number | null {
  if (text === 'ssh') return 22
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

/** Seconds of a time as ssh_config writes it (`90`, `1m30s`), or null. */
export function parseTime(text: string): number | null {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return null
  const units: Readonly<Record<string, number>> = {
    '': 1,
    s: 1,
    m: 60,
    h: 3600,
    d: 86_400,
    w: 604_800,
  }
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhdw]?)/gi))
    seconds += Number(amount) * units[unit!.toLowerCase()]!
  return seconds
}

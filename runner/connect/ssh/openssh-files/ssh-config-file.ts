import type { Diagnostic, Place } from '../../../model/diagnostic.ts'
import { DiagnosticError } from '../../../model/diagnostic.ts'
import {
  knownKeywords,
  matchCriteria,
  refusedCriteria,
  restOfLine,
  valueForms,
} from './config-keywords.ts'
import { unknownAlgorithm } from '../algorithm-names.ts'
import { matchesList } from './host-pattern.ts'

/** One directive of an ssh_config, and for Include the files that it named. */
export interface Directive {
  /** In lower case. */
  readonly keyword: string
  readonly args: readonly string[]
  readonly at: Place
  readonly included: readonly (readonly Directive[])[]
}

/** A file of ssh_config as it was read. */
export interface ConfigText {
  readonly text: string
  /** Why the file is not trusted, with what to type; null where it is. */
  readonly untrusted: { readonly message: string; readonly hint: string } | null
}

/** How the reader reaches files: it does nothing else with the world. */
export interface ConfigFiles {
  /** A file, or null when it does not exist. */
  read(file: string): ConfigText | null
  /** The files that an Include's argument names, in order; relative ones lie under ~/.ssh (or /etc/ssh for the system's file). */
  expand(pattern: string, from: string): readonly string[]
}

const deepest = 16

interface Reading {
  readonly files: ConfigFiles
  readonly faults: Diagnostic[]
}

/** The directives of an ssh_config and of what it includes. Throws DiagnosticError with every mistake of it, also in blocks that match no host. A file that is `trusted` may belong to others; what it includes may not. */
export function readSshConfig(
  file: string,
  files: ConfigFiles,
  trust: 'checked' | 'trusted' = 'checked',
): readonly Directive[] {
  const reading: Reading = { files, faults: [] }
  const found = files.read(file)
  if (found === null) return []
  if (trust === 'checked' && found.untrusted)
    throw new DiagnosticError({ code: 'connect/ssh-config', ...found.untrusted })
  const directives = readText(found.text, file, reading, 0, null)
  if (reading.faults.length > 0) throw new DiagnosticError(reading.faults)
  return directives
}

function readText(
  text: string,
  file: string,
  reading: Reading,
  depth: number,
  ignoredAbove: readonly string[] | null,
): readonly Directive[] {
  const directives: Directive[] = []
  // IgnoreUnknown holds for the lines below it, and its first line alone counts.
  let ignored = ignoredAbove
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd()
    const at: Place = { file, line: index + 1, column: 1 + line.search(/\S|$/), source: line }
    const directive = readLine(line, at, reading, ignored ?? [])
    if (directive === null) continue
    if (directive.keyword === 'ignoreunknown')
      ignored ??= directive.args[0]!.toLowerCase().split(',')
    directives.push(
      directive.keyword === 'include'
        ? { ...directive, included: readIncluded(directive, reading, depth, ignored) }
        : directive,
    )
  }
  return directives
}

/** The directive of one line, null for an empty line or a mistake. */
function readLine(
  line: string,
  at: Place,
  { faults }: Reading,
  ignored: readonly string[],
): Directive | null {
  const fault = (message: string, hint?: string): null => {
    faults.push({ code: 'connect/ssh-config', message, at, hint })
    return null
  }
  // eslint-disable-next-line regexp/no-super-linear-backtracking -- a line of the user's own ssh_config
  const match = /^\s*([^\s=]+)(?:\s*=\s*|\s+)?(.*)$/.exec(line)
  if (!match || match[1]!.startsWith('#')) return null
  const keyword = match[1]!.toLowerCase()
  if (!knownKeywords.has(keyword))
    return matchesList(ignored, keyword)
      ? null
      : fault(
          `OpenSSH has no keyword ${match[1]!}`,
          'correct the line, or name the keyword in IgnoreUnknown above it',
        )
  const args = restOfLine.has(keyword) ? [match[2]!] : splitArgs(match[2]!)
  if (args === null) return fault('a quote is not closed', 'close it on the same line')
  const wrong =
    args.length === 0 || args[0] === '' ? `${match[1]!} has no value` : faultOf(keyword, args)
  return wrong === null ? { keyword, args, at, included: [] } : fault(wrong)
}

function readIncluded(
  { args, at }: Directive,
  reading: Reading,
  depth: number,
  ignored: readonly string[] | null,
): readonly (readonly Directive[])[] {
  const { files, faults } = reading
  if (depth === deepest) {
    faults.push({
      code: 'connect/ssh-config',
      message: `files are included more than ${deepest} levels deep`,
      at,
      hint: 'look for a file that includes itself',
    })
    return []
  }
  return args
    .flatMap((arg) => files.expand(arg, at.file))
    .flatMap((file) => {
      const found = files.read(file)
      if (found === null) return []
      if (found.untrusted) {
        faults.push({ code: 'connect/ssh-config', at, ...found.untrusted })
        return []
      }
      return [readText(found.text, file, reading, depth + 1, ignored)]
    })
}

/** Words of a line as OpenSSH splits it: quotes hold blanks together, `#` at the start of a word begins a comment. Null when a quote is open. */
function splitArgs(text: string): readonly string[] | null {
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
  if (form === 'port' && parsePort(value) === null) return `"${value}" is not a port (1 to 65535)`
  if (form === 'count' && !/^\d+$/.test(value)) return `"${value}" is not a number`
  if (form === 'time' && value !== 'none' && parseTime(value) === null)
    return `"${value}" is not a time (30, 30s, 1m30s)`
  if (form === 'yes/no' && !/^(?:yes|no|true|false)$/i.test(value))
    return `"${value}" is neither yes nor no`
  if (Array.isArray(form) && !form.includes(value.toLowerCase()))
    return `"${value}" is not one of ${form.join(', ')}`
  const unknown = unknownAlgorithm(keyword, value)
  return unknown === null ? null : `OpenSSH has no algorithm "${unknown}" for ${keyword}`
}

function matchFault(args: readonly string[]): string | null {
  let before = 0
  for (let index = 0; index < args.length; index++) {
    const criterion = args[index]!.toLowerCase().replace(/^!/, '')
    const [name, inline] = criterion.split('=', 2) as [string, string | undefined]
    // OpenSSH lets one criterion stand before `all`, and none behind it.
    if (name === 'all') {
      if (before > 1 || index < args.length - 1)
        return 'Match all stands alone, or behind final or canonical'
      continue
    }
    before++
    if (name === 'final' || name === 'canonical') continue
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
  if (text === '' || !/^(?:\d+[smhdw])*\d*$/i.test(text)) return null
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

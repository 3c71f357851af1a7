import { durationForm, durationText, parseDuration } from './duration.ts'
import type { LocalFile, LocalFolder } from './local-file.ts'
import { modeForm, parseMode } from './mode.ts'
import { compilePattern, patternFault } from './pattern.ts'
import { readSize, sizeForm, sizeText } from './size.ts'
import { parseXname, xnameForm } from './xname.ts'

// The one table of formats. Playbooks, inventories, inputs, cases, manifests, settings, the schemas for editors, manuals
// and diffs read and print by it: an entry here is all that a new format needs.

/** The codes of errors that formats have. A format without a code of its own has `param/format`. */
export type FormatCode =
  | 'param/duration'
  | 'param/format'
  | 'param/line'
  | 'param/local-file'
  | 'param/mode'
  | 'param/path'
  | 'param/pattern'
  | 'param/size'
  | 'param/xname'

/** What a format may know of the param whose text it reads. */
export interface FormatUse {
  /** As messages call it: `package.name`. */
  readonly name: string
  readonly description: string
  readonly pattern?: string | undefined
  readonly xnames?: readonly string[] | undefined
  /** The text was computed. */
  readonly rendered?: boolean | undefined
  /** Reads a file of the controller, or says why it cannot be read. */
  readFile(path: string): { readonly value: LocalFile } | FormatFault
  /** Reads a folder of the controller with all that is in it, or says why that cannot be read. */
  readFolder(path: string): { readonly value: LocalFolder } | FormatFault
}

/** What is wrong with a text. What is left out is as the format usually has it. */
export interface FormatFault {
  readonly wrong?: string
  readonly hint?: string
  readonly code?: FormatCode
}

/** How the texts of a format are read, checked by editors, and printed. */
interface Format<T> {
  /** As messages call a value: `a size`. */
  readonly words: string
  /** What to type where a text is not one. */
  readonly hint: string
  readonly code?: FormatCode
  /** The canonical value of a text, or what is wrong with it. */
  read(text: string, use: FormatUse): { readonly value: T } | FormatFault
  /** The canonical value of a number, where one may be written. */
  fromNumber?(value: number): T | null
  /** A canonical value as people write it. A format without this prints its value as it is. */
  print?(value: number): string
  /** The texts that editors accept, as a regular expression that JavaScript knows. */
  readonly editorPattern?: (use: Pick<FormatUse, 'pattern' | 'xnames'>) => string | undefined
  /** What to type for a text that YAML took for a number or for true or false. */
  quoted?(text: string): string
  /** The text that was meant by a number or a truth without quotes, null where that is not certain. Left out: as it is written. */
  meant?(text: string): string | null
  /** `words` stand in the message for a value of another type. */
  readonly namedByType?: true
  /** What to type where the text does not match the pattern of its param. */
  patternHint?(text: string, pattern: string): string | null
  /** It compares its canonical value with the pattern of its param. */
  readonly ownsPattern?: true
  /** A secret may stand in its place. */
  readonly mayBeSecret?: true
  /** It names a file of the controller: only a playbook can give it. */
  readonly isLocal?: true
}

const severalLines = /[\0\r\n]/

const size: Format<number> = {
  words: 'a size',
  hint: 'write a number and a unit: 512, 50G, 1.5T',
  code: 'param/size',
  read: (text) => {
    const bytes = readSize(text)
    if (typeof bytes === 'number') return { value: bytes }
    return bytes === 'form'
      ? {}
      : { wrong: `'${text}' is larger than any store`, hint: 'write at most 1023E' }
  },
  fromNumber: (value) => (Number.isInteger(value) && value >= 0 ? value : null),
  print: sizeText,
  editorPattern: () => sizeForm,
  // Quotes would not help: a number may be written, and this one is not a size.
  quoted: () => size.hint,
  namedByType: true,
}

const duration: Format<number> = {
  words: 'a duration',
  hint: 'write a number and a unit: 30s, 5m, 1h30m',
  code: 'param/duration',
  read: (text) => valueOr(parseDuration(text)),
  print: durationText,
  editorPattern: () => durationForm,
  quoted: (text) => `write a unit: ${text}s`,
  namedByType: true,
}

const mode: Format<string> = {
  words: 'a file mode',
  hint: 'write octal digits in quotes: "0644"',
  code: 'param/mode',
  read: (text) => valueOr(parseMode(text)),
  editorPattern: () => modeForm,
  meant: (text) => /^0?o?([0-7]{3,4})$/.exec(text)?.[1]?.padStart(4, '0') ?? null,
}

const nodes = ['Node', 'VirtualNode']

/** A node is meant, unless the param says which other components may be. */
const xname: Format<string> = {
  words: 'an xname',
  hint: 'a node looks like x3000c0s19b1n0',
  code: 'param/xname',
  read: (
    text,
    { name, description, pattern, xnames = nodes },
  ): { readonly value: string } | FormatFault => {
    const parsed = parseXname(text)
    if (!parsed) return {}
    if (pattern !== undefined)
      return compilePattern(pattern).test(parsed.xname)
        ? { value: parsed.xname }
        : { wrong: `'${text}' is a ${parsed.type}, which ${name} does not take`, hint: description }
    if (xnames.includes(parsed.type)) return { value: parsed.xname }
    return {
      wrong: `'${text}' is a ${parsed.type}; ${name} takes ${xnames.join(', ')}`,
      ...(parsed.type === 'NodeBMC' ? { hint: `did you mean '${parsed.xname}n0'?` } : {}),
    }
  },
  // The pattern of a param compares what was made small: an editor takes any xname there.
  editorPattern: ({ pattern, xnames = nodes }) => xnameForm(pattern === undefined ? xnames : null),
  ownsPattern: true,
}

const path: Format<string> = {
  words: 'an absolute path',
  hint: 'write /path or ~user/path',
  code: 'param/path',
  read: (text, { name, pattern }) => {
    if (severalLines.test(text))
      return { wrong: `${name} holds a line break or NUL`, hint: 'write one path' }
    if (/^(?:\/|~[A-Za-z_][\w.-]*(?:\/|$))/.test(text)) return plainPath(text, name)
    const whole = pattern === undefined ? null : wholePath(text, pattern)
    return { hint: whole ?? (text.startsWith('~/') ? namedHome(text) : `write /${text}`) }
  },
  editorPattern: () =>
    '^(?!(?:[^/]*/)*\\.\\.(?:/|$))(?:/|~[A-Za-z_][A-Za-z0-9_.-]*(?:/|$))[^\\u0000\\r\\n]*$',
  patternHint: wholePath,
}

/**
 * One thing has one path: without empty parts, `.` and a slash at the end. What `..` leads to, behind a link, is another thing than it
 * seems to be, and no action takes it.
 */
function plainPath(text: string, name: string): { readonly value: string } | FormatFault {
  const [root = '', ...rest] = text.split('/')
  const parts = rest.filter((part) => part !== '' && part !== '.')
  if (!parts.includes('..'))
    return { value: parts.length === 0 && root === '' ? '/' : [root, ...parts].join('/') }
  const plain: string[] = []
  for (const part of parts) {
    if (part === '..') plain.pop()
    else plain.push(part)
  }
  return {
    wrong: `${name} '${text}' leads through '..', which is another folder behind a link`,
    hint: `write the path without it: ${[root, ...plain].join('/') || '/'}`,
  }
}

const line: Format<string> = {
  words: 'one line',
  hint: 'write one line; a text after `>` or `|` ends with a newline: write `>-`',
  code: 'param/line',
  read: oneLine,
  editorPattern: () => '^[^\\u0000\\r\\n]*$',
}

/** An expression that meets lines: one with a line end in it can match none. */
const pattern: Format<string> = {
  words: 'a regular expression',
  hint: 'write a regular expression',
  code: 'param/pattern',
  read: (text, use) => {
    const lines = oneLine(text, use)
    if (!('value' in lines)) return { code: 'param/line', ...lines }
    const fault = patternFault(text)
    if (fault === null) return lines
    return {
      wrong: `${use.name} '${text}' is not a regular expression: ${fault.message}`,
      hint: fault.hint,
    }
  },
  editorPattern: () => '^[^\\u0000\\r\\n]*$',
}

const urlForm = '^https?://[^@\\s/?#]+(?:[/?#]\\S*)?$'
const urlPattern = new RegExp(urlForm)

/** A user and a password in an address would be shown in logs and in lists of processes. */
const url: Format<string> = {
  words: 'an http or https address without a user and a password',
  hint: 'write https://host/path; give a user and a password to the params that are for them',
  // The text may hold a password, so the message does not show it.
  read: (text, { name }) =>
    urlPattern.test(text) ? { value: text } : { wrong: `${name} is not ${url.words}` },
  editorPattern: () => urlForm,
}

const localFile: Format<LocalFile> = {
  words: 'a local file',
  hint: 'local files are relative to the folder of the playbook',
  code: 'param/local-file',
  read: (text, { readFile }) => readFile(text),
  isLocal: true,
}

const localFolder: Format<LocalFolder> = {
  words: 'a local folder with files',
  hint: 'local folders are relative to the folder of the playbook',
  code: 'param/local-file',
  read: (text, { readFolder }) => readFolder(text),
  isLocal: true,
}

/** The loader renders the file: what arrives is its text. */
const template: Format<string> = {
  words: 'a local template file',
  hint: 'template files are relative to the folder of the playbook',
  read: (text) => ({ value: text }),
  mayBeSecret: true,
  isLocal: true,
}

/** The loader makes the folder of the host from it. */
const hostFolder: Format<string> = {
  words: 'a local folder',
  hint: 'local folders are relative to the folder of the playbook',
  read: (text) => ({ value: text }),
  isLocal: true,
}

/** Every format, by the name that schemas give it. */
export const formats = {
  size,
  duration,
  mode,
  xname,
  path,
  line,
  pattern,
  url,
  'local-file': localFile,
  'local-folder': localFolder,
  template,
  'host-folder': hostFolder,
}

/** The name of a format. */
export type FormatName = keyof typeof formats
/** The canonical values of a format. */
export type Formatted<F extends FormatName> =
  (typeof formats)[F] extends Format<infer T> ? T : never

/** The names of all formats. */
export const formatNames = Object.keys(formats) as readonly FormatName[]

/** The formats whose numbers are printed as people write them. */
export const printedFormats: readonly FormatName[] = formatNames.filter(
  (name) => printedFormat(name) !== null,
)

/** The entry of a format, without the type of its values. */
export function formatOf(name: FormatName): Format<unknown> {
  return formats[name]
}

/** The format in which numbers are printed that a schema of this format describes; null where they are printed as they are. */
export function printedFormat(name: FormatName | undefined): FormatName | null {
  return name !== undefined && formatOf(name).print !== undefined ? name : null
}

/** A canonical value as people write it: `70.6G`, `1h 30m`; null where it is printed as it is. */
export function printedText(name: FormatName | undefined, value: unknown): string | null {
  const print = name === undefined ? undefined : formatOf(name).print
  return print !== undefined && typeof value === 'number' ? print(value) : null
}

function valueOr<T>(value: T | null): { readonly value: T } | FormatFault {
  return value === null ? {} : { value }
}

/** What becomes a line of a file, a header or an argument that a tool splits would become two. */
function oneLine(
  text: string,
  { name, rendered }: FormatUse,
): { readonly value: string } | FormatFault {
  if (!severalLines.test(text)) return { value: text }
  return {
    wrong: `${name} is one line, and this holds a line end`,
    ...(rendered
      ? { hint: 'take the line end away where it is computed, as in {{ trim x }}' }
      : { hint: line.hint }),
  }
}

function wholePath(text: string, pattern: string): string | null {
  if (text.startsWith('/')) return null
  if (!text.startsWith('~')) return `write the whole path: /${text.replace(/^(?:\.\/)+/, '')}`
  return pattern.includes('~')
    ? 'name the user: ~root/…'
    : `write the whole path: /root${text.slice(1)}`
}

function namedHome(text: string): string {
  return `name the user: ~root${text.slice(1)}`
}

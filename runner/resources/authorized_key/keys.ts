import type { ParamFault } from '../../contract/resource.ts'
import { joinLines, newLines, splitLines } from '../lines.ts'
import { blobFault, keyTypes } from './blob.ts'

/** A line of authorized_keys that holds a key. */
export interface KeyLine {
  /** Type and blob. */
  readonly key: string
  readonly options: string
  readonly comment: string
}

/** Anything that looks like a type of key: sshd may be newer than this program. */
const typeForm = /^(?:ssh-|ecdsa-|sk-|webauthn-)[a-z0-9@.-]+$/
const optionsForm = /^(?:"(?:\\.|[^"\\])*"|[^ \t"])+/

/**
 * The key of a line, or null for a comment, an empty line or a line that is not a key: what sshd takes for one, no more and no less.
 * Options may hold blanks inside double quotes.
 */
function parseKey(line: string): KeyLine | null {
  const trimmed = blanksTrimmed(lineOfSshd(line))
  if (trimmed === '' || trimmed.startsWith('#')) return null
  const bare = keyAt(trimmed, '')
  if (bare) return bare
  const options = optionsForm.exec(trimmed)?.[0] ?? ''
  return options === '' ? null : keyAt(blanksTrimmed(trimmed.slice(options.length)), options)
}

/** As far as sshd reads a line: to a NUL. What lies behind it hides no key, and makes none. */
function lineOfSshd(line: string): string {
  const nul = line.indexOf('\0')
  return nul === -1 ? line : line.slice(0, nul)
}

/** Blanks and tabs alone stand between the words of sshd: a byte order mark or a hard space belongs to a word, and spoils the line. */
function blanksTrimmed(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && ' \t'.includes(text[from]!)) from++
  while (to > from && ' \t\r'.includes(text[to - 1]!)) to--
  return text.slice(from, to)
}

function keyAt(text: string, options: string): KeyLine | null {
  const [type = '', broken = '', ...comment] = text.split(/[ \t]+/)
  // Other white space inside a blob is passed over when sshd decodes it.
  const blob = broken.replaceAll(/[\v\f\r]+/g, '')
  return typeForm.test(type) && /^[A-Za-z0-9+/]+={0,3}$/.test(blob)
    ? { key: `${type} ${blob}`, options, comment: comment.join(' ') }
    : null
}

/** What a line allows: its key, to sign in itself or as the authority behind certificates. These are two grants. */
export function grantOf({ key, options }: KeyLine): string {
  return isAuthority(options) ? `cert-authority ${key}` : key
}

function isAuthority(options: string): boolean {
  const words = options.match(/(?:"(?:\\.|[^"\\])*"|[^",])+/g) ?? []
  return words.some((word) => word.toLowerCase() === 'cert-authority')
}

/** The keys of a text of one line or several. */
function keysOf(text: string): readonly KeyLine[] {
  return splitLines(text)
    .map(({ text: line }) => parseKey(line))
    .filter((key) => key !== null)
}

/** The keys of a task, with the options that the task gives to all of them. */
export function givenKeys(text: string, options: string | undefined): readonly KeyLine[] {
  const given = keysOf(text).map((each) => ({ ...each, options: options ?? each.options }))
  return given.filter((each, i) => given.findIndex((other) => sameGrant(other, each)) === i)
}

function sameGrant(a: KeyLine, b: KeyLine): boolean {
  return grantOf(a) === grantOf(b)
}

/** What is wrong with the keys of a task, or null. */
export function keysFault(text: string, options: string | undefined): ParamFault | null {
  const lines = splitLines(text)
    .map(({ text: line }) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0) return { message: 'the task gives no public SSH key', hint: oneLine }
  const keys: KeyLine[] = []
  for (const line of lines) {
    const key = parseKey(line)
    if (!key) return { message: `this is not a public SSH key: ${shortened(line)}`, hint: oneLine }
    const [type = '', blob = ''] = key.key.split(' ')
    const fault = blobFault(type, blob)
    if (fault)
      return { message: `the key ${shortened(key.key)} is unusable: ${fault}`, hint: hintOf(type) }
    keys.push({ ...key, options: options ?? key.options })
  }
  const twice = keys.find((key, i) =>
    keys.some((other, j) => j < i && sameGrant(key, other) && key.options !== other.options),
  )
  return twice
    ? {
        message: `the key …${twice.key.slice(-12)} stands twice with different options`,
        hint: 'keep one of its lines: sshd uses the first that matches',
      }
    : null
}

const oneLine = 'a public key is one line: its type, a blob, and maybe a comment'

function hintOf(type: string): string {
  return type.includes('-cert-')
    ? "a certificate is not a key: allow its CA's key, with `key_options: cert-authority`"
    : `copy the whole line of the .pub file; sshd takes ${keyTypes.join(', ')}`
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 40)}…${text.slice(-12)}` : text
}

/** Options of a key as sshd splits them: no blank outside of double quotes, and every quote is closed. */
export function optionsFault(options: string): ParamFault | null {
  return optionsForm.exec(options)?.[0] === options
    ? null
    : {
        message: 'a blank outside of double quotes would end the options',
        hint: 'write them as in from="10.0.0.0/8",command="/bin/backup -v"',
      }
}

/** What a file allows, per grant: its options, or those of each of its lines where it stands more than once. */
export function grantsIn(text: string): Readonly<Record<string, string>> {
  const found = new Map<string, string[]>()
  for (const line of keysOf(text)) {
    const held = found.get(grantOf(line))
    if (held) held.push(line.options)
    else found.set(grantOf(line), [line.options])
  }
  return Object.fromEntries([...found].map(([grant, options]) => [grant, shownOptions(options)]))
}

function shownOptions(options: readonly string[]): string {
  if (options.length === 1) return options[0]!
  return `${options.length} lines: ${options.map((each) => each || '(no options)').join(' | ')}`
}

/** The line of a key. */
function keyLine({ options, key, comment }: KeyLine): string {
  return [options, key, comment].filter((part) => part !== '').join(' ')
}

/**
 * The file with each of `wanted` in one line and without the grants of `gone`. Every other line stays as and where it is; a key that
 * stands once with its options keeps its line.
 */
export function edited(
  text: string,
  wanted: readonly KeyLine[],
  gone: ReadonlySet<string>,
): string {
  const lines = splitLines(text)
  const written = new Set<string>()
  const kept = lines.flatMap((line) => {
    const key = parseKey(line.text)
    const grant = key && grantOf(key)
    if (!key || grant === null) return [line]
    if (gone.has(grant) || written.has(grant)) return []
    const wish = wanted.find((each) => grantOf(each) === grant)
    if (!wish) return [line]
    written.add(grant)
    return wish.options === key.options
      ? [line]
      : [{ ...line, text: keyLine({ ...key, options: wish.options }) }]
  })
  const added = wanted.filter((each) => !written.has(grantOf(each))).map(keyLine)
  return joinLines([...kept, ...newLines(added, lines)])
}

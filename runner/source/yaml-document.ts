import type { Code } from '../model/codes.ts'
import { Composer, visit, type Document, type LineCounter } from 'yaml'
import { deepestYaml, yamlTokens } from '../text/yaml-tokens.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'

/** A text of a flow list or map that holds a template, and what stands before it. */
const templateInFlow =
  /([[{]\s*|[:,]\s+)((?:[^\s"'{}[\],:#&*!|>](?:(?!:\s)[^"'{}[\],])*)?\{\{[^{}]*\}\}(?:[^"'{}[\],]|\{\{[^{}]*\}\})*)/g
const unquotedTemplate = /^(\s*(?:-\s+)*(?:[^\s:#'"{[]+\s*:\s+)?)(\{\{.*)$/

/** The document of a file, and where a second one begins; or where it nests too deeply. */
export type Composed =
  | { readonly document: Document.Parsed; readonly secondAt: number | null }
  | { readonly tooDeepAt: number }

/** Composes the document of a file. */
export function compose(text: string, lineCounter: LineCounter): Composed {
  const read = yamlTokens(text, lineCounter.addNewLine)
  if ('tooDeepAt' in read) return read
  const tag = (name: string): { tag: string; resolve: (value: string) => string } => ({
    tag: name,
    resolve: (value) => value,
  })
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    customTags: [tag('!raw'), tag('!expr')],
  })
  const [first, second] = [...composer.compose(read.tokens, true, text.length)]
  return {
    document: first as Document.Parsed,
    secondAt: second ? (second as Document.Parsed).range[0] : null,
  }
}

/** A range of a file. */
export function placeOf(
  file: string,
  text: string,
  lines: LineCounter,
  start: number,
  end: number,
): Place {
  const { line, col } = lines.linePos(Math.min(start, text.length))
  const lineStart = lines.lineStarts[line - 1] ?? 0
  const lineEnd = text.indexOf('\n', lineStart)
  const source = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '')
  const column = Math.max(col, 1)
  return {
    file,
    line: Math.max(line, 1),
    column,
    width: Math.max(1, Math.min(end - start, source.length - column + 1)),
    source,
  }
}

/** The parser's messages in our words: what to look for, what is wrong, what to do. */
const faults: readonly (readonly [
  pattern: RegExp,
  code: Code,
  message: string | null,
  hint: string,
])[] = [
  [/^Tabs are not/, 'yaml/tab', 'a tab stands where the indentation is', 'indent with spaces'],
  [
    /^Unresolved tag: !vault/,
    'yaml/vault',
    'this value is encrypted by ansible-vault, which trueup does not open',
    'give it as an input: `ansible-vault view FILE | trueup … -e @/dev/stdin`; a password of a host: { file: PATH } or { env: NAME }',
  ],
  [
    /^Unresolved tag: (.*)/,
    'yaml/tag',
    null,
    'quote a text that begins with `!`; the tags are `!raw` and `!expr`, before one text',
  ],
  [
    /lias|nchor/,
    'yaml/alias',
    null,
    'define the anchor before its alias, or write the value itself in its place',
  ],
  [/^Missing closing/, 'yaml/syntax', 'this quote is never closed', 'close it'],
  [
    /^Nested mappings/,
    'yaml/syntax',
    'a second `: ` stands in this line',
    'one entry a line; quote a text that holds `: `',
  ],
  [/^Plain value cannot start/, 'yaml/syntax', null, 'quote it'],
  [
    /^Implicit (?:map )?keys need/,
    'yaml/syntax',
    'this line is not `key: value`',
    'add the `: ` that is missing, or indent the line to the text that it continues',
  ],
  [
    /^Flow \w+ in block collection/,
    'yaml/syntax',
    'a bracket that was opened above is not closed before this',
    'close it: `]` or `}`',
  ],
  [
    /^Not a YAML token/,
    'yaml/syntax',
    'a text cannot begin with `>` or `|` and go on in its line',
    'quote it',
  ],
  [
    /^All (?:mapping|sequence) items|indent/,
    'yaml/syntax',
    'this line is indented unlike its neighbours',
    'begin it in the same column as the entries beside it',
  ],
  [
    /^Missing , |must end|end with/,
    'yaml/syntax',
    null,
    'close the bracket, and put a comma between its items',
  ],
  [/^Invalid escape/, 'yaml/syntax', null, "write it in single quotes: '…'"],
]

/** What the parser found. Behind a broken structure everything is read as something else: only the first break is shown. */
export function syntaxErrors(
  document: Document.Parsed,
  place: (start: number, end: number) => Place,
): Diagnostic[] {
  const found = [...document.errors, ...document.warnings].map((error) => {
    const open = /^Missing closing/.test(error.message) ? openQuote(document, error.pos[0]) : null
    return { error, start: open ?? error.pos[0], end: open === null ? error.pos[1] : open + 1 }
  })
  const diagnostics: Diagnostic[] = []
  for (const { error, start, end } of found.sort((a, b) => a.start - b.start)) {
    const at = place(start, end)
    const meant = likelyMeant(error.message, at, () => deeperLine(at, place, start))
    diagnostics.push(meant ?? plainFault(error.message, at))
    if (meant || document.errors.includes(error as (typeof document.errors)[number]))
      return diagnostics
  }
  return diagnostics
}

/** The mistake that the line shows better than the parser's words; null where its words are all that there is. */
function likelyMeant(message: string, at: Place, deeper: () => Place | null): Diagnostic | null {
  const source = at.source ?? ''
  const template = unquotedTemplate.exec(source)
  if (template) {
    const text = template[2]!.trimEnd()
    return templateError({ ...at, column: template[1]!.length + 1, width: text.length }, text)
  }
  const inFlow = unquotedInFlow(source)
  if (inFlow)
    return templateError({ ...at, column: inFlow.column, width: inFlow.text.length }, inFlow.text)
  const deeperAt = /^Nested mappings/.test(message) ? deeper() : null
  if (deeperAt)
    return {
      code: 'yaml/syntax',
      message: `this line is indented deeper than the key in line ${at.line}, so YAML takes it for more of its text`,
      at: deeperAt,
      hint: 'begin it in the same column as that key',
    }
  const behind = /^Unexpected scalar at node end/.test(message) ? wholeQuoted(source) : null
  if (behind)
    return {
      code: 'yaml/syntax',
      message: 'the text ends with its quote, and more follows',
      at,
      hint: `quote all of it: ${behind}`,
    }
  return null
}

function plainFault(said: string, at: Place): Diagnostic {
  const [, code, message, hint] = faults.find(([pattern]) => pattern.test(said)) ?? [
    null,
    'yaml/syntax' as const,
    null,
    'check the quotes and the indentation of this line and the one above',
  ]
  return { code, message: message ?? said.replace(/\s+/g, ' '), at, hint }
}

/** A value that begins with a quote and goes on behind it, as one text; null where no kind of quotes holds it. */
function wholeQuoted(line: string): string | null {
  const value = /^\s*(?:- +)*[\w.]+:\s+(["'].*?)\s*$/.exec(line)?.[1]
  if (value === undefined) return null
  const mark = value[0]!
  const inner = value.slice(1, -1)
  const other = mark === '"' ? "'" : '"'
  // 'it's': the quotes were meant around it already.
  if (
    value.length > 2 &&
    value.endsWith(mark) &&
    inner.split(mark).length === 2 &&
    !inner.includes(other)
  )
    return `${other}${inner}${other}`
  // In double quotes a backslash means something.
  return value.includes(other) || (other === '"' && value.includes('\\'))
    ? null
    : `${other}${value}${other}`
}

/** The next line, where it begins with a key further in than the key of this one: `- ensure: x`, and `file:` too far right. */
function deeperLine(
  at: Place,
  place: (start: number, end: number) => Place,
  start: number,
): Place | null {
  const line = at.source ?? ''
  const next = place(start - (at.column - 1) + line.length + 1, start)
  const inner = /^( +)[\w.]+:(?:\s|$)/.exec(next.source ?? '')?.[1]
  const key = /^[ -]*/.exec(line)![0]
  return next.line === at.line + 1 && inner !== undefined && inner.length > key.length
    ? { ...next, column: inner.length + 1, width: next.source!.length - inner.length }
    : null
}

/** A quote that never ends is found at the end of the file; its author looks for its beginning. */
function openQuote(document: Document.Parsed, end: number): number | null {
  let start: number | null = null
  visit(document, {
    Scalar(_, node) {
      if (
        node.type?.startsWith('QUOTE') &&
        node.range &&
        node.range[0] < end &&
        node.range[1] >= end
      )
        start = node.range[0]
    },
  })
  return start
}

function unquotedInFlow(line: string): { readonly text: string; readonly column: number } | null {
  for (const { index, 1: before, 2: text } of line.matchAll(templateInFlow)) {
    const start = index + before!.length
    const isInFlow = /[[{]/.test(line.slice(0, start).replaceAll('{{', ''))
    const isQuoted = [`"`, `'`].some((quote) => line.slice(0, start).split(quote).length % 2 === 0)
    if (isInFlow && !isQuoted) return { text: text!.trimEnd(), column: start + 1 }
  }
  return null
}

/** The fault of nesting too deeply. */
export function tooDeep(at: Place): Diagnostic {
  return {
    code: 'yaml/depth',
    message: `this nests deeper than ${deepestYaml} levels`,
    at,
    hint: 'nest less deeply',
  }
}

/** The fault of a template that YAML takes for a map. */
export function templateError(at: Place, written: string): Diagnostic {
  return {
    code: 'yaml/unquoted-template',
    message: `YAML takes \`${written}\` for a map`,
    at,
    hint: `quote it: "${written.replaceAll('"', "'")}"`,
  }
}

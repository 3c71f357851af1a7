import { Composer, Lexer, LineCounter, Parser, visit, type CST, type Document } from 'yaml'
import type { Diagnostic, Place } from '../core/diagnostic.ts'

/** How deeply lists and maps may nest. */
export const maxDepth = 64
const unquotedTemplate = /^(\s*(?:-\s+)*(?:[^\s:#'"{[]+\s*:\s+)?)(\{\{.*)$/

/** The document of a file, and where a second one begins; or where it nests too deeply. */
export type Composed = { readonly document: Document.Parsed; readonly secondAt: number | null } | { readonly tooDeepAt: number }

/** The parser keeps a stack of its own, the composer uses ours: what nests too deeply must not reach it. */
export function compose(text: string, lineCounter: LineCounter): Composed {
  const parser = new Parser(lineCounter.addNewLine)
  const tokens: CST.Token[] = []
  lineCounter.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > maxDepth + 1) return { tooDeepAt: Math.max(0, parser.offset - 1) }
  }
  for (const token of parser.end()) tokens.push(token)
  const tag = (name: string): { tag: string; resolve: (value: string) => string } => ({ tag: name, resolve: (value) => value })
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false, customTags: [tag('!raw'), tag('!expr')] })
  const [first, second] = [...composer.compose(tokens, true, text.length)]
  return { document: first as Document.Parsed, secondAt: second ? (second as Document.Parsed).range[0] : null }
}

/** A range of a file. */
export function placeOf(file: string, text: string, lines: LineCounter, start: number, end: number): Place {
  const { line, col } = lines.linePos(Math.min(start, text.length))
  const lineStart = lines.lineStarts[line - 1] ?? 0
  const lineEnd = text.indexOf('\n', lineStart)
  const source = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '')
  const column = Math.max(col, 1)
  return { file, line: Math.max(line, 1), column, width: Math.max(1, Math.min(end - start, source.length - column + 1)), source }
}

const faults: Readonly<Record<string, readonly [code: string, hint: string]>> = {
  TAB_AS_INDENT: ['yaml/tab', 'indent with spaces'],
  TAG_RESOLVE_FAILED: ['yaml/tag', 'quote a text that begins with `!`; the tags are `!raw` and `!expr`, before one text'],
  BAD_ALIAS: ['yaml/alias', 'define the anchor before its alias, or write the value out'],
  BLOCK_AS_IMPLICIT_KEY: ['yaml/syntax', 'one entry a line; quote a text that holds `: `'],
  BAD_SCALAR_START: ['yaml/syntax', 'quote it: a text may not begin with @ or `'],
  MISSING_CHAR: ['yaml/syntax', 'close the quote or the bracket'],
}

/** What the parser found, each line's first fault. */
export function syntaxErrors(document: Document.Parsed, place: (start: number, end: number) => Place): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  for (const error of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const open = error.code === 'MISSING_CHAR' ? openQuote(document, error.pos[0]) : null
    const at = open === null ? place(error.pos[0], error.pos[1]) : place(open, open + 1)
    const template = unquotedTemplate.exec(at.source ?? '')
    if (template) {
      // What follows an unquoted template is read as something else: its errors would mislead.
      return [...diagnostics, templateError({ ...at, column: template[1]!.length + 1, width: template[2]!.trimEnd().length }, template[2]!.trimEnd())]
    }
    if (diagnostics.some((d) => d.at?.line === at.line)) continue
    const [code, hint] = faults[error.code] ?? ['yaml/syntax', 'check the quotes and the indentation of this line and the one above']
    diagnostics.push({ code, message: error.message.replace(/\s+/g, ' '), at, hint })
  }
  return diagnostics
}

/** A quote that never ends is found at the end of the file; its author looks for its beginning. */
function openQuote(document: Document.Parsed, end: number): number | null {
  let start: number | null = null
  visit(document, {
    Scalar(_, node) {
      if (node.type?.startsWith('QUOTE') && node.range && node.range[0] < end && node.range[1] >= end) start = node.range[0]
    },
  })
  return start
}

/** The fault of nesting too deeply. */
export function tooDeep(at: Place): Diagnostic {
  return { code: 'yaml/depth', message: `this nests deeper than ${maxDepth} levels`, at, hint: 'nest less deeply' }
}

/** The fault of a template that YAML takes for a map. */
export function templateError(at: Place, written: string): Diagnostic {
  return { code: 'yaml/unquoted-template', message: `YAML takes \`${written}\` for a map`, at, hint: `quote it: "${written.replaceAll('"', "'")}"` }
}

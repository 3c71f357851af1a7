import {
  CompletionItemKind,
  DiagnosticSeverity,
  MarkupKind,
  type CompletionItem,
  type Diagnostic as ShownDiagnostic,
  type Range,
} from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Cursor } from '../source/cursor.ts'
import type { Offer } from './offer.ts'

/** A place, counted from zero as the protocol does. */
export function rangeOf({ line, column, width }: Place): Range {
  return {
    start: { line: line - 1, character: column - 1 },
    end: { line: line - 1, character: column - 1 + (width ?? 1) },
  }
}

/** A diagnostic as editors show it: the hint below the message. */
export function shownDiagnostic(found: Diagnostic): ShownDiagnostic {
  const { code, message, hint, severity, at } = found
  return {
    range: at ? rangeOf(at) : rangeOf({ file: '', line: 1, column: 1 }),
    severity: severity === 'warning' ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
    code,
    source: 'trueup',
    message: hint === undefined ? message : `${message}\nhint: ${hint}`,
  }
}

const kinds = {
  key: CompletionItemKind.Property,
  type: CompletionItemKind.Class,
  value: CompletionItemKind.Value,
  host: CompletionItemKind.Value,
  name: CompletionItemKind.Variable,
  function: CompletionItemKind.Function,
  file: CompletionItemKind.File,
} as const satisfies Record<Offer['kind'], CompletionItemKind>

/** An offer as editors show it. It replaces the last part of the word at the cursor, or the whole text that it is a value of. */
export function completionItem(
  { word, kind, about }: Offer,
  cursor: Cursor,
  document: TextDocument,
): CompletionItem {
  const isKey = kind === 'key' || kind === 'type'
  const hasColon = /^[ \t]*:/.test(document.getText().slice(cursor.end))
  const start = startOf(word, kind, cursor)
  const newText = isKey && !hasColon ? `${word}: ` : word
  return {
    label: word,
    kind: kinds[kind],
    ...(about === '' ? {} : { documentation: { kind: MarkupKind.Markdown, value: about } }),
    filterText: word,
    textEdit: {
      range: { start: document.positionAt(start), end: document.positionAt(cursor.end) },
      newText,
    },
  }
}

/** Where what an offer replaces begins: a last part behind a dot or a slash, a name behind `@`, or a whole text. */
function startOf(word: string, kind: Offer['kind'], cursor: Cursor): number {
  switch (kind) {
    case 'name':
    case 'function':
      return cursor.start + cursor.word.lastIndexOf('.') + 1
    case 'host':
      return cursor.start - (word.startsWith('@') && cursor.before.endsWith('@') ? 1 : 0)
    case 'value':
      return cursor.start - cursor.before.length
    case 'key':
    case 'type':
    case 'file':
      return cursor.start
  }
}

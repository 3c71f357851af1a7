import { isScalar, LineCounter, visit, type Document, type Pair, type YAMLMap } from 'yaml'
import type { Diagnostic } from '../model/diagnostic.ts'
import { compose } from './yaml-document.ts'

/** A file with its fixes made, and what they repaired. */
export interface FixedText {
  readonly text: string
  readonly fixed: readonly Diagnostic[]
}

/** Other text for a range of a file, by offsets, and what it repairs. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Makes the fixes that diagnostics of this file carry, each character left as it is elsewhere. Of two that overlap the later one waits. */
export function fixText(text: string, found: readonly Diagnostic[]): FixedText {
  const edits = [...editsOf(text, found)].sort(([, one], [, other]) => one.start - other.start)
  const made = edits.filter(([, edit], at) => at === 0 || edits[at - 1]![1].end <= edit.start)
  return {
    text: made.reduceRight(
      (whole, [, edit]) => whole.slice(0, edit.start) + edit.text + whole.slice(edit.end),
      text,
    ),
    fixed: made.map(([diagnostic]) => diagnostic),
  }
}

/** The edit of each diagnostic of this file that carries a fix. */
export function editsOf(text: string, found: readonly Diagnostic[]): ReadonlyMap<Diagnostic, Edit> {
  const lines = new LineCounter()
  const composed = compose(text, lines)
  const edits = new Map<Diagnostic, Edit>()
  if ('tooDeepAt' in composed) return edits
  for (const diagnostic of found) {
    const { fix, at } = diagnostic
    if (!fix || !at) continue
    const start = (lines.lineStarts[at.line - 1] ?? text.length) + at.column - 1
    const edit =
      'replace' in fix
        ? { start, end: start + (at.width ?? 1), text: fix.replace }
        : removal(text, composed.document, start, fix.removeKey)
    if (edit) edits.set(diagnostic, edit)
  }
  return edits
}

/** The edit that takes a key out of the innermost map around a place; null where more than its own text would have to change. */
function removal(text: string, document: Document.Parsed, place: number, key: string): Edit | null {
  const map = mapAround(document, place, key)
  if (!map) return null
  const at = map.items.findIndex((pair) => keyOf(pair) === key)
  const start = startOf(map.items[at]!)
  const next = map.items[at + 1]
  if (map.flow) {
    const before = map.items[at - 1]
    if (next) return { start, end: startOf(next), text: '' }
    return before ? { start: endOf(before), end: endOf(map.items[at]!), text: '' } : null
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  // A key behind `- ` opens its item: without it the item would have to be written again.
  if (text.slice(lineStart, start).trim() !== '') return null
  // A list or a map in block form ends behind its last line end.
  const end = endOf(map.items[at]!)
  const lineEnd = text[end - 1] === '\n' ? end - 1 : text.indexOf('\n', end)
  return { start: lineStart, end: lineEnd < 0 ? text.length : lineEnd + 1, text: '' }
}

function mapAround(document: Document.Parsed, place: number, key: string): YAMLMap | null {
  const around: YAMLMap[] = []
  visit(document, {
    Map(_, map) {
      const [start, , end] = map.range ?? [0, 0, 0]
      if (start <= place && place < end && map.items.some((pair) => keyOf(pair) === key))
        around.push(map)
    },
  })
  return around.at(-1) ?? null
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : null
}

function startOf({ key }: Pair): number {
  return (key as { readonly range?: readonly number[] }).range?.[0] ?? 0
}

/** Where what a pair says ends, without a comment behind it. */
function endOf({ key, value }: Pair): number {
  const last = (value ?? key) as { readonly range?: readonly number[] }
  return last.range?.[1] ?? 0
}

import { countOf } from '../text/count.ts'
import { placeText, type Diagnostic, type Place } from '../model/diagnostic.ts'
import { fromFolder } from '../text/from-folder.ts'
import { cells, cleanLine, cleanText, createPaint, hang, wrap, type Paint } from './screen-text.ts'

/** How diagnostics are laid out. */
export interface Layout {
  readonly color: boolean
  /** Columns; lines of the user's own are cut around the caret, ours are wrapped. */
  readonly width: number
  /** Files inside this folder are named from it. */
  readonly folder?: string
  /** How many of one code are shown; 20 when absent. Ten thousand hosts that share a mistake share its correction. */
  readonly most?: number
}

/** Characters of a message that are shown. */
const longest = 4000

/** Diagnostics as an operator reads them: the place, what is wrong, the user's own line with a caret, and what to type next. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], layout: Layout): string {
  const distinct = [...new Map(diagnostics.map((each) => [keyOf(each), each])).values()]
  const most = layout.most ?? 20
  const counts = new Map<string, number>()
  for (const { code } of distinct) counts.set(code, (counts.get(code) ?? 0) + 1)
  const shown = new Map<string, number>()
  return distinct
    .flatMap((each) => {
      const number = (shown.get(each.code) ?? 0) + 1
      shown.set(each.code, number)
      // One line too many is shown sooner than counted.
      if (number <= most || counts.get(each.code)! === most + 1)
        return diagnosticLines(each, layout)
      return number === most + 1
        ? [
            createPaint(layout.color)(
              'dim',
              `and ${counts.get(each.code)! - most} more of the same [${each.code}]`,
            ),
          ]
        : []
    })
    .join('\n')
}

/** The lines of one diagnostic. */
export function diagnosticLines(
  diagnostic: Diagnostic,
  { color, width, folder, most }: Layout,
): readonly string[] {
  const paint = createPaint(color)
  const { at, hint, look: advice, host, code } = diagnostic
  const look = diagnostic.severity === 'warning' ? 'yellow' : 'red'
  const place = at ? `${cleanLine(fromFolder(placeText(at), folder))}: ` : ''
  const whose = host === undefined ? '' : `${cleanLine(host)}: `
  const [first = '', ...rest] = wrap(
    `${place}${diagnostic.severity === 'warning' ? 'warning: ' : ''}${whose}${cleanText(most === Infinity ? diagnostic.message : shortened(diagnostic.message)).trimEnd()} [${code}]`,
    width,
  )
  const head = first.startsWith(place)
    ? `${paint('bold', place)}${paint(look, first.slice(place.length))}`
    : paint(look, first)
  return [
    head,
    ...rest.map((line) => paint(look, line)),
    ...(at ? excerpt(at, width, paint, look) : []),
    ...(hint === undefined
      ? []
      : hang('  hint: ', cleanText(hint), width).map((line) => paint('cyan', line))),
    ...(advice === undefined
      ? []
      : cleanText(advice)
          .trimEnd()
          .split('\n')
          .flatMap((line, i) => hang(i === 0 ? '  look: ' : '        ', line, width))
          .map((line) => paint('cyan', line))),
  ]
}

/** A message that quotes a value of pages: its beginning and its end say what it is. */
function shortened(message: string): string {
  return message.length > longest
    ? `${message.slice(0, longest / 2)} … ${message.slice(-longest / 4)}`
    : message
}

/** How many errors and warnings there are, in words. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const warnings = diagnostics.filter((each) => each.severity === 'warning').length
  const errors = diagnostics.length - warnings
  const parts = [
    errors > 0 ? countOf(errors, 'error') : '',
    warnings > 0 ? countOf(warnings, 'warning') : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function excerpt(
  at: Place,
  width: number,
  paint: Paint,
  look: 'yellow' | 'red',
): readonly string[] {
  if (at.source === undefined || at.source.trim() === '') return []
  const gutter = `  ${at.line} | `
  const room = width - gutter.length
  if (room < 12) return []
  // Columns count characters of the source; what is shown may be longer (a tab, a control character).
  const end = at.column - 1 + Math.max(1, at.width ?? 1)
  const [before, marked, after] = [
    at.source.slice(0, at.column - 1),
    at.source.slice(at.column - 1, end),
    at.source.slice(end),
  ].map((part) => cleanText(part).replaceAll('\n', ' ')) as [string, string, string]
  const whole = before + marked + after
  const from = Math.max(0, Math.min(before.length - Math.floor(room / 3), whole.length - room))
  const line = whole.slice(from, from + room)
  const lead = cells(whole.slice(from, before.length))
  const carets = '^'.repeat(Math.max(1, Math.min(cells(marked), room - lead)))
  return [
    `${paint('dim', gutter)}${line}`,
    `${paint('dim', `${' '.repeat(gutter.length - 2)}| `)}${' '.repeat(lead)}${paint(look, carets)}`,
  ]
}

function keyOf({ code, message, at, host }: Diagnostic): string {
  return JSON.stringify([code, message, at?.file, at?.line, at?.column, host])
}

import { compilePattern, type PatternMatch } from '../../text/pattern.ts'
import { joinLines, newLines, splitLines, type Line } from '../lines.ts'

/** What a task says about the line. */
export interface LineWish {
  readonly line?: string | undefined
  readonly regexp?: string | undefined
  readonly search_string?: string | undefined
  readonly insertafter?: string | undefined
  readonly insertbefore?: string | undefined
  readonly firstmatch: boolean
  readonly backrefs?: boolean | undefined
}

/** The text with the line in it: in the place of the last line that matches, else where the task wants it. */
export function withLine(text: string, wish: LineWish): string {
  const { line = '', regexp, search_string, firstmatch } = wish
  const lines = splitLines(text)
  if (regexp !== undefined || search_string !== undefined) {
    const at = matching(lines, regexp, search_string, firstmatch)
    if (at >= 0)
      return joinLines(lines.with(at, { ...lines[at]!, text: replaced(lines[at]!, wish) }))
  }
  if (wish.backrefs) return text
  // A line that is there already is never added again, also when the expression does not match what it writes.
  if (lines.some((each) => each.text === line)) return text
  return joinLines(lines.toSpliced(placeOf(lines, wish), 0, ...newLines([line], lines)))
}

/** The text without the lines that match, or that equal the line. */
export function withoutLine(text: string, { line, regexp, search_string }: LineWish): string {
  const lines = splitLines(text)
  const kept = lines.filter(
    (each) =>
      !(regexp !== undefined || search_string !== undefined
        ? matches(each, regexp, search_string)
        : each.text === line),
  )
  return kept.length === lines.length ? text : joinLines(kept)
}

function replaced(found: Line, { line = '', regexp, backrefs }: LineWish): string {
  return backrefs && regexp !== undefined
    ? filled(line, compilePattern(regexp).find(found.text)!)
    : line
}

/** `\\1` is what the first group matched: nothing where it took no part. */
function filled(line: string, { groups }: PatternMatch): string {
  return line.replace(/\\([1-9\\])/g, (_whole, sign: string) =>
    sign === '\\' ? '\\' : (groups[Number(sign) - 1] ?? ''),
  )
}

function placeOf(
  lines: readonly Line[],
  { insertafter, insertbefore, firstmatch }: LineWish,
): number {
  if (insertbefore === 'BOF') return 0
  if (insertbefore !== undefined) {
    const at = matching(lines, insertbefore, undefined, firstmatch)
    return at < 0 ? lines.length : at
  }
  const at =
    insertafter === undefined || insertafter === 'EOF'
      ? -1
      : matching(lines, insertafter, undefined, firstmatch)
  return at < 0 ? lines.length : at + 1
}

function matching(
  lines: readonly Line[],
  regexp: string | undefined,
  search: string | undefined,
  first: boolean,
): number {
  const holds = (line: Line): boolean => matches(line, regexp, search)
  return first ? lines.findIndex(holds) : lines.findLastIndex(holds)
}

function matches({ text }: Line, regexp: string | undefined, search: string | undefined): boolean {
  return regexp === undefined ? text.includes(search!) : compilePattern(regexp).test(text)
}

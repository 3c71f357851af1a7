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
  const lines = linesOf(text)
  if (regexp !== undefined || search_string !== undefined) {
    const at = matching(lines, regexp, search_string, firstmatch)
    if (at >= 0)
      return joined(
        lines.with(
          at,
          wish.backrefs && regexp !== undefined
            ? filled(line, new RegExp(regexp, 'u').exec(lines[at]!)!)
            : line,
        ),
      )
  }
  if (wish.backrefs) return text
  // A line that is there already is never added again, also when the expression does not match what it writes.
  if (lines.includes(line)) return text
  return joined(lines.toSpliced(placeOf(lines, wish), 0, line))
}

/** The text without the lines that match, or that equal the line. */
export function withoutLine(text: string, { line, regexp, search_string }: LineWish): string {
  const kept = linesOf(text).filter(
    (each) =>
      !(regexp !== undefined || search_string !== undefined
        ? matches(each, regexp, search_string)
        : each === line),
  )
  return kept.length === linesOf(text).length ? text : joined(kept)
}

/** `\\1` is what the first group matched: nothing where it took no part. */
function filled(line: string, match: RegExpExecArray): string {
  return line.replace(/\\([1-9\\])/g, (_whole, sign: string) =>
    sign === '\\' ? '\\' : (match[Number(sign)] ?? ''),
  )
}

function placeOf(
  lines: readonly string[],
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
  lines: readonly string[],
  regexp: string | undefined,
  search: string | undefined,
  first: boolean,
): number {
  const holds = (line: string): boolean => matches(line, regexp, search)
  return first ? lines.findIndex(holds) : lines.findLastIndex(holds)
}

function matches(line: string, regexp: string | undefined, search: string | undefined): boolean {
  return regexp === undefined ? line.includes(search!) : new RegExp(regexp, 'u').test(line)
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

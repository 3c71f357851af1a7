import { compilePattern } from '../../text/pattern.ts'
import { joinLines, newLines, splitLines, type Line } from '../lines.ts'
import { unclear } from '../unclear.ts'

/** What a task says about the block. */
export interface BlockWish {
  readonly path: string
  readonly marker: string
  readonly insertafter?: string | undefined
  readonly insertbefore?: string | undefined
}

/** The text between the markers, or null if the file does not have the block. */
export function blockIn(text: string, wish: BlockWish): string | null {
  const lines = splitLines(text)
  const at = boundsIn(lines, wish)
  return (
    at &&
    lines
      .slice(at.begin + 1, at.end)
      .map((line) => `${line.text}\n`)
      .join('')
  )
}

/** The whole text with the block in it: in the place of the one that is there, else where the task wants it. */
export function withBlock(text: string, block: string, wish: BlockWish): string {
  const lines = splitLines(text)
  const at = boundsIn(lines, wish)
  const whole = newLines(
    [markerOf(wish.marker, 'BEGIN'), ...textsOf(block), markerOf(wish.marker, 'END')],
    lines,
  )
  return joinLines(
    at
      ? lines.toSpliced(at.begin, at.end - at.begin + 1, ...whole)
      : lines.toSpliced(placeOf(lines, wish), 0, ...whole),
  )
}

/** The whole text without the block and its markers. */
export function withoutBlock(text: string, wish: BlockWish): string {
  const lines = splitLines(text)
  const at = boundsIn(lines, wish)
  return at ? joinLines(lines.toSpliced(at.begin, at.end - at.begin + 1)) : text
}

/** Whether a block holds a line that would begin or end it. */
export function holdsMarker(block: string, marker: string): boolean {
  return textsOf(block).some((line) =>
    ['BEGIN', 'END'].some((mark) => line === markerOf(marker, mark)),
  )
}

function boundsIn(
  lines: readonly Line[],
  { path, marker }: BlockWish,
): { readonly begin: number; readonly end: number } | null {
  const [first, last] = [markerOf(marker, 'BEGIN'), markerOf(marker, 'END')]
  const begins = lines.flatMap((line, i) => (line.text === first ? [i] : []))
  const ends = lines.flatMap((line, i) => (line.text === last ? [i] : []))
  if (begins.length === 0 && ends.length === 0) return null
  // A guess where half a block ends could delete lines that another user wrote.
  if (begins.length === 1 && ends.length === 1 && begins[0]! < ends[0]!)
    return { begin: begins[0]!, end: ends[0]! }
  return unclear(
    `the markers of the block in ${path} are not a pair: ${begins.length} lines begin it and ${ends.length} end it`,
    'correct the file by hand, or give this block another `marker`',
  )
}

function placeOf(lines: readonly Line[], { insertafter, insertbefore }: BlockWish): number {
  if (insertbefore === 'BOF') return 0
  const expression = insertbefore ?? insertafter
  if (expression === undefined || expression === 'EOF') return lines.length
  const pattern = compilePattern(expression)
  const at = lines.findLastIndex(({ text }) => pattern.test(text))
  return at < 0 ? lines.length : insertbefore === undefined ? at + 1 : at
}

function markerOf(marker: string, mark: string): string {
  return marker.replace('{mark}', () => mark)
}

function textsOf(block: string): readonly string[] {
  return splitLines(block).map(({ text }) => text)
}

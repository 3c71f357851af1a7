import { styleText } from 'node:util'

/** The looks that output uses. */
export type Look = Parameters<typeof styleText>[0]
/** Gives a text a look, or leaves it as it is without colour. */
export type Paint = (look: Look, text: string) => string

/** A paint for a stream with or without colour. */
export function createPaint(color: boolean): Paint {
  return color
    ? (look, text) => styleText(look, text, { validateStream: false })
    : (_look, text) => text
}

// What a host printed may hold sequences that move the cursor, set a title or fill the clipboard (OSC 52): whole sequences go,
// what is left of control and direction-changing characters becomes visible.
const sequences =
  /(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]{0,65536}(?:\u0007|\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[PX^_][^\u001b]{0,65536}\u001b\\/g
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu

/** A text of any origin with its lines, safe for a terminal: escape sequences removed, other control characters shown. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(sequences, '')
    .replace(/\t/g, '  ')
    .replace(unsafe, (found) => visible(found))
}

/** A text of any origin as one safe line. */
export function cleanLine(text: string): string {
  return cleanText(text.trimEnd()).replace(/\n/g, '\\n')
}

function visible(character: string): string {
  const code = character.codePointAt(0)!
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

const looks = /\u001b\[[0-9;]*m/g

/** Columns that a text takes on a terminal; our own looks take none. */
export function cells(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  const shown = text.replace(looks, '')
  if (!hasEmoji(shown)) return sumOfCells(shown)
  let columns = 0
  for (const grapheme of piecesOf(shown)) columns += isPicture(grapheme) ? 2 : sumOfCells(grapheme)
  return columns
}

// The patterns with \p stand in functions: V8 builds the tables of such a pattern when it comes to the literal, also in a
// command that shows no emoji.
function hasEmoji(text: string): boolean {
  return /[\p{Emoji_Presentation}\ufe0f\u200d\u20e3]/u.test(text)
}

/** Whether a grapheme is one picture, which takes two columns. */
function isPicture(grapheme: string): boolean {
  if (!hasEmoji(grapheme)) return false
  const joined =
    /^\p{Extended_Pictographic}/u.test(grapheme) &&
    /\u200d\p{Extended_Pictographic}/u.test(grapheme)
  return (
    joined ||
    // A single regional indicator is a letter; two are a flag.
    /^(?:\p{RI}[^]|(?!\p{RI})\p{Emoji_Presentation}|\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]|[#*0-9]\ufe0f?\u20e3)/u.test(
      grapheme,
    )
  )
}

function sumOfCells(text: string): number {
  let columns = 0
  for (const character of text) columns += cellsOf(character)
  return columns
}

function cellsOf(character: string): number {
  const code = character.codePointAt(0)!
  if (/\p{Mark}|\ufe0f|\u200d/u.test(character)) return 0
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  return wide ? 2 : 1
}

let segmenter: Intl.Segmenter | undefined

/** The graphemes of a text with emoji, and the characters of any other. */
function piecesOf(text: string): Iterable<string> {
  if (!hasEmoji(text)) return text
  // A segmenter loads the tables of ICU: 20 ms that only a text with emoji pays.
  segmenter ??= new Intl.Segmenter('en')
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** The text, or as much of it as fits with an ellipsis. */
export function cut(text: string, width: number): string {
  if (cells(text) <= width) return text
  let kept = ''
  let columns = 0
  for (const piece of piecesOf(text)) {
    columns += cells(piece)
    if (columns > width - 1) break
    kept += piece
  }
  return width < 1 ? '' : `${kept}…`
}

/** Lines of at most `width` columns, broken at blanks and commas where there are some. The text has no looks. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(4, width)
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const piece of paragraph.split(/(?<=[ ,])/)) {
      let rest = piece
      if (line !== '' && cells(line) + cells(rest.trimEnd()) > room) {
        lines.push(line.trimEnd())
        line = ''
      }
      while (cells(rest.trimEnd()) > room) {
        const head = cut(rest, room + 1).slice(0, -1)
        lines.push(head)
        rest = rest.slice(head.length)
      }
      line += rest
    }
    lines.push(line.trimEnd())
  }
  return lines
}

/** Text wrapped behind a first indent and a hanging one. */
export function hang(first: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(Math.min(cells(first), Math.max(0, width - 8)))
  const fits = cells(first) <= width - 8
  const lines = wrap(text, width - cells(indent))
  return fits
    ? lines.map((line, i) => `${i === 0 ? first : indent}${line}`)
    : [first.trimEnd(), ...lines.map((line) => `${indent}${line}`)]
}

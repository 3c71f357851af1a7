/** A line of a text file: its text, and the line end that it has there (none at the end of some files). */
export interface Line {
  readonly text: string
  readonly end: '\n' | '\r\n' | ''
}

/** The lines of a text. A carriage return before the line end belongs to the line end, as its author meant. */
export function splitLines(text: string): readonly Line[] {
  const pieces = text.split('\n')
  const lines = pieces
    .slice(0, -1)
    .map((piece): Line =>
      piece.endsWith('\r') ? { text: piece.slice(0, -1), end: '\r\n' } : { text: piece, end: '\n' },
    )
  const last = pieces.at(-1)!
  return last === '' ? lines : [...lines, { text: last, end: '' }]
}

/** The last line of what a program said, which is mostly why it failed; empty where it said nothing. */
export function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)!
}

/** Lines that are added to these, with the line end that the file has. */
export function newLines(texts: readonly string[], beside: readonly Line[]): readonly Line[] {
  const end = beside[0]?.end === '\r\n' ? '\r\n' : '\n'
  return texts.map((text) => ({ text, end }))
}

/** The text of lines; one that has no line end gets that of the file. */
export function joinLines(lines: readonly Line[]): string {
  const usual = lines[0]?.end === '\r\n' ? '\r\n' : '\n'
  return lines.map(({ text, end }) => `${text}${end === '' ? usual : end}`).join('')
}

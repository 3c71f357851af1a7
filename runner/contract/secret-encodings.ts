const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Letters of base64 below which a piece of it could stand in any text. */
const shortestPiece = 8
/** Letters of a text above which nobody echoes it in another form in one piece. */
const longest = 16_384
/** A word of a text of several lines that says nothing to whoever does not know what it opens. */
const opaque = /[A-Za-z0-9+/=_-]{20,}/g

/**
 * The forms in which a host may echo a secret: as it is, in quotes of a shell, of JSON or of an address, in base64 (also
 * as part of a longer text), and the opaque words of one that has several lines, which an error shows one by one.
 */
export function encodedForms(text: string): readonly string[] {
  // Files end in a line end that an echo may lack.
  const bare = text.trim()
  const words = bare.includes('\n')
    ? (bare.match(opaque) ?? []).filter((word) => /\d/.test(word) && /[a-z]/i.test(word))
    : []
  const quoted = [JSON.stringify(bare).slice(1, -1), bare.replaceAll("'", "'\\''"), addressed(bare)]
  const pieces = bare.length > longest ? [] : base64Pieces(bare)
  return [
    ...new Set([
      bare,
      ...words,
      ...quoted,
      ...pieces,
      ...pieces.map((piece) => piece.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ]
}

function addressed(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    // Half a pair of UTF-16 has no such form.
    return text
  }
}

/** What base64 makes of a text wherever it stands in a longer one: the letters that nothing beside it has a part in. */
function base64Pieces(text: string): readonly string[] {
  const bytes = bytesOf(text)
  const pieces = [0, 1, 2].map((offset) => {
    const bits = (offset * 8) % 6
    const skipped = bits === 0 ? 0 : (6 - bits) % 6
    let piece = ''
    for (let at = skipped; at + 6 <= bytes.length * 8; at += 6) {
      const pair = (bytes[at >> 3]! << 8) | (bytes[(at >> 3) + 1] ?? 0)
      piece += digits[(pair >> (10 - (at & 7))) & 63]!
    }
    return piece
  })
  return pieces.filter((piece) => piece.length >= shortestPiece)
}

function bytesOf(text: string): readonly number[] {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      )
  }
  return bytes
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a text in UTF-8; half a surrogate pair becomes U+FFFD. Written out because types compile without a platform. */
export function utf8(text: string): readonly number[] {
  const bytes: number[] = []
  for (const character of text) {
    const written = character.codePointAt(0)!
    const code = written >= 0xd800 && written <= 0xdfff ? 0xfffd : written
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

/** A text's UTF-8 in base64. */
export function base64(text: string): string {
  const bytes = utf8(text)
  let encoded = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]]
    const four = [
      a >> 2,
      ((a & 3) << 4) | ((b ?? 0) >> 4),
      (((b ?? 0) & 15) << 2) | ((c ?? 0) >> 6),
      (c ?? 0) & 63,
    ]
    encoded += four
      .map((each, j) =>
        (j === 2 && b === undefined) || (j === 3 && c === undefined) ? '=' : alphabet[each]!,
      )
      .join('')
  }
  return encoded
}

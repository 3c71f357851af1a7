const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The text of a base64 text, as UTF-8; bytes that are none stand as U+FFFD. */
export function fromBase64(encoded: string): string {
  const bytes: number[] = []
  let held = 0
  let bits = 0
  for (const letter of encoded) {
    const digit = digits.indexOf(letter)
    if (digit < 0) continue
    held = ((held << 6) | digit) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  return fromUtf8(bytes)
}

function fromUtf8(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
    const rest = bytes.slice(at + 1, at + length)
    const isWhole = length > 0 && rest.length === length - 1 && rest.every((byte) => byte >> 6 === 2)
    const point = rest.reduce((sum, byte) => (sum << 6) | (byte & 0x3f), length === 1 ? first : first & (0x7f >> length))
    text += isWhole && point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd'
    at += isWhole ? length : 1
  }
  return text
}

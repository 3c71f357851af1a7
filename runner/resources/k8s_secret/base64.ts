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

/** The least character that needs so many bytes. */
const least = [0, 0, 0x80, 0x800, 0x10000]

function fromUtf8(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0
    const rest = bytes.slice(at + 1, at + length)
    const isWhole =
      length > 0 &&
      first <= 0xf4 &&
      rest.length === length - 1 &&
      rest.every((byte) => byte >> 6 === 2)
    const point = rest.reduce(
      (sum, byte) => (sum << 6) | (byte & 0x3f),
      length === 1 ? first : first & (0x7f >> length),
    )
    // A longer form than is needed is no UTF-8, nor is half of a pair of UTF-16.
    const isCharacter =
      isWhole &&
      point >= least[length]! &&
      point <= 0x10ffff &&
      !(point >= 0xd800 && point <= 0xdfff)
    text += isCharacter ? String.fromCodePoint(point) : '\ufffd'
    at += isCharacter ? length : 1
  }
  return text
}

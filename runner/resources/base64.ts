import { withoutEnd } from '../text/trim-end.ts'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a base64 text, or null if the text is not base64: RFC 4648 with its padding, and nothing else in it. */
export function bytesOfBase64(encoded: string): readonly number[] | null {
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return null
  const bare = withoutEnd(encoded, '=')
  const bytes: number[] = []
  let held = 0
  let bits = 0
  for (const letter of bare) {
    held = ((held << 6) | digits.indexOf(letter)) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  // What is left over of the last letter must be zeros, else two texts would mean the same bytes.
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null
}

/** The text of a base64 text, or null if it is not base64 or its bytes are not UTF-8. */
export function fromBase64(encoded: string): string | null {
  const bytes = bytesOfBase64(encoded)
  return bytes && fromUtf8(bytes)
}

/** The least character that needs so many bytes. */
const least = [0, 0, 0x80, 0x800, 0x10000]

function fromUtf8(bytes: readonly number[]): string | null {
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
    // UTF-8 allows neither a longer form than needed nor half of a UTF-16 pair.
    const isCharacter =
      isWhole &&
      point >= least[length]! &&
      point <= 0x10ffff &&
      !(point >= 0xd800 && point <= 0xdfff)
    if (!isCharacter) return null
    text += String.fromCodePoint(point)
    at += length
  }
  return text
}

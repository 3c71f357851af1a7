import { withoutEnd } from './trim-end.ts'
import { fromUtf8, utf8 } from './utf8.ts'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A text's UTF-8 in base64. */
export function toBase64(text: string): string {
  const bytes = utf8(text)
  let encoded = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3)
    const four = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63]
    const used = Math.min(bytes.length - i, 3) + 1
    encoded += four.map((each, j) => (j < used ? digits[each]! : '=')).join('')
  }
  return encoded
}

/** The bytes of a base64 text, or null if the text is not base64: RFC 4648 with its padding, and nothing else in it. */
export function bytesOfBase64(encoded: string): Uint8Array | null {
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
  return (held & ((1 << bits) - 1)) === 0 ? Uint8Array.from(bytes) : null
}

/** The text of a base64 text, or null if it is not base64 or its bytes are not UTF-8. */
export function fromBase64(encoded: string): string | null {
  const bytes = bytesOfBase64(encoded)
  return bytes && fromUtf8(bytes)
}

import { utf8 } from '../text/utf8.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

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

/** The few forms of ASN.1's distinguished encoding that an X.509 certificate is made of. */

/** A value with its tag and length. */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

/** SEQUENCE. */
export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...contents)
}

/** INTEGER from unsigned bytes. */
export function integer(bytes: Uint8Array): Buffer {
  return (bytes[0] ?? 0) & 0x80 ? tagged(0x02, Buffer.from([0]), bytes) : tagged(0x02, bytes)
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]))
}

/** BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.from([unusedBits]), bytes)
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes)
}

/** UTF8String. */
export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text))
}

/** UTCTime, to the second. */
export function utcTime(at: Date): Buffer {
  return tagged(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
}

/** BOOLEAN true. */
export const yes = tagged(0x01, Buffer.from([0xff]))

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

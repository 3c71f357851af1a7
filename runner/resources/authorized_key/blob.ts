import { bytesOfBase64 } from '../../text/base64.ts'

// The public keys that sshd(8) lists for authorized_keys, by RFC 4253, 5656, 8709 and OpenSSH's PROTOCOL.u2f. A certificate is no
// key: its CA's key is allowed with `cert-authority`.
type Field = 'number' | 'text' | { readonly bytes: number } | { readonly word: string }
const point = (curve: string, bytes: number): readonly Field[] => [{ word: curve }, { bytes }]
const fieldsOf: ReadonlyMap<string, readonly Field[]> = new Map([
  ['ssh-ed25519', [{ bytes: 32 }]],
  ['ssh-rsa', ['number', 'number']],
  ['ssh-dss', ['number', 'number', 'number', 'number']],
  ['ecdsa-sha2-nistp256', point('nistp256', 65)],
  ['ecdsa-sha2-nistp384', point('nistp384', 97)],
  ['ecdsa-sha2-nistp521', point('nistp521', 133)],
  ['sk-ssh-ed25519@openssh.com', [{ bytes: 32 }, 'text']],
  ['sk-ecdsa-sha2-nistp256@openssh.com', [...point('nistp256', 65), 'text']],
] as const)

/** The types of keys that sshd takes. */
export const keyTypes: readonly string[] = [...fieldsOf.keys()]

/** What is wrong with the blob of a key of this type, or null: its first field must name the type, and its fields must fill it. */
export function blobFault(type: string, blob: string): string | null {
  const fields = fieldsOf.get(type)
  if (!fields) return `'${type}' is not a type of key that sshd knows`
  const bytes = bytesOfBase64(blob)
  if (bytes === null) return 'its second word is not base64'
  const parts = partsOf(bytes)
  if (parts === null) return 'it is cut off or damaged'
  const [name, ...rest] = parts
  if (wordOf(name ?? new Uint8Array()) !== type) return `its blob is not that of ${type}`
  return rest.length === fields.length && fields.every((field, i) => fits(field, rest[i]!))
    ? null
    : `its blob does not hold what a key of ${type} holds`
}

/** The length-prefixed parts that fill the bytes exactly, or null. */
function partsOf(bytes: Uint8Array): readonly Uint8Array[] | null {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return null
    const length = bytes.slice(at, at + 4).reduce((sum, byte) => sum * 256 + byte, 0)
    at += 4
    if (at + length > bytes.length) return null
    parts.push(bytes.slice(at, at + length))
    at += length
  }
  return parts
}

function fits(field: Field, part: Uint8Array): boolean {
  if (field === 'text') return part.length > 0
  // A positive number; one whose first bit is set would be negative.
  if (field === 'number') return part.length > 0 && part[0]! < 0x80
  if ('word' in field) return wordOf(part) === field.word
  // A point of a curve is not compressed: 4, and its two coordinates.
  return part.length === field.bytes && (field.bytes === 32 || part[0] === 4)
}

function wordOf(part: Uint8Array): string {
  return String.fromCharCode(...part)
}

import { ECDH } from 'node:crypto'

/** The fields of a public key in SSH's binary form, or null where the bytes are cut or too many. */
function fieldsOf(blob: Buffer): readonly Buffer[] | null {
  const fields: Buffer[] = []
  let at = 0
  while (at < blob.length) {
    if (blob.length - at < 4) return null
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return null
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

/** The number of bits of an RSA key's modulus, or null for a key of another type. */
export function rsaBits(blob: Buffer): number | null {
  const fields = fieldsOf(blob)
  if (fields?.[0]?.toString('latin1') !== 'ssh-rsa' || fields.length !== 3) return null
  const modulus = fields[2]!.toString('hex').replace(/^(?:00)+/, '')
  return modulus === '' ? 0 : BigInt(`0x${modulus}`).toString(2).length
}

/** OpenSSH reads no RSA key that is shorter, whatever RequiredRSASize says. */
export const leastRsaBits = 1024

const curves: Readonly<Record<string, string>> = {
  nistp256: 'prime256v1',
  nistp384: 'secp384r1',
  nistp521: 'secp521r1',
}

/** Whether these bytes are a whole public key of this type. OpenSSH passes over a known_hosts line that holds anything else. */
export function isPublicKey(type: string, blob: Buffer): boolean {
  const fields = fieldsOf(blob)
  if (fields === null || fields[0]?.toString('latin1') !== type) return false
  switch (type) {
    case 'ssh-ed25519':
      return fields.length === 2 && fields[1]!.length === 32
    case 'sk-ssh-ed25519@openssh.com':
      return fields.length === 3 && fields[1]!.length === 32
    case 'ssh-rsa':
      return fields.length === 3 && (rsaBits(blob) ?? 0) >= leastRsaBits
    case 'ssh-dss':
      return fields.length === 5
    default:
      return isPoint(type, fields)
  }
}

function isPoint(type: string, fields: readonly Buffer[]): boolean {
  const name = /^(?:sk-)?ecdsa-sha2-(nistp\d+)(?:@openssh\.com)?$/.exec(type)?.[1]
  const curve = name === undefined ? undefined : curves[name]
  if (curve === undefined || fields.length !== (type.startsWith('sk-') ? 4 : 3)) return false
  if (fields[1]!.toString('latin1') !== name) return false
  try {
    ECDH.convertKey(fields[2]!, curve)
    return true
  } catch {
    return false
  }
}

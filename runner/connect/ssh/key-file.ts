import { withoutEnd } from '../../text/trim-end.ts'
import { createHash, createPrivateKey, sign } from 'node:crypto'
import { readFile } from '../../files/read-file.ts'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import type { Secret } from '../../contract/secret.ts'
import { reveal } from '../../contract/secret-text.ts'
import { keyType } from './openssh-files/known-hosts.ts'

/** A key file as far as it can be read without its passphrase. */
export type KeyFile =
  /** Nothing is there. */
  | { readonly is: 'absent' }
  /** It cannot be used: why, and what to do. */
  | { readonly is: 'unfit'; readonly why: string }
  /** Only the public half: an agent may hold the other. */
  | { readonly is: 'public'; readonly publicKey: ParsedKey }
  | {
      readonly is: 'private'
      readonly path: string
      readonly text: string
      readonly encrypted: boolean
      /** Null when only the passphrase would show it. */ readonly publicKey: ParsedKey | null
    }

/** Look at a key file. Its mode is checked as OpenSSH does: a key that others can read is not used. */
export function readKeyFile(path: string): KeyFile {
  const read = readFile(path)
  if ('code' in read) {
    if (read.code !== 'ENOENT') return { is: 'unfit', why: read.words }
    const beside = publicBeside(path)
    return beside ? { is: 'public', publicKey: beside } : { is: 'absent' }
  }
  const { mode, uid } = read.stats
  const text = read.bytes.toString('latin1')
  const isPublic = publicLine(text)
  if (isPublic) return { is: 'public', publicKey: isPublic }
  if (uid === process.getuid?.() && (mode & 0o077) !== 0)
    return {
      is: 'unfit',
      why: `its mode is 0${(mode & 0o777).toString(8)}, so others can read it: chmod 600 ${path}`,
    }
  if (/^\s*-----BEGIN OPENSSH PRIVATE KEY-----/.test(text)) return readOpenSsh(path, text)
  const encrypted =
    /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED|^PuTTY-User-Key-File-\d+:[\s\S]*^Encryption: (?!none)/m.test(
      text,
    )
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/m.test(text))
    return { is: 'unfit', why: 'it is not a private key that trueup reads' }
  if (encrypted) return { is: 'private', path, text, encrypted, publicKey: publicBeside(path) }
  const parsed = parsePrivate(text, undefined)
  return parsed instanceof Error
    ? { is: 'unfit', why: parsed.message }
    : { is: 'private', path, text, encrypted, publicKey: parsed }
}

/** The private key, or why not. */
export function openKeyFile(
  file: Extract<KeyFile, { is: 'private' }>,
  passphrase: Secret | undefined,
): ParsedKey | Error {
  return parsePrivate(file.text, passphrase === undefined ? undefined : reveal(passphrase))
}

/** Signs with a key; `hash` as ssh2 names it, absent where the kind of key says which. */
export type Signer = (data: Buffer, hash: string | undefined) => Buffer

/** How an opened key signs. ssh2 reads the key's text again for each signature, ten times the work of an Ed25519 signature itself. */
export function signerOf(key: ParsedKey): Signer {
  const held = createPrivateKey(key.getPrivatePEM())
  return (data, hash) => {
    if (hash === undefined && key.type !== 'ssh-ed25519') return key.sign(data)
    return sign(hash, data, held)
  }
}

/** Type and fingerprint, as `ssh-keygen -l` gives it. */
export function fingerprint(key: Buffer): string {
  return `${keyType(key)} SHA256:${withoutEnd(createHash('sha256').update(key).digest('base64'), '=')}`
}

function readOpenSsh(path: string, text: string): KeyFile {
  const body =
    /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1]
  const bytes = Buffer.from(body ?? '', 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.toString('latin1', 0, magic.length) !== magic)
    return { is: 'unfit', why: 'it is a broken OpenSSH key' }
  let position = magic.length
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(position)
    const part = bytes.subarray(position + 4, position + 4 + length)
    position += 4 + length
    return part
  }
  try {
    const cipher = next().toString('latin1')
    next()
    next()
    position += 4
    const publicBlob = next()
    const type = keyType(publicBlob)
    if (type.startsWith('sk-'))
      return {
        is: 'unfit',
        why: `it is a security key (${type}), which trueup does not offer: use another key`,
      }
    if (cipher.startsWith('chacha20'))
      return {
        is: 'unfit',
        why: `it is encrypted with ${cipher}, which is not read: ssh-keygen -p -Z aes256-ctr -f ${path}`,
      }
    const publicKey = ssh2.utils.parseKey(Buffer.from(publicBlob))
    if (publicKey instanceof Error) return { is: 'unfit', why: publicKey.message }
    return { is: 'private', path, text, encrypted: cipher !== 'none', publicKey: one(publicKey) }
  } catch {
    return { is: 'unfit', why: 'it is a broken OpenSSH key' }
  }
}

function parsePrivate(text: string, passphrase: string | undefined): ParsedKey | Error {
  let readable = text
  if (/-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text)) {
    // PKCS#8 is not read by ssh2; its older forms are.
    try {
      const key = createPrivateKey({
        key: text,
        ...(passphrase === undefined ? {} : { passphrase }),
      })
      if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec')
        return new Error(
          `a ${key.asymmetricKeyType} key in PKCS#8 is read by neither OpenSSH nor trueup: make one with ssh-keygen`,
        )
      readable = key.export({
        type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1',
        format: 'pem',
      }) as string
    } catch (error) {
      return new Error((error as Error).message)
    }
  }
  const parsed = ssh2.utils.parseKey(readable, passphrase)
  if (parsed instanceof Error) return new Error(parsed.message)
  const key = one(parsed)
  return key.isPrivateKey() ? key : new Error('it holds no private key')
}

function publicLine(text: string): ParsedKey | null {
  if (!/^(?:ssh|ecdsa)-[a-z0-9-]+ /.test(text)) return null
  const parsed = ssh2.utils.parseKey(text)
  return parsed instanceof Error ? null : one(parsed)
}

function publicBeside(path: string): ParsedKey | null {
  const read = readFile(`${path}.pub`)
  return 'bytes' in read ? publicLine(read.bytes.toString('latin1')) : null
}

function one(parsed: ParsedKey | readonly ParsedKey[]): ParsedKey {
  return Array.isArray(parsed) ? (parsed as readonly ParsedKey[])[0]! : (parsed as ParsedKey)
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isPublicKey } from '../key-blob.ts'
import { matchesHostList } from './host-pattern.ts'

/** One key line of a known_hosts file. */
export interface KnownKey {
  readonly file: string
  readonly line: number
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  /** Patterns joined by commas, or a hashed name. */
  readonly names: string
  readonly type: string
  readonly key: Buffer
}

/** What the known_hosts files say of a host's key. */
export type Verdict =
  | { readonly is: 'known' }
  | { readonly is: 'unknown' }
  /** Other keys are known for the host, none of them this one. */
  | { readonly is: 'changed'; readonly known: KnownKey }
  | { readonly is: 'revoked'; readonly known: KnownKey }
  /** Only a certificate authority is known for the host, and host certificates cannot be checked here. */
  | { readonly is: 'authority-only'; readonly known: KnownKey }

/** The name that a host's keys are looked up by. An alias stands without a port, whatever the port. */
export interface LookupName {
  readonly host: string
  readonly port: number
  readonly alias?: string | undefined
}

/** The key lines of a known_hosts file. Comments, empty lines and lines that cannot be read are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownKey[] {
  const keys: KnownKey[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/)
    if (fields[0] === '' || fields[0]!.startsWith('#')) continue
    const marker = fields[0]!.startsWith('@') ? markers[fields.shift()!] : 'none'
    const [names, type, blob] = fields
    if (marker === undefined || names === undefined || type === undefined || blob === undefined)
      continue
    const key = strictBase64(blob)
    // OpenSSH knows no host by a line that is damaged.
    if (key === null || !isPublicKey(type, key)) continue
    keys.push({ file, line: index + 1, marker, names, type, key })
  }
  return keys
}

/** The bytes of a base64 text, or null where a character, a bit or the padding is wrong. Buffer alone passes over all of that. */
function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null
}

/** The lines of a file by the names that stand in them, so that a thousand hosts do not each try a thousand lines. */
export interface KeysByName {
  /** Those that may be of this host, in the order of the file. */
  for(name: LookupName): readonly KnownKey[]
}

/** Sorts key lines by name; those with patterns or a hashed name may be anyone's. */
export function keysByName(keys: readonly KnownKey[]): KeysByName {
  const named = new Map<string, KnownKey[]>()
  const anyones: KnownKey[] = []
  for (const key of keys) {
    if (/[|*?!]/.test(key.names)) anyones.push(key)
    else
      for (const name of new Set(key.names.toLowerCase().split(',')))
        named.set(name, [...(named.get(name) ?? []), key])
  }
  return {
    for(name) {
      const found = new Set([
        ...anyones,
        ...(named.get(lineName(name)) ?? []),
        ...(named.get(name.host.toLowerCase()) ?? []),
      ])
      return [...found].sort((one, other) => one.line - other.line)
    },
  }
}

const markers: Readonly<Record<string, KnownKey['marker'] | undefined>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'cert-authority',
}

/** The type that a public key's own bytes say (`ssh-ed25519`). */
export function keyType(key: Buffer): string {
  if (key.length < 4) return ''
  const length = key.readUInt32BE(0)
  return length > 100 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length)
}

/** The name as a known_hosts line has it: lower case, `[name]:port` off port 22. */
export function lineName(name: LookupName): string {
  if (name.alias !== undefined) return name.alias.toLowerCase()
  const host = name.host.toLowerCase()
  return name.port === 22 ? host : `[${host}]:${name.port}`
}

/** What the files say of this key under this name. */
export function judgeKey(keys: readonly KnownKey[], name: LookupName, key: Buffer): Verdict {
  const primary = lineName(name)
  const plain = name.alias === undefined && name.port !== 22 ? name.host.toLowerCase() : primary
  const own = keys.filter((each) => namesMatch(each.names, primary))
  const byPlain = plain === primary ? [] : keys.filter((each) => namesMatch(each.names, plain))
  const revoked = [...own, ...byPlain].find(
    (each) => each.marker === 'revoked' && each.key.equals(key),
  )
  if (revoked) return { is: 'revoked', known: revoked }
  const plainKeys = own.filter((each) => each.marker === 'none')
  if (plainKeys.some((each) => each.key.equals(key))) return { is: 'known' }
  // Another key of any type means changed: comparing within one type would let an attacker offer another type.
  if (plainKeys[0])
    return {
      is: 'changed',
      known: plainKeys.find((each) => each.type === keyType(key)) ?? plainKeys[0],
    }
  if (byPlain.some((each) => each.marker === 'none' && each.key.equals(key))) return { is: 'known' }
  const authority = [...own, ...byPlain].find((each) => each.marker === 'cert-authority')
  return authority ? { is: 'authority-only', known: authority } : { is: 'unknown' }
}

/** The key types known for a host, which it is asked for first. The plain name does not count off port 22. */
export function knownTypes(keys: readonly KnownKey[], name: LookupName): ReadonlySet<string> {
  const primary = lineName(name)
  return new Set(
    keys
      .filter((each) => each.marker === 'none' && namesMatch(each.names, primary))
      .map((each) => each.type),
  )
}

function namesMatch(names: string, name: string): boolean {
  return names.startsWith('|') ? hashMatches(names, name) : matchesHostList(names, name)
}

/** A name as HashKnownHosts writes it. */
export function hashName(name: string, salt: Buffer = randomBytes(20)): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

function hashMatches(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  const bytes = strictBase64(salt)
  const wanted = strictBase64(hash)
  if (bytes?.length !== 20 || wanted?.length !== 20) return false
  return timingSafeEqual(createHmac('sha1', bytes).update(name).digest(), wanted)
}

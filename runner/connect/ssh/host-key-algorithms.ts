import { getFips } from 'node:crypto'
import { algorithmsIn, signedList } from './algorithms.ts'

const supported = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

/** The host key algorithms that a line HostKeyAlgorithms leaves, in the order of the line; without a line all that are usual. `ssh-rsa` (SHA-1) is one only where the line asks for it. */
export function hostKeyAlgorithms(written: string | undefined): readonly string[] {
  // A FIPS OpenSSL has no ed25519, and ssh2 throws for it there.
  const usual: readonly string[] =
    getFips() === 1 ? supported.filter((name) => name !== 'ssh-ed25519') : supported
  return written === undefined ? usual : algorithmsIn(written, usual, [...usual, 'ssh-rsa'])
}

/** The algorithms to ask a host for: those of its known keys first, unless the user wrote an order. */
export function algorithmsFor(
  written: string | undefined,
  known: ReadonlySet<string>,
): readonly string[] {
  const list = hostKeyAlgorithms(written)
  const { sign } = signedList(written ?? '+')
  if (sign === '' || sign === '^') return list
  const isKnown = (name: string): boolean =>
    known.has(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name)
  return [...list.filter(isKnown), ...list.filter((name) => !isKnown(name))]
}

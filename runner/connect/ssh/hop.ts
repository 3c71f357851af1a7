import type { Secret } from '../../contract/secret.ts'
import type { Offer } from './algorithms.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ConnectionSettings } from '../../model/host.ts'

/** A login method that trueup has. */
export type LoginMethod = 'publickey' | 'password' | 'keyboard-interactive'

/** One SSH server on the way to a host, with all that is needed to sign in there. */
export interface Hop {
  /** What people call it: the host's name, or the jump as written. */
  readonly name: string
  /** Where to connect, in lower case. */
  readonly address: string
  readonly port: number
  readonly user: string
  readonly hostKeyAlias?: string | undefined
  readonly policy: NonNullable<ConnectionSettings['hostKeys']>
  /** The first is the one that new keys are written to. */
  readonly knownHostsFiles: readonly string[]
  readonly globalKnownHostsFiles: readonly string[]
  readonly hashKnownHosts: boolean
  /** CheckHostIP: the key must not differ from the one that is known under the address. */
  readonly checkHostIp: boolean
  /** The fewest bits of an RSA key, of the host or of the user. */
  readonly requiredRsaSize: number
  /** The home of the user who runs this. */
  readonly home: string
  /** HostKeyAlgorithms as written. */
  readonly hostKeyAlgorithms?: string | undefined
  /** The other algorithms, as far as ssh_config says which. */
  readonly offer?: Offer | undefined
  /** PubkeyAcceptedAlgorithms: the algorithms that a key may sign with. */
  readonly signatureAlgorithms: readonly string[]
  /** Key files that the inventory or ssh_config names, in order. Empty: OpenSSH's default ones. */
  readonly keyFiles: readonly string[]
  readonly defaultKeyFiles: readonly string[]
  readonly identitiesOnly: boolean
  /** The agent's socket. */
  readonly agent: string | null
  readonly methods: readonly LoginMethod[]
  readonly password?: Secret | undefined
  readonly keyPassphrase?: Secret | undefined
  /** Seconds for TCP, handshake and login together; Infinity where ssh_config says 0. */
  readonly connectTimeout: number
  readonly keepalive: { readonly seconds: number; readonly count: number }
  readonly family?: 4 | 6 | undefined
  readonly bindAddress?: string | undefined
  /** What ssh_config asks for here and is not done. */
  readonly undone?: readonly Diagnostic[]
}

/** `user@address:port`, for messages. */
export function hopText(hop: Hop): string {
  const address = hop.address.includes(':') ? `[${hop.address}]` : hop.address
  return `${hop.user}@${address}:${hop.port}`
}

import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { Hop } from './hop.ts'
import type { KeyWorld } from './host-key.ts'
import type { Keyring } from './keyring.ts'
import type { Pace } from './login-pace.ts'

/** A client that is signed in, over its socket. */
export interface SignedIn {
  readonly client: Client
  readonly socket: Duplex
  /** Why no secret may be sent over it. */
  readonly withheld: string | null
}
/** What dialling needs of the run. */
export interface DialWorld extends KeyWorld {
  readonly keys: Keyring
  /** How many logins are under way at once. */
  readonly pace: Pace
  /** Ends every dialling at once, when the run ends. */
  readonly stop?: AbortSignal
}
/** The way to a hop that lies behind another. */
export interface Way {
  readonly jump: Hop
  open(): Promise<Duplex>
}

/** How one try to sign in ended. */
export type DialOutcome =
  | SignedIn
  | { readonly error: Error; /** sshd hung up before its banner. */ readonly again: boolean }

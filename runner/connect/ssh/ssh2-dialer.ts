import type { DialWorld } from './dial-world.ts'
import type { Hop } from './hop.ts'
import { jumpLinks } from './jumps.ts'
import { keyring, type AskPassphrase } from './keyring.ts'
import { openSshTransport, type SshTransport } from './ssh2-transport.ts'

/** Logs in to hosts by ssh2, with one keyring and shared jumps. */
export interface Dialer {
  open(name: string, hops: readonly Hop[]): Promise<SshTransport>
}

/** A dialer for the length of a run. It is loaded when a first host is dialled: a run over kept connections needs no ssh2. */
export function createDialer(
  world: Omit<DialWorld, 'keys'>,
  askPassphrase: AskPassphrase | undefined,
): Dialer {
  const whole: DialWorld = { ...world, keys: keyring(askPassphrase) }
  const jumps = jumpLinks(whole)
  return { open: (name, hops) => openSshTransport(name, hops, whole, jumps) }
}

import type { Hop } from '../ssh/hop.ts'

/**
 * Whether a connection over these hops may outlive its run. Not where a secret of this run logs in, nor where the key is accepted for
 * this run alone (`off`, `new-after-boot`), nor where the address is part of the check (CheckHostIP).
 */
export function mayKeep(hops: readonly Hop[]): boolean {
  return hops.every(
    ({ password, keyPassphrase, policy, checkHostIp }) =>
      password === undefined &&
      keyPassphrase === undefined &&
      (policy === 'strict' || policy === 'accept-new') &&
      !checkHostIp,
  )
}

/** A way to a host as it goes over the socket. Equal texts are the same way: another line of ssh_config makes another text. */
export function wayText(name: string, hops: readonly Hop[]): string {
  const bare = hops.map(({ undone: _, ...hop }) => hop)
  return JSON.stringify({ name, hops: bare }, (_, value: unknown) =>
    value === Infinity ? 'without limit' : value,
  )
}

/** The way of such a text. */
export function wayOf(text: string): { readonly name: string; readonly hops: readonly Hop[] } {
  return JSON.parse(text, (key, value: unknown) =>
    key === 'connectTimeout' && value === 'without limit' ? Infinity : value,
  ) as { readonly name: string; readonly hops: readonly Hop[] }
}

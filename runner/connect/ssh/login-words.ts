import { hopText, type Hop } from './hop.ts'

/** What happened at a login so far. */
export interface LoginStory {
  /** Keys and passwords that were offered. */
  readonly tried: string[]
  /** Those that the server took as a part of the login. */
  readonly accepted: string[]
  /** Keys that the server knows and that signed, after which it refused the login all the same. */
  readonly barred: string[]
  /** What was not used, and why. */
  readonly notes: string[]
  /** The methods that the server offers. */
  offers: readonly string[] | null
}

/** A refused login in words, and what to type. */
export function refusedLogin(
  hop: Hop,
  story: LoginStory,
): { readonly message: string; readonly hint: string } {
  const { tried, accepted, barred, notes } = story
  const offers = story.offers ?? []
  const list = (items: readonly string[]): string =>
    items.length > 8
      ? `${items.slice(0, 8).join(', ')} and ${items.length - 8} more`
      : items.join(', ')
  const parts = [
    `${hopText(hop)} refused the login: ${tried.length > 0 ? `tried ${list(tried)}` : 'nothing could be tried'}`,
    ...(accepted.length > 0 ? [`it accepted ${list(accepted)} and wants more`] : []),
    ...(barred.length > 0
      ? [`it accepted the key ${list(barred)}, but this account may not log in`]
      : []),
    ...(offers.length > 0 ? [`it still offers ${list(offers)}`] : []),
    ...notes.slice(0, 6).map((note) => `not used: ${note}`),
  ]
  return { message: parts.join('; '), hint: hintFor(hop, story, offers) }
}

function hintFor(
  hop: Hop,
  { tried, barred, notes }: LoginStory,
  offers: readonly string[],
): string {
  const wantsPassword = offers.includes('password') || offers.includes('keyboard-interactive')
  if (barred.length > 0)
    return `its sshd forbids ${hop.user}: see PermitRootLogin, AllowUsers and DenyUsers in sshd_config there, or whether the account has expired`
  if (notes.some((note) => note.includes('so it is not sent')))
    return 'find out why the host key changed, and put the right key into known_hosts; until then log in with a key'
  if (offers.includes('publickey') && !tried.some((each) => !each.startsWith('the password')))
    return 'name a key with IdentityFile or in the inventory, or ssh-add one'
  if (offers.includes('publickey'))
    return [
      `is the user right? add one of these keys to ~${hop.user}/.ssh/authorized_keys there`,
      ...(wantsPassword && hop.password === undefined
        ? ['or give a password in the inventory']
        : []),
      'if one stands there already: ~/.ssh and its files may be writable by others (StrictModes), AllowUsers may leave the user out, or the server may not take this type of key (a FIPS one takes no ed25519): journalctl -u sshd there says which',
    ]
      .join(', ')
      .replace(/, (if one stands)/, '; $1')
  if (wantsPassword && hop.password === undefined)
    return 'it wants a password: give one in the inventory'
  if (wantsPassword) return 'check the password, and whether the account is locked'
  return `try it by hand: ssh -v -p ${hop.port} ${hop.user}@${hop.address}`
}

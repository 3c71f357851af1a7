import constants from 'ssh2/lib/protocol/constants.js'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Setting } from './openssh-files/config-lookup.ts'
import { matchesPattern } from './openssh-files/host-pattern.ts'

/** What is offered to a server, the first first, under ssh2's names for the kinds. Absent: ssh2's own order, which begins with curve25519 and AES-GCM. */
export interface Offer {
  readonly kex?: readonly string[]
  readonly cipher?: readonly string[]
  readonly hmac?: readonly string[]
}

const kinds = [
  {
    keyword: 'kexalgorithms',
    of: 'kex',
    plural: 'key exchanges',
    usual: constants.DEFAULT_KEX,
    all: constants.SUPPORTED_KEX,
  },
  {
    keyword: 'ciphers',
    of: 'cipher',
    plural: 'ciphers',
    usual: constants.DEFAULT_CIPHER,
    all: constants.SUPPORTED_CIPHER,
  },
  {
    keyword: 'macs',
    of: 'hmac',
    plural: 'MACs',
    usual: constants.DEFAULT_MAC,
    all: constants.SUPPORTED_MAC,
  },
] as const

/** What KexAlgorithms, Ciphers and MACs leave of what trueup has. Throws DiagnosticError where that is nothing. */
export function offerOf(one: (keyword: string) => Setting | undefined): Offer {
  const offer: Record<string, readonly string[]> = {}
  for (const { keyword, of, plural, usual, all } of kinds) {
    const setting = one(keyword)
    if (setting === undefined) continue
    const left = algorithmsIn(setting.args[0]!, usual, all)
    if (left.length === 0)
      throw new DiagnosticError({
        code: 'connect/ssh-config',
        message: `${setting.args[0]!} leaves none of the ${plural} that trueup has`,
        at: setting.at,
        hint: `allow one of these: ${usual.join(', ')}`,
      })
    offer[of] = left
  }
  return offer
}

/** The algorithms of a list as ssh_config writes it, its words being patterns. What is not of `all` is passed over: OpenSSH has more than trueup. */
export function algorithmsIn(
  written: string,
  usual: readonly string[],
  all: readonly string[],
): readonly string[] {
  const { sign, words } = signedList(written)
  return combined(
    sign,
    [...new Set(words.flatMap((pattern) => all.filter((name) => matchesPattern(pattern, name))))],
    usual,
  )
}

/** What stands before a list: nothing for the list itself; `+` adds to the usual ones, `-` takes away, `^` puts first. */
export type ListSign = '' | '+' | '-' | '^'

/** A list as ssh_config writes it, in parts. */
export function signedList(written: string): {
  readonly sign: ListSign
  readonly words: readonly string[]
} {
  const sign = (/^[-+^]/.exec(written)?.[0] ?? '') as ListSign
  return { sign, words: written.slice(sign.length).split(',') }
}

/** What named algorithms and the usual ones come to under a sign. */
function combined(
  sign: ListSign,
  named: readonly string[],
  usual: readonly string[],
): readonly string[] {
  const others = usual.filter((name) => !named.includes(name))
  switch (sign) {
    case '':
      return named
    case '-':
      return others
    case '^':
      return [...named, ...others]
    case '+':
      return [...usual, ...named.filter((name) => !usual.includes(name))]
  }
}

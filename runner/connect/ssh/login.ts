import ssh2 from 'ssh2'
import type {
  AnyAuthMethod,
  AuthenticationType,
  IdentityCallback,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2'
import { reveal } from '../../contract/secret-text.ts'
import { hopText, type Hop } from './hop.ts'
import type { Identities, Identity, Keyring } from './keyring.ts'

/** One login: which method and key comes next, and what to say when none is left. */
export interface Login {
  /** ssh2's authHandler. */
  next(
    methodsLeft: readonly AuthenticationType[] | null,
    answer: (method: AnyAuthMethod | false) => void,
  ): void
  /** Hears ssh2's debug lines: where an agent signs, only they tell which methods the server still offers. */
  hear(line: string): void
  /** A key did not sign. */
  signingFailed(message: string): void
  /** What was tried, in words, and what to do. */
  refusal(): { readonly message: string; readonly hint: string }
}

/** What ssh2's debug line of a refused method begins with; the methods that are left follow, and a bracket. */
const refused = 'Inbound: Received USERAUTH_FAILURE ('

/** A login at a hop. `asking` is told when a person may be typing, so that no clock runs. */
export function login(hop: Hop, keys: Keyring, asking: (busy: boolean) => void): Login {
  const tried: string[] = []
  const accepted: string[] = []
  const trouble: string[] = []
  let started = false
  let offers: readonly string[] | null = null
  let found: Identities | null = null
  let upcoming: Identity[] = []
  let passwordSpent = false
  let given: { readonly label: string; readonly offers: string | null } | null = null

  async function choose(): Promise<AnyAuthMethod | false> {
    const username = hop.user
    if (!started) {
      started = true
      // Asking with no method at all is how the server's list is learnt. A key that is at hand is nearly always on it, and
      // saves that round trip; one that a person must open first waits until the server wants it.
      if (hop.methods[0] !== 'publickey' || keys.asks(hop)) return { type: 'none', username }
      found = await guarded(() => keys.identitiesFor(hop))
      upcoming = [...found.identities]
      if (upcoming.length === 0) return { type: 'none', username }
    }
    // A key is asked to sign only when the server knows it; a password was taken when the server now asks for something else.
    if (given !== null && given.offers !== String(offers)) accepted.push(given.label)
    given = null
    for (const method of hop.methods) {
      if (!(offers ?? ['publickey']).includes(method)) continue
      if (method === 'publickey') {
        if (found === null) {
          found = await guarded(() => keys.identitiesFor(hop))
          upcoming = [...found.identities]
        }
        const identity = upcoming.shift()
        if (identity === undefined) continue
        tried.push(identity.label)
        return {
          type: 'agent',
          username,
          agent: new OneKey(
            identity,
            guarded,
            () => (given = { label: identity.label, offers: null }),
          ),
        }
      }
      // A refused password is never sent a second time: that could lock the account.
      if (hop.password === undefined || passwordSpent) continue
      passwordSpent = true
      tried.push(method === 'password' ? 'the password' : 'the password, at a prompt')
      given = { label: 'the password', offers: String(offers) }
      if (method === 'password')
        return { type: 'password', username, password: reveal(hop.password) }
      return { type: 'keyboard-interactive', username, prompt: answerOnce(reveal(hop.password)) }
    }
    return false
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    asking(true)
    try {
      return await work()
    } finally {
      asking(false)
    }
  }

  return {
    next(methodsLeft, answer) {
      if (offers === null && methodsLeft !== null) offers = methodsLeft
      choose().then(answer, (error: Error) => {
        trouble.push(error.message)
        answer(false)
      })
    },
    hear(line) {
      if (line.startsWith(refused)) offers = line.slice(refused.length, -1).split(',')
    },
    signingFailed: (message) => void trouble.push(`${tried.at(-1) ?? 'a key'}: ${message}`),
    refusal() {
      const list = (items: readonly string[]): string =>
        items.length > 8
          ? `${items.slice(0, 8).join(', ')} and ${items.length - 8} more`
          : items.join(', ')
      const parts = [
        `${hopText(hop)} refused the login: ${tried.length > 0 ? `tried ${list(tried)}` : 'nothing could be tried'}`,
        ...(accepted.length > 0 ? [`it took ${list(accepted)} but wants more`] : []),
        ...(offers && offers.length > 0 ? [`it still offers ${list(offers)}`] : []),
        ...[...(found?.notes ?? []), ...trouble].slice(0, 6).map((note) => `not used: ${note}`),
      ]
      return { message: parts.join('; '), hint: hintFor(hop, offers ?? [], tried) }
    },
  }
}

function hintFor(hop: Hop, offers: readonly string[], tried: readonly string[]): string {
  const wantsPassword = offers.includes('password') || offers.includes('keyboard-interactive')
  if (offers.includes('publickey') && !tried.some((each) => !each.startsWith('the password')))
    return 'name a key with IdentityFile or in the inventory, or ssh-add one'
  if (offers.includes('publickey'))
    return `is the user right? add one of these keys to ~${hop.user}/.ssh/authorized_keys there${wantsPassword && hop.password === undefined ? ', or give a password in the inventory' : ''}`
  if (wantsPassword && hop.password === undefined)
    return 'it wants a password: give one in the inventory'
  if (wantsPassword) return 'check the password, and whether the account is locked'
  return `try it by hand: ssh -v -p ${hop.port} ${hop.user}@${hop.address}`
}

type Prompts = readonly { readonly prompt: string; readonly echo?: boolean }[]

function answerOnce(
  password: string,
): (
  name: string,
  instructions: string,
  language: string,
  prompts: any,
  finish: (answers: string[]) => void,
) => void {
  let given = false
  return (_name, _instructions, _language, prompts: Prompts, finish) => {
    finish(
      prompts.map((prompt) => {
        if (given || prompt.echo === true) return ''
        given = true
        return password
      }),
    )
  }
}

/** ssh2 takes keys that sign later only from an agent, so each key is an agent of its own: it is asked for its passphrase when the server has said that it would do. */
class OneKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #identity: Identity
  readonly #guarded: <T>(work: () => Promise<T>) => Promise<T>
  readonly #signing: () => void

  constructor(
    identity: Identity,
    guarded: <T>(work: () => Promise<T>) => Promise<T>,
    signing: () => void,
  ) {
    super()
    this.#identity = identity
    this.#guarded = guarded
    this.#signing = signing
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.#identity.publicKey])
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const answer = typeof options === 'function' ? options : callback!
    const hash = typeof options === 'function' ? undefined : options.hash
    this.#guarded(() => this.#identity.sign(data, hash))
      .then((signature) => {
        // sign() of a parsed key gives an Error back instead of throwing it.
        if ((signature as unknown) instanceof Error) throw signature as unknown as Error
        this.#signing()
        answer(null, signature)
      })
      .catch((error: Error) => answer(error))
  }
}

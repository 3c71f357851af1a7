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
import type { Secret } from '../../contract/secret.ts'
import type { Hop } from './hop.ts'
import type { Identity, Keyring } from './keyring.ts'
import { refusedLogin, type LoginStory } from './login-words.ts'

/** One login: which method and key comes next, and what to say when none is left. */
export interface Login {
  /** ssh2's authHandler. */
  next(
    methodsLeft: readonly AuthenticationType[] | null,
    answer: (method: AnyAuthMethod | false) => void,
  ): void
  /** The server refused a method, or took it as a part of the login; it still offers these. */
  readonly failed: (offers: readonly string[], partial: boolean) => void
  /** A key did not sign. */
  signingFailed(message: string): void
  /** What was tried, in words, and what to do. */
  refusal(): { readonly message: string; readonly hint: string }
}

/** A key, and the algorithm that it signs with. */
interface KeyTry {
  readonly identity: Identity
  readonly algorithm: string
}

/** A login at a hop. `asking` hears when a person may be typing, so that no clock runs; `withheld` says why no secret may be sent. */
export function login(
  hop: Hop,
  keys: Keyring,
  asking: (busy: boolean) => void,
  withheld: () => string | null = () => null,
): Login {
  return new HopLogin(hop, keys, asking, withheld)
}

class HopLogin implements Login {
  readonly #hop: Hop
  readonly #keys: Keyring
  readonly #asking: (busy: boolean) => void
  readonly #withheld: () => string | null
  readonly #story: LoginStory = { tried: [], accepted: [], barred: [], notes: [], offers: null }
  #started = false
  #upcoming: KeyTry[] | null = null
  #passwordSpent = false
  /** What was given last; a key counts only when it signed, which it does when the server knows it. */
  #given: { readonly label: string; readonly isKey: boolean } | null = null

  constructor(
    hop: Hop,
    keys: Keyring,
    asking: (busy: boolean) => void,
    withheld: () => string | null,
  ) {
    this.#hop = hop
    this.#keys = keys
    this.#asking = asking
    this.#withheld = withheld
  }

  next(
    methodsLeft: readonly AuthenticationType[] | null,
    answer: (method: AnyAuthMethod | false) => void,
  ): void {
    if (this.#story.offers === null && methodsLeft !== null) this.#story.offers = methodsLeft
    this.#choose().then(answer, (error: Error) => {
      this.#story.notes.push(error.message)
      answer(false)
    })
  }

  readonly failed = (offers: readonly string[], partial: boolean): void => {
    this.#story.offers = offers
    if (this.#given !== null && partial) this.#story.accepted.push(this.#given.label)
    else if (this.#given?.isKey) this.#story.barred.push(this.#given.label)
    this.#given = null
  }

  signingFailed(message: string): void {
    this.#story.notes.push(`${this.#story.tried.at(-1) ?? 'a key'}: ${message}`)
  }

  refusal(): { readonly message: string; readonly hint: string } {
    return refusedLogin(this.#hop, this.#story)
  }

  async #choose(): Promise<AnyAuthMethod | false> {
    const { methods, user: username } = this.#hop
    if (!this.#started) {
      this.#started = true
      if (!(await this.#mayOfferKeyFirst())) return { type: 'none', username }
    }
    for (const method of methods) {
      if (!(this.#story.offers ?? ['publickey']).includes(method)) continue
      const chosen = method === 'publickey' ? await this.#nextKey() : this.#passwordBy(method)
      if (chosen !== null) return chosen
    }
    return false
  }

  /**
   * The server's list of methods is learnt by asking with no method at all. A key that is at hand is nearly always on it, and
   * saves that round trip; one that a person must open first waits until the server wants it.
   */
  async #mayOfferKeyFirst(): Promise<boolean> {
    if (this.#hop.methods[0] !== 'publickey' || this.#keys.asks(this.#hop)) return false
    return (await this.#keyTries()).length > 0
  }

  async #nextKey(): Promise<AnyAuthMethod | null> {
    const next = (await this.#keyTries()).shift()
    if (next === undefined) return null
    const { label } = next.identity
    if (!this.#story.tried.includes(label)) this.#story.tried.push(label)
    const agent = new OneKey(next, this.#guarded, () => (this.#given = { label, isKey: true }))
    return { type: 'agent', username: this.#hop.user, agent }
  }

  #passwordBy(method: string): AnyAuthMethod | null {
    const password = this.#passwordFor(method)
    if (password === null) return null
    const username = this.#hop.user
    return method === 'password'
      ? { type: 'password', username, password: reveal(password) }
      : { type: 'keyboard-interactive', username, prompt: answerOnce(reveal(password)) }
  }

  /** The hop's password, unless it was sent already or may not be sent. A refused password sent twice could lock the account. */
  #passwordFor(method: string): Secret | null {
    if (this.#hop.password === undefined || this.#passwordSpent) return null
    this.#passwordSpent = true
    const why = this.#withheld()
    if (why !== null) {
      this.#story.notes.push(`the password: ${why}, so it is not sent`)
      return null
    }
    this.#story.tried.push(method === 'password' ? 'the password' : 'the password, at a prompt')
    this.#given = { label: 'the password', isKey: false }
    return this.#hop.password
  }

  async #keyTries(): Promise<KeyTry[]> {
    if (this.#upcoming !== null) return this.#upcoming
    const found = await this.#guarded(() => this.#keys.identitiesFor(this.#hop))
    this.#story.notes.push(...found.notes)
    return (this.#upcoming = triesOf(found.identities, this.#hop, this.#story.notes))
  }

  readonly #guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    this.#asking(true)
    try {
      return await work()
    } finally {
      this.#asking(false)
    }
  }
}

const hashes: Readonly<Record<string, string>> = {
  'rsa-sha2-512': 'sha512',
  'rsa-sha2-256': 'sha256',
  'ssh-rsa': 'sha1',
}

/**
 * The keys with the algorithms to sign with, in the order of the keys. An RSA key has several (RFC 8332), and a server may take one of
 * them while it names them all: the second comes after every other key had its turn, for each try counts (MaxAuthTries).
 */
function triesOf(identities: readonly Identity[], hop: Hop, notes: string[]): KeyTry[] {
  const first: KeyTry[] = []
  const later: KeyTry[] = []
  for (const identity of identities) {
    const { type } = identity.publicKey
    const usable = hop.signatureAlgorithms.filter((name) =>
      type === 'ssh-rsa' ? name in hashes : name === type,
    )
    if (usable.length === 0)
      notes.push(`${identity.label}: PubkeyAcceptedAlgorithms leaves out ${type}`)
    for (const [index, algorithm] of usable.entries())
      (index === 0 ? first : later).push({ identity, algorithm })
  }
  return [...first, ...later]
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

/**
 * ssh2 takes keys that sign later only from an agent, so each key is an agent of its own: it is asked for its passphrase when the
 * server has said that it accepts the key. The key goes by the name of its algorithm, for ssh2 itself tries one algorithm only.
 */
class OneKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #try: KeyTry
  readonly #guarded: <T>(work: () => Promise<T>) => Promise<T>
  readonly #signing: () => void

  constructor(
    one: KeyTry,
    guarded: <T>(work: () => Promise<T>) => Promise<T>,
    signing: () => void,
  ) {
    super()
    this.#try = one
    this.#guarded = guarded
    this.#signing = signing
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    const { identity, algorithm } = this.#try
    callback(null, [Object.create(identity.publicKey, { type: { value: algorithm } }) as ParsedKey])
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const answer = typeof options === 'function' ? options : callback!
    const { identity, algorithm } = this.#try
    this.#guarded(() => identity.sign(data, hashes[algorithm]))
      .then((signature) => {
        // sign() of a parsed key gives an Error back instead of throwing it.
        if ((signature as unknown) instanceof Error) throw signature as unknown as Error
        this.#signing()
        answer(null, signature)
      })
      .catch((error: Error) => answer(error))
  }
}

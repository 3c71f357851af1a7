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
  const story: LoginStory = { tried: [], accepted: [], barred: [], notes: [], offers: null }
  let started = false
  let upcoming: KeyTry[] | null = null
  let passwordSpent = false
  // A key is asked to sign only when the server knows it.
  let given: { readonly label: string; readonly isKey: boolean } | null = null

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    asking(true)
    try {
      return await work()
    } finally {
      asking(false)
    }
  }

  async function keyTries(): Promise<KeyTry[]> {
    if (upcoming !== null) return upcoming
    const found = await guarded(() => keys.identitiesFor(hop))
    story.notes.push(...found.notes)
    return (upcoming = triesOf(found.identities, hop, story.notes))
  }

  /** The hop's password, unless it was sent already or may not be sent. A refused password sent twice could lock the account. */
  function passwordFor(method: string): Secret | null {
    if (hop.password === undefined || passwordSpent) return null
    passwordSpent = true
    const why = withheld()
    if (why !== null) {
      story.notes.push(`the password: ${why}, so it is not sent`)
      return null
    }
    story.tried.push(method === 'password' ? 'the password' : 'the password, at a prompt')
    given = { label: 'the password', isKey: false }
    return hop.password
  }

  async function choose(): Promise<AnyAuthMethod | false> {
    const username = hop.user
    if (!started) {
      started = true
      // The server's list of methods is learnt by asking with no method at all. A key that is at hand is nearly always on it, and
      // saves that round trip; one that a person must open first waits until the server wants it.
      if (hop.methods[0] !== 'publickey' || keys.asks(hop)) return { type: 'none', username }
      if ((await keyTries()).length === 0) return { type: 'none', username }
    }
    for (const method of hop.methods) {
      if (!(story.offers ?? ['publickey']).includes(method)) continue
      if (method === 'publickey') {
        const next = (await keyTries()).shift()
        if (next === undefined) continue
        const { label } = next.identity
        if (!story.tried.includes(label)) story.tried.push(label)
        const agent = new OneKey(next, guarded, () => (given = { label, isKey: true }))
        return { type: 'agent', username, agent }
      }
      const password = passwordFor(method)
      if (password === null) continue
      return method === 'password'
        ? { type: 'password', username, password: reveal(password) }
        : { type: 'keyboard-interactive', username, prompt: answerOnce(reveal(password)) }
    }
    return false
  }

  return {
    next(methodsLeft, answer) {
      if (story.offers === null && methodsLeft !== null) story.offers = methodsLeft
      choose().then(answer, (error: Error) => {
        story.notes.push(error.message)
        answer(false)
      })
    },
    failed(offers, partial) {
      story.offers = offers
      if (given !== null && partial) story.accepted.push(given.label)
      else if (given?.isKey) story.barred.push(given.label)
      given = null
    },
    signingFailed: (message) =>
      void story.notes.push(`${story.tried.at(-1) ?? 'a key'}: ${message}`),
    refusal: () => refusedLogin(hop, story),
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

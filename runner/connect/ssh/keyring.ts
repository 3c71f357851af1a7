import { existsSync } from 'node:fs'
import pLimit from 'p-limit'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import type { Secret } from '../../contract/secret.ts'
import type { Hop } from './hop.ts'
import {
  fingerprint,
  openKeyFile,
  readKeyFile,
  signerOf,
  type KeyFile,
  type Signer,
} from './key-file.ts'
import { rereader } from './file-cache.ts'
import { rsaBits } from './key-blob.ts'

/** A key that may be offered, and how it signs. */
export interface Identity {
  /** The file or the agent's comment, for messages. */
  readonly label: string
  readonly publicKey: ParsedKey
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>
}

/** The keys to offer at a hop, in order, and what was passed over. */
export interface Identities {
  readonly identities: readonly Identity[]
  readonly notes: readonly string[]
}

/** Asks a person for the passphrase of a key file; `again` after a wrong one. Null: no person can be asked. */
export type AskPassphrase = (file: string, again: boolean) => Promise<Secret | null>

/** Key files and agents of a run; each file is opened, and each passphrase asked for, once. */
export interface Keyring {
  /** Whether a person may be asked before it is known which keys there are. */
  asks(hop: Hop): boolean
  identitiesFor(hop: Hop): Promise<Identities>
}

interface Opened {
  readonly publicKey: ParsedKey
  readonly sign: Signer
}

const agentPatience = 5000

/** A keyring for the length of a run. */
export function keyring(ask?: AskPassphrase): Keyring {
  return new RunKeyring(ask && oneByOne(ask))
}

type PrivateKeyFile = Extract<KeyFile, { is: 'private' }>

/** A key file of a hop; an explicit one was named for it, the others lie where ssh looks by itself. */
interface NamedFile {
  readonly path: string
  readonly explicit: boolean
  /** Hears why a file is passed over. */
  note(why: string): void
}

class RunKeyring implements Keyring {
  readonly #ask: AskPassphrase | undefined
  readonly #fileAt = rereader(readKeyFile)
  readonly #opened = new Map<string, { readonly text: string; readonly key: Promise<Opened> }>()
  readonly #agents = new Map<string, Promise<readonly Identity[] | Error>>()

  constructor(ask: AskPassphrase | undefined) {
    this.#ask = ask
  }

  asks(hop: Hop): boolean {
    return [...hop.keyFiles, ...hop.defaultKeyFiles]
      .map(this.#fileAt)
      .some((file) => file.is === 'private' && file.publicKey === null)
  }

  async identitiesFor(hop: Hop): Promise<Identities> {
    const notes: string[] = []
    const asked = hop.agent === null ? [] : await this.#agentKeys(hop.agent)
    const held = asked instanceof Error ? [] : asked
    if (asked instanceof Error)
      notes.push(`the agent at ${hop.agent} did not answer (${asked.message})`)
    const named = await this.#fileIdentities(hop.keyFiles, true, hop, held, notes)
    const fallback = await this.#fileIdentities(hop.defaultKeyFiles, false, hop, held, notes)
    // Keys that are named go first, so that an agent full of others does not use up the server's patience.
    const others = hop.identitiesOnly ? [] : held
    const all = distinct([...named, ...others, ...fallback])
    const short = all.filter(({ publicKey }) => {
      const bits = rsaBits(publicKey.getPublicSSH())
      return bits !== null && bits < hop.requiredRsaSize
    })
    for (const { label } of short)
      notes.push(`${label}: it is shorter than RequiredRSASize ${hop.requiredRsaSize}`)
    return { identities: all.filter((each) => !short.includes(each)), notes }
  }

  async #fileIdentities(
    paths: readonly string[],
    explicit: boolean,
    hop: Hop,
    held: readonly Identity[],
    notes: string[],
  ): Promise<readonly Identity[]> {
    const found: Identity[] = []
    for (const path of paths) {
      const note = (why: string): void => void notes.push(`${path}: ${why}`)
      const identity = await this.#fileIdentity({ path, explicit, note }, hop, held)
      if (identity) found.push(identity)
    }
    return found
  }

  async #fileIdentity(
    { path, explicit, note }: NamedFile,
    hop: Hop,
    held: readonly Identity[],
  ): Promise<Identity | null> {
    const file = this.#fileAt(path)
    if (explicit && existsSync(`${path}-cert.pub`))
      note(`${path}-cert.pub is a certificate, which needs \`transport: openssh\` in the inventory`)
    if (file.is === 'absent') return explicit ? (note('the file does not exist'), null) : null
    if (file.is === 'unfit') return (note(file.why), null)
    if (file.is === 'public') {
      const match = inAgent(held, file.publicKey)
      if (!match && explicit)
        note('the agent does not hold this key, and its private half is not there')
      return match ?? null
    }
    let publicKey = file.publicKey
    if (publicKey === null) {
      // Only the passphrase shows which key it is, so it must be asked for before it can be offered.
      try {
        publicKey = (await this.#open(file, hop.keyPassphrase)).publicKey
      } catch (error) {
        return (note((error as Error).message), null)
      }
    }
    const match = inAgent(held, publicKey)
    if (match) return { ...match, label: path }
    return {
      label: path,
      publicKey,
      sign: async (data, hash) => (await this.#open(file, hop.keyPassphrase)).sign(data, hash),
    }
  }

  #open(file: PrivateKeyFile, passphrase: Secret | undefined): Promise<Opened> {
    const held = this.#opened.get(file.path)
    if (held?.text === file.text) return held.key
    const key = openAsking(file, passphrase, this.#ask).then((publicKey) => ({
      publicKey,
      sign: signerOf(publicKey),
    }))
    this.#opened.set(file.path, { text: file.text, key })
    // A failure is not kept: another host may know the passphrase.
    key.catch(() => {
      if (this.#opened.get(file.path)?.key === key) this.#opened.delete(file.path)
    })
    return key
  }

  #agentKeys(socket: string): Promise<readonly Identity[] | Error> {
    let keys = this.#agents.get(socket)
    if (keys === undefined) {
      keys = askAgent(socket)
      this.#agents.set(socket, keys)
    }
    return keys
  }
}

async function openAsking(
  file: PrivateKeyFile,
  given: Secret | undefined,
  ask: AskPassphrase | undefined,
): Promise<ParsedKey> {
  const first = openKeyFile(file, file.encrypted ? given : undefined)
  if (!(first instanceof Error)) return first
  if (!file.encrypted) throw first
  if (given !== undefined) throw new Error(`the passphrase from ${given.name} does not open it`)
  for (let tries = 0; ask !== undefined && tries < 3; tries++) {
    const answer = await ask(file.path, tries > 0)
    if (answer === null) break
    const key = openKeyFile(file, answer)
    if (!(key instanceof Error)) return key
    if (tries === 2) throw new Error('none of the passphrases opens it')
  }
  throw new Error(
    `it is encrypted and no passphrase is at hand: ssh-add ${file.path}, or give its passphrase in the inventory`,
  )
}

/** Hosts are dialled at the same time, but a person answers one question at a time. */
function oneByOne(ask: AskPassphrase): AskPassphrase {
  const turn = pLimit(1)
  return (file, again) => turn(() => ask(file, again))
}

function askAgent(socket: string): Promise<readonly Identity[] | Error> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve(new Error(`no answer in ${agentPatience / 1000} seconds`)),
      agentPatience,
    )
    const settle = (result: readonly Identity[] | Error): void => {
      clearTimeout(timer)
      resolve(result)
    }
    const agent = ssh2.createAgent(socket)
    agent.getIdentities((error, keys) => {
      if (error) return settle(error)
      settle(
        ((keys ?? []) as readonly ParsedKey[]).map((publicKey) => ({
          label: `agent key ${publicKey.comment} (${fingerprint(publicKey.getPublicSSH())})`,
          publicKey,
          sign: (data, hash) =>
            new Promise((signed, refused) => {
              agent.sign(
                publicKey,
                data,
                hash === undefined ? {} : { hash: hash as 'sha256' },
                (fault, signature) =>
                  fault || !signature
                    ? refused(fault ?? new Error('the agent did not sign'))
                    : signed(signature),
              )
            }),
        })),
      )
    })
  })
}

function inAgent(held: readonly Identity[], publicKey: ParsedKey): Identity | undefined {
  return held.find((each) => each.publicKey.getPublicSSH().equals(publicKey.getPublicSSH()))
}

function distinct(identities: readonly Identity[]): readonly Identity[] {
  if (identities.length < 2) return identities
  const seen = new Set<string>()
  return identities.filter(({ publicKey }) => {
    const blob = publicKey.getPublicSSH().toString('base64')
    return seen.has(blob) ? false : (seen.add(blob), true)
  })
}

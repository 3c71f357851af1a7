import { getFips } from 'node:crypto'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Hop } from './hop.ts'
import { hopText } from './hop.ts'
import { combined, signedList } from './algorithms.ts'
import { fingerprint } from './key-file.ts'
import { appendKnownHost, type KnownHostsReader } from './openssh-files/known-hosts-file.ts'
import {
  hashName,
  judgeKey,
  keyType,
  knownTypes,
  lineName,
  type KnownKey,
  type LookupName,
  type Verdict,
} from './openssh-files/known-hosts.ts'

/** The keys that hosts booted by this run presented, kept beside the user's own files for the length of the run. */
export interface BootKeys {
  /** The host was booted: its next new key is taken, once. */
  allow(hop: string): void
  mayBeNew(hop: string): boolean
  take(hop: string, line: string): string | null
  /** The key line taken for a hop, in place of what other files say. */
  taken(hop: string): readonly KnownKey[] | null
}

/** One check of a host's key, for one connection. */
export interface KeyCheck {
  /** Algorithms to ask the host for, those it is known by first. */
  readonly algorithms: readonly string[]
  /** ssh2's verifier: fast, never async, and at a rekey the same answer for the same key. */
  verify(key: Buffer): boolean
  /** Why it was refused. */
  refusal(): Diagnostic | null
  /** Called when the handshake has proved that the host holds the key: writes it down where the policy says so. */
  settled(): void
}

const supported = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

/** What the check of a host's key needs of the run. */
export interface KeyWorld {
  readonly knownHosts: KnownHostsReader
  readonly bootKeys: BootKeys
  warn(diagnostic: Diagnostic): void
}

/** A check of the key of a hop, under its policy. */
export function checkKeyOf(hop: Hop, { knownHosts, bootKeys, warn }: KeyWorld): KeyCheck {
  const name: LookupName = { host: hop.address, port: hop.port, alias: hop.hostKeyAlias }
  const files = knownHosts.read([...hop.knownHostsFiles, ...hop.globalKnownHostsFiles], name)
  const taken = hop.policy === 'new-after-boot' ? bootKeys.taken(hop.name) : null
  const keys =
    taken === null ? files : [...files.filter((each) => each.marker === 'revoked'), ...taken]
  let first: Buffer | null = null
  let accepted = false
  let problem: Diagnostic | null = null
  let keep: 'file' | 'boot' | null = null

  function decide(key: Buffer): boolean {
    const verdict = judgeKey(keys, name, key)
    if (verdict.is === 'known') return true
    if (verdict.is !== 'revoked') {
      if (hop.policy === 'off') {
        warn({
          code: 'connect/host-key-unchecked',
          severity: 'warning',
          host: hop.name,
          message: `host keys are not checked: ${hopText(hop)} showed ${fingerprint(key)}${verdict.is === 'changed' ? `, but ${placeOf(verdict.known)} knows another key` : ''}; whoever answers there gets what is sent`,
          hint: 'set host_keys: accept-new, or strict',
        })
        return true
      }
      if (hop.policy === 'accept-new' && verdict.is === 'unknown') {
        keep = 'file'
        return true
      }
      if (hop.policy === 'new-after-boot' && bootKeys.mayBeNew(hop.name)) {
        keep = 'boot'
        return true
      }
    }
    problem = refusalOf(hop, name, key, verdict)
    return false
  }

  return {
    algorithms: algorithmsFor(hop.hostKeyAlgorithms, knownTypes(keys, name)),
    verify(key) {
      if (first === null) {
        first = Buffer.from(key)
        accepted = decide(first)
      } else if (!first.equals(key)) {
        problem = {
          code: 'connect/host-key-changed',
          host: hop.name,
          message: `${hopText(hop)} showed another host key in the middle of the connection (${fingerprint(key)})`,
          hint: 'somebody may be in between: do not go on before that is clear',
        }
        return false
      }
      return accepted
    },
    refusal: () => problem,
    settled() {
      if (first === null || keep === null) return
      // Another connection of this run may have written it meanwhile.
      if (
        keep === 'file' &&
        judgeKey(knownHosts.read(hop.knownHostsFiles, name), name, first).is === 'known'
      )
        return
      const shown = lineName(name)
      const line = `${keep === 'file' && hop.hashKnownHosts ? hashName(shown) : shown} ${keyType(first)} ${first.toString('base64')}`
      const file = hop.knownHostsFiles[0]
      const failure =
        keep === 'boot'
          ? bootKeys.take(hop.name, line)
          : file === undefined
            ? 'no known_hosts file is named'
            : appendKnownHost(file, line)
      if (keep === 'boot')
        warn({
          code: 'connect/host-key-after-boot',
          severity: 'warning',
          host: hop.name,
          message: `${hopText(hop)} was booted by this run and has a new host key, ${fingerprint(first)}; it holds for this run only`,
        })
      if (failure !== null)
        warn({
          code: 'connect/known-hosts-unwritten',
          severity: 'warning',
          host: hop.name,
          message: `the host key of ${hopText(hop)} could not be written down: ${failure}`,
          hint:
            file === undefined
              ? undefined
              : `make ${file} writable, or add the line yourself: ${line}`,
        })
      keep = null
    },
  }
}

function refusalOf(
  hop: Hop,
  name: LookupName,
  key: Buffer,
  verdict: Exclude<Verdict, { is: 'known' }>,
): Diagnostic {
  const host = hop.name
  const shown = fingerprint(key)
  const who = hopText(hop)
  const file = hop.knownHostsFiles[0] ?? '~/.ssh/known_hosts'
  const scan = `ssh-keyscan -t ${keyType(key).replace(/^ssh-|^ecdsa-.*/, (prefix) => (prefix === 'ssh-' ? '' : 'ecdsa'))} -p ${hop.port} ${hop.address} >> ${file}`
  if (verdict.is === 'revoked')
    return {
      code: 'connect/host-key-revoked',
      host,
      message: `${who} showed a revoked host key (${shown}), marked @revoked at ${placeOf(verdict.known)}`,
      hint: 'do not sign in: the host needs a new key',
    }
  if (verdict.is === 'changed') {
    return {
      code: 'connect/host-key-changed',
      host,
      message: `${who} showed ${shown}, but ${placeOf(verdict.known)} knows it by ${fingerprint(verdict.known.key)}`,
      hint: `if it was installed anew: ssh-keygen -R '${lineName(name)}' -f ${verdict.known.file}, then check the new fingerprint on its console and: ${scan}`,
    }
  }
  if (verdict.is === 'authority-only') {
    return {
      code: 'connect/host-key-authority',
      host,
      message: `${who} is known only by a certificate authority (@cert-authority at ${placeOf(verdict.known)}), and host certificates are not checked by trueup; its plain key is ${shown}`,
      hint: `let ssh check the certificate, and write the plain key down: (printf '%s ' '${lineName(name)}'; ssh -p ${hop.port} ${hop.user}@${hop.address} cat /etc/ssh/ssh_host_${keyType(key).replace(/^ssh-|-sha2.*$/g, '')}_key.pub) >> ${file}`,
    }
  }
  return {
    code: 'connect/host-key-unknown',
    host,
    message: `${who} is not known: it showed ${shown}`,
    hint: `check that fingerprint on its console, then: ${scan}; or set host_keys: accept-new`,
  }
}

function placeOf(known: KnownKey): string {
  return `${known.file}:${known.line}`
}

/** The algorithms to ask for: those of known keys first, unless the user gave an order of their own. `ssh-rsa` (SHA-1) only when asked. */
export function algorithmsFor(
  written: string | undefined,
  known: ReadonlySet<string>,
): readonly string[] {
  // A FIPS OpenSSL has no ed25519, and ssh2 throws for it there.
  const all: readonly string[] =
    getFips() === 1 ? supported.filter((name) => name !== 'ssh-ed25519') : supported
  const { sign, words } = signedList(written ?? '+')
  const list = combined(
    sign,
    words.filter((name) => all.includes(name) || name === 'ssh-rsa'),
    all,
  )
  if (sign === '') return list.length > 0 ? list : all
  if (sign === '^') return list
  const isKnown = (name: string): boolean =>
    known.has(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name)
  return [...list.filter(isKnown), ...list.filter((name) => !isKnown(name))]
}

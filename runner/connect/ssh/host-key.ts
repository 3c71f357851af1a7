import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Hop } from './hop.ts'
import { hopText } from './hop.ts'
import { algorithmsFor } from './host-key-algorithms.ts'
import {
  anotherKeyLater,
  isAfterBoot,
  isUnchecked,
  notItsAddress,
  placeOf,
  refusalOf,
  tooShort,
  unwritten,
} from './host-key-words.ts'
import { rsaBits } from './key-blob.ts'
import { appendKnownHost, type KnownHostsReader } from './openssh-files/known-hosts-file.ts'
import {
  hashName,
  judgeKey,
  keyType,
  knownTypes,
  lineName,
  type KnownKey,
  type LookupName,
} from './openssh-files/known-hosts.ts'

/** The keys that hosts booted by this run presented, kept beside the user's own files for the length of the run. */
export interface BootKeys {
  /** The host was booted: its next new key is accepted, once. */
  allow(hop: string): void
  mayBeNew(hop: string): boolean
  take(hop: string, line: string): string | null
  /** The key line accepted for a hop, in place of what other files say. */
  taken(hop: string): readonly KnownKey[] | null
}

/** One check of a host's key, for one connection. */
export interface KeyCheck {
  /** Algorithms to ask the host for, those of its known keys first. */
  readonly algorithms: readonly string[]
  /** ssh2's verifier: fast, never async, and at a rekey the same answer for the same key. */
  verify(key: Buffer): boolean
  /** Why the key was refused. */
  refusal(): Diagnostic | null
  /** Why no secret may be sent although the key was accepted: another key is known for the host. */
  withheld(): string | null
  /** Called when the handshake has proved that the host holds the key: writes the key down where the policy says so. */
  settled(): void
}

/** What the check of a host's key needs of the run. */
export interface KeyWorld {
  readonly knownHosts: KnownHostsReader
  readonly bootKeys: BootKeys
  warn(diagnostic: Diagnostic): void
}

/** What the check decides about a key. */
type Decision =
  | {
      readonly accept: true
      /** Names to write the key down for, and where. */
      readonly write?: { readonly names: readonly LookupName[]; readonly to: 'file' | 'boot' }
      readonly withheld?: string
      readonly warning?: Diagnostic
    }
  | { readonly accept: false; readonly problem: Diagnostic }

/** A check of the key of a hop, under its policy. `peer` gives the address that the connection leads to, null where a jump knows it. */
export function checkKeyOf(
  hop: Hop,
  world: KeyWorld,
  peer: () => string | null = () => null,
): KeyCheck {
  const name: LookupName = { host: hop.address, port: hop.port, alias: hop.hostKeyAlias }
  const keys = keysFor(hop, name, world)
  let first: Buffer | null = null
  let decision: Decision | null = null
  let changedLater: Diagnostic | null = null

  return {
    algorithms: algorithmsFor(hop.hostKeyAlgorithms, knownTypes(keys, name)),
    verify(key) {
      if (first === null) {
        first = Buffer.from(key)
        decision = decide(hop, name, keys, first, world, peer())
        if (decision.accept && decision.warning) world.warn(decision.warning)
      } else if (!first.equals(key)) {
        changedLater = anotherKeyLater(hop, key)
        return false
      }
      return decision?.accept === true
    },
    refusal: () => changedLater ?? (decision?.accept === false ? decision.problem : null),
    withheld: () => (decision?.accept === true ? (decision.withheld ?? null) : null),
    settled() {
      if (first === null || decision?.accept !== true || decision.write === undefined) return
      const { names, to } = decision.write
      decision = { ...decision, write: undefined as never }
      for (const each of names) writeDown(hop, each, first, to, world)
    },
  }
}

function keysFor(hop: Hop, name: LookupName, { knownHosts, bootKeys }: KeyWorld): KnownKey[] {
  const files = knownHosts.read([...hop.knownHostsFiles, ...hop.globalKnownHostsFiles], name)
  const taken = hop.policy === 'new-after-boot' ? bootKeys.taken(hop.name) : null
  return taken === null
    ? [...files]
    : [...files.filter((each) => each.marker === 'revoked'), ...taken]
}

function decide(
  hop: Hop,
  name: LookupName,
  keys: readonly KnownKey[],
  key: Buffer,
  world: KeyWorld,
  peer: string | null,
): Decision {
  const bits = rsaBits(key)
  if (bits !== null && bits < hop.requiredRsaSize)
    return { accept: false, problem: tooShort(hop, bits) }
  const verdict = judgeKey(keys, name, key)
  if (verdict.is === 'known') return alsoByAddress(hop, key, world, peer)
  if (verdict.is === 'revoked')
    return { accept: false, problem: refusalOf(hop, name, key, verdict) }
  if (hop.policy === 'off')
    return {
      accept: true,
      warning: isUnchecked(hop, key, verdict),
      // OpenSSH gives no password away in this place either; an unknown host gets one, as in OpenSSH.
      ...(verdict.is === 'changed'
        ? {
            withheld: `${hopText(hop)} showed another host key than the one known at ${placeOf(verdict.known)}`,
          }
        : {}),
    }
  if (hop.policy === 'accept-new' && verdict.is === 'unknown')
    return alsoByAddress(hop, key, world, peer, [name])
  if (hop.policy === 'new-after-boot' && world.bootKeys.mayBeNew(hop.name))
    return { accept: true, write: { names: [name], to: 'boot' } }
  return { accept: false, problem: refusalOf(hop, name, key, verdict) }
}

/** CheckHostIP: an address under which another key is known refuses the host, and one that is not known yet is written down. */
function alsoByAddress(
  hop: Hop,
  key: Buffer,
  { knownHosts }: KeyWorld,
  peer: string | null,
  names: readonly LookupName[] = [],
): Decision {
  const accepted: Decision =
    names.length === 0 ? { accept: true } : { accept: true, write: { names, to: 'file' } }
  if (!hop.checkHostIp || peer === null || hop.hostKeyAlias !== undefined) return accepted
  // OpenSSH compares nothing for loopback, where each port may be another machine's.
  if (peer === hop.address || /^(?:127\.|::1$|::ffff:127\.)/.test(peer)) return accepted
  const byAddress: LookupName = { host: peer.replace(/^::ffff:/, ''), port: hop.port }
  const lines = knownHosts.read([...hop.knownHostsFiles, ...hop.globalKnownHostsFiles], byAddress)
  const verdict = judgeKey(lines, byAddress, key)
  if (verdict.is === 'revoked')
    return { accept: false, problem: refusalOf(hop, byAddress, key, verdict) }
  if (verdict.is === 'changed') {
    if (hop.policy !== 'off')
      return { accept: false, problem: notItsAddress(hop, byAddress, key, verdict.known) }
    return {
      accept: true,
      withheld: `${placeOf(verdict.known)} knows another host key for ${byAddress.host}`,
    }
  }
  return verdict.is === 'unknown' && hop.policy !== 'off'
    ? { accept: true, write: { names: [...names, byAddress], to: 'file' } }
    : accepted
}

function writeDown(
  hop: Hop,
  name: LookupName,
  key: Buffer,
  to: 'file' | 'boot',
  { knownHosts, bootKeys, warn }: KeyWorld,
): void {
  // Another connection of this run may have written it meanwhile.
  if (
    to === 'file' &&
    judgeKey(knownHosts.read(hop.knownHostsFiles, name), name, key).is === 'known'
  )
    return
  const shown = lineName(name)
  const line = `${to === 'file' && hop.hashKnownHosts ? hashName(shown) : shown} ${keyType(key)} ${key.toString('base64')}`
  const file = hop.knownHostsFiles[0]
  if (to === 'boot') warn(isAfterBoot(hop, key))
  const failure =
    to === 'boot'
      ? bootKeys.take(hop.name, line)
      : file === undefined
        ? 'no known_hosts file is named'
        : appendKnownHost(file, line)
  if (failure !== null) warn(unwritten(hop, failure, file, line))
}

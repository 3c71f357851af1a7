import type { Diagnostic } from '../../model/diagnostic.ts'
import { word } from '../batch/quote.ts'
import { hopText, type Hop } from './hop.ts'
import { fingerprint } from './key-file.ts'
import { appendingCommand } from './openssh-files/known-hosts-file.ts'
import {
  keyType,
  lineName,
  type KnownKey,
  type LookupName,
  type Verdict,
} from './openssh-files/known-hosts.ts'

/** Where a known key stands: `file:line`. */
export function placeOf(known: KnownKey): string {
  return `${known.file}:${known.line}`
}

/** The warning of a key that the policy `off` accepts. */
export function isUnchecked(
  hop: Hop,
  key: Buffer,
  verdict: Exclude<Verdict, { is: 'known' }>,
): Diagnostic {
  const words =
    verdict.is === 'changed'
      ? `, but ${placeOf(verdict.known)} knows another key: no password and no secret is sent there`
      : '; whatever answers there gets what is sent'
  return {
    code: 'connect/host-key-unchecked',
    severity: 'warning',
    host: hop.name,
    message: `host keys are not checked: ${hopText(hop)} showed ${fingerprint(key)}${words}`,
    hint: 'set host_keys: accept-new, or strict',
  }
}

/** The warning that a host which this run booted has a new key. */
export function isAfterBoot(hop: Hop, key: Buffer): Diagnostic {
  return {
    code: 'connect/host-key-after-boot',
    severity: 'warning',
    host: hop.name,
    message: `${hopText(hop)} was booted by this run and has a new host key, ${fingerprint(key)}; it holds for this run only`,
    hint: 'there is nothing to do where the boot gives the host a new key; else put the key into known_hosts',
  }
}

/** The warning that a new key could not be written down. */
export function unwritten(
  hop: Hop,
  failure: string,
  file: string | undefined,
  line: string,
): Diagnostic {
  return {
    code: 'connect/known-hosts-unwritten',
    severity: 'warning',
    host: hop.name,
    message: `the host key of ${hopText(hop)} could not be written down: ${failure}`,
    hint:
      file === undefined ? undefined : `make ${file} writable, or add the line yourself: ${line}`,
  }
}

/** The refusal of a host that shows another key when keys are exchanged again. */
export function anotherKeyLater(hop: Hop, key: Buffer): Diagnostic {
  return {
    code: 'connect/host-key-changed',
    host: hop.name,
    message: `${hopText(hop)} showed another host key in the middle of the connection (${fingerprint(key)})`,
    hint: 'another machine may answer in its place: find out why before you continue',
  }
}

/** The refusal of an RSA key that is shorter than RequiredRSASize. */
export function tooShort(hop: Hop, bits: number): Diagnostic {
  return {
    code: 'connect/host-key-short',
    host: hop.name,
    message: `${hopText(hop)} showed an RSA host key of ${bits} bits, and RequiredRSASize asks for ${hop.requiredRsaSize}`,
    hint: `give the host a longer key (ssh-keygen -t rsa -b ${hop.requiredRsaSize}), or write RequiredRSASize ${bits} for it in ssh_config`,
  }
}

/** The refusal of a host whose address is known by another key (CheckHostIP). */
export function notItsAddress(
  hop: Hop,
  address: LookupName,
  key: Buffer,
  known: KnownKey,
): Diagnostic {
  return {
    code: 'connect/host-key-changed',
    host: hop.name,
    message: `${hopText(hop)} showed ${fingerprint(key)}, but ${placeOf(known)} knows its address ${address.host} by ${fingerprint(known.key)} (CheckHostIP)`,
    hint: `find out whether the name leads to the right machine; if it does: ssh-keygen -R ${word(lineName(address))} -f ${word(known.file)}`,
  }
}

/** Why a key was refused, and what to type once it is proved to be the right one. */
export function refusalOf(
  hop: Hop,
  name: LookupName,
  key: Buffer,
  verdict: Exclude<Verdict, { is: 'known' }>,
): Diagnostic {
  const shown = fingerprint(key)
  const who = hopText(hop)
  switch (verdict.is) {
    case 'revoked':
      return {
        code: 'connect/host-key-revoked',
        host: hop.name,
        message: `${who} showed a revoked host key (${shown}), marked @revoked at ${placeOf(verdict.known)}`,
        hint: 'do not sign in: the host needs a new key',
      }
    case 'changed':
      return {
        code: 'connect/host-key-changed',
        host: hop.name,
        message: `${who} showed ${shown}, but ${placeOf(verdict.known)} knows it by ${fingerprint(verdict.known.key)}`,
        hint: `if it was installed again, compare that fingerprint with its console, then: ssh-keygen -R ${word(lineName(name))} -f ${word(verdict.known.file)}; ${adding(hop, name, key)}`,
      }
    case 'authority-only':
      return {
        code: 'connect/host-key-authority',
        host: hop.name,
        message: `${who} is known only by a certificate authority (@cert-authority at ${placeOf(verdict.known)}), and this transport does not check host certificates; its plain key is ${shown}`,
        hint: 'write `transport: openssh` for this host in the inventory: ssh checks the certificate',
      }
    case 'unknown':
      return {
        code: 'connect/host-key-unknown',
        host: hop.name,
        message: `${who} is not known: it showed ${shown}`,
        hint: `compare that fingerprint with its console, then: ${adding(hop, name, key)}; or set host_keys: accept-new`,
      }
  }
}

/** The command that writes down the very key that was shown: no second look at the network, which may be answered by another machine. */
function adding(hop: Hop, name: LookupName, key: Buffer): string {
  const line = `${lineName(name)} ${keyType(key)} ${key.toString('base64')}`
  const kept = hop.knownHostsFiles.find((file) => !file.startsWith('/dev/'))
  if (kept !== undefined) return appendingCommand(kept, line)
  const own = `${hop.home}/.ssh/known_hosts`
  return `${appendingCommand(own, line)}, and write known_hosts_file: ${own} for this host in the inventory (its UserKnownHostsFile keeps nothing)`
}

import { plainText } from './plain-text.ts'
import type { Hop } from './hop.ts'

/** Why a login failed, and what to type. */
export interface Why {
  readonly message: string
  readonly hint?: string | undefined
}

/** An error of a socket or of ssh2. */
export type DialError = Error & { readonly code?: string | number; readonly level?: string }

/** Whether the other side ended the connection. */
export function isHangUp(error: DialError): boolean {
  return (
    error.code === 'ECONNRESET' ||
    error.code === 'EPIPE' ||
    error.message === 'Connection lost before handshake'
  )
}

/** The words for a server that hangs up before its banner. */
export function hangUpText(hop: Hop): Why {
  return {
    message: 'what answers there hung up before it said that it is an SSH server',
    hint: `sshd may be at its limit (MaxStartups) or shutting down; or port ${hop.port} is not SSH: try ssh -v -p ${hop.port} ${hop.address}`,
  }
}

/** The words for any other error. */
export function describe(hop: Hop, error: DialError, handshake: readonly string[]): Why {
  const words = networkWords[String(error.code)]
  if (words !== undefined) return { message: words[0], hint: words[1] }
  if (/^Handshake failed: no matching/i.test(error.message)) {
    const pair = handshake.slice(-2).map((line) => plainText(line.replace('Handshake: ', ''), 400))
    return {
      message: `${plainText(error.message)}: ${pair.join('; ')}`,
      hint: 'trueup and the server have no algorithm in common: allow one of the above on the server, or name more of them with KexAlgorithms, Ciphers or MACs in your ssh_config',
    }
  }
  if (
    /greeting|Header line|Invalid identification|Bad (packet|header)|Invalid header|before handshake/i.test(
      error.message,
    )
  )
    return {
      message: `what answers there is not an SSH server (${plainText(error.message)})`,
      hint: `check the port (${hop.port})`,
    }
  if (protocolFault.test(error.message))
    return {
      message: `what answers there does not keep to the SSH protocol (${plainText(error.message)})`,
      hint: `check that sshd listens on port ${hop.port}, and that no device on the way changes the data: try ssh -v -p ${hop.port} ${hop.address}`,
    }
  return { message: plainText(error.message) }
}

/** What ssh2 says of packets that are out of place, changed or cut. */
const protocolFault =
  /^(?:Received (?:unexpected )?packet|Inbound:|Malformed|Invalid (?:prime|generator|signature|MAC|key exchange)|Packet (?:integrity|length)|Bad packet|Unexpected (?:packet|message)|Integrity check)/i

const networkWords: Readonly<Record<string, readonly [string, string | undefined]>> = {
  ECONNREFUSED: [
    'nothing listens there (connection refused)',
    'is sshd running, and is the port right?',
  ],
  EHOSTUNREACH: ['no route to it', 'is it powered on, and is this network the right one?'],
  ENETUNREACH: ['no route to its network', undefined],
  ETIMEDOUT: [
    'no answer (connection timed out)',
    'is it powered on, and does a firewall stand between?',
  ],
  ENOTFOUND: [
    'its name cannot be found',
    'give its address in the inventory (`address:`), or HostName in ssh_config',
  ],
  EAI_AGAIN: ['the name server did not answer', undefined],
  ECONNRESET: ['it cut the connection', undefined],
}

import type { Client } from 'ssh2'

/** The part of ssh2 that no option reaches; it is of its version 1. */
interface Inner {
  readonly _protocol?: {
    _debug?: unknown
    readonly _handlers?: Record<string, unknown>
  }
}
/** What answers a request that is of no channel. */
interface Requested {
  requestFailure(): void
}

/**
 * Spares a signed-in connection what nobody hears. ssh2 answers sshd's list of its host keys by having it prove each of them: a
 * signature per key on the host and its check here, half a millisecond of both sides, and with an RSA key several. And it goes on
 * writing a debug line for each packet. Requests of the server are refused, as ssh2 does with all others. False where ssh2 is not
 * made so: then all is as ever.
 */
export function quieten(client: Client): boolean {
  const protocol = (client as Client & Inner)._protocol
  if (!protocol?._handlers || !('GLOBAL_REQUEST' in protocol._handlers)) return false
  protocol._handlers['GLOBAL_REQUEST'] = (of: Requested, _name: string, wantReply: boolean) => {
    if (wantReply) of.requestFailure()
  }
  protocol._debug = undefined
  return true
}

import type { Client } from 'ssh2'

/** The part of ssh2 that no option reaches; it is of its version 1. */
interface Inner {
  readonly _protocol?: {
    _debug?: unknown
    readonly _handlers?: Record<string, unknown>
  }
}
/** What answers a request that belongs to no channel. */
interface Requested {
  requestFailure(): void
}

/**
 * Spares a signed-in connection work that serves no one. ssh2 answers sshd's list of its host keys by having it prove each of them: a
 * signature per key on the host and its check here, half a millisecond of both sides, and with an RSA key several. And it goes on
 * writing a debug line for each packet. Requests of the server are refused, as ssh2 does with all others. False where ssh2 is not
 * made so: then it works as ever.
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

/**
 * Hears each refused method of a login: which ones the server still offers, and whether it counted this one as a part of the login.
 * Where a key signs, ssh2 itself tells neither. False where ssh2 is not made so: then nothing is heard.
 */
export function watchFailures(
  client: Client,
  heard: (offers: readonly string[], partial: boolean) => void,
): boolean {
  const handlers = (client as Client & Inner)._protocol?._handlers
  const before = handlers?.['USERAUTH_FAILURE']
  if (handlers === undefined || typeof before !== 'function') return false
  handlers['USERAUTH_FAILURE'] = (of: unknown, offers: readonly string[], partial: boolean) => {
    heard(offers, partial)
    before(of, offers, partial)
  }
  return true
}

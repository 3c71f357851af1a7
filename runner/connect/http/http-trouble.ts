import type { HttpTrouble } from './http-model.ts'

const untrusted =
  /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|CRL_|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|PATH_LENGTH_EXCEEDED)/

/** Why a request failed, from the error of its connection. */
export function troubleOf(
  error: NodeJS.ErrnoException & { hint?: string },
  midway: boolean,
): HttpTrouble {
  const code = error.code ?? ''
  if (untrusted.test(code))
    return {
      code: 'untrusted',
      message: `its certificate is not trusted: ${error.message}`,
      hint: 'name the authority with `ca:` of the service (on an NCN /etc/pki/trust/anchors/platform-ca-certs.crt)',
      midway: false,
    }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return {
      code: 'unreachable',
      message: `the TLS handshake failed (${error.message.split(':').slice(-2).join(' ').trim() || code})`,
      hint: 'check the url of the service: the server may speak plain http, not https',
      midway: false,
    }
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there (connection refused)',
    ENOTFOUND: 'its name cannot be found',
    EAI_AGAIN: 'the name server did not answer',
    EHOSTUNREACH: 'no route to it',
    ENETUNREACH: 'no route to its network',
    ETIMEDOUT: 'no answer (connection timed out)',
    ECONNRESET: 'it cut the connection',
    EPIPE: 'it cut the connection',
  }
  return {
    code: 'unreachable',
    message: words[code] ?? error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    midway,
    cause: error,
  }
}

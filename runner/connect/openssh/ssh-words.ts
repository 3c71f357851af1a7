import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import { Unreachable } from '../../model/session.ts'
import { plainText } from '../ssh/plain-text.ts'

/** What is known of a login that failed. */
export interface FailedLogin {
  readonly host: string
  /** `user@address:port`. */
  readonly who: string
  /** What a person types to try the same. */
  readonly byHand: string
  /** What ssh printed. */
  readonly said: string
}

/** The error for what ssh printed when it did not log in: host keys and ssh_config in the words and codes of the other transport. */
export function loginError(failed: FailedLogin): Error {
  const fault = configFaults(failed.host, failed.said)
  if (fault.length > 0) return new DiagnosticError(fault)
  const key = hostKeyProblem(failed)
  return key === null ? unreachable(failed) : new DiagnosticError(key)
}

/** Lines of ssh_config that ssh refuses. */
export function configFaults(host: string | undefined, said: string): readonly Diagnostic[] {
  const lines = [...said.matchAll(/^(\/[^\n]*?|[^\s:]+)(?::)? line (\d+): (.*)$/gm)]
  const about = host === undefined ? {} : { host }
  if (lines.length > 0)
    return lines.map(([, file, line, words]) => ({
      code: 'connect/ssh-config',
      ...about,
      message: plainText(words!),
      at: { file: file!, line: Number(line), column: 1 },
      hint: 'correct the line',
    }))
  const owner = /^Bad owner or permissions on (.*)$/m.exec(said)?.[1]
  if (owner !== undefined)
    return [
      {
        code: 'connect/ssh-config',
        ...about,
        message: `${plainText(owner)} can be written by others or belongs to another user, so ssh does not trust it`,
        hint: `chmod go-w ${plainText(owner)}`,
      },
    ]
  const missing = /^Can't open user config file (.*): (.*)$/m.exec(said)
  return missing === null
    ? []
    : [
        {
          code: 'connect/ssh-config',
          ...about,
          message: `${plainText(missing[1]!)}: ${plainText(missing[2]!)}`,
          hint: 'name an ssh_config that exists, or `none`',
        },
      ]
}

function hostKeyProblem({ host, who, byHand, said }: FailedLogin): Diagnostic | null {
  const offending = /^(?:Offending|Matching)[^\n]* in ([^\n]+:\d+)$/m.exec(said)?.[1]
  const shown = /^(?:.*)(SHA256:\S+?)\.?$/m.exec(said)?.[1]
  const place = offending === undefined ? '' : ` (known by another one at ${plainText(offending)})`
  if (
    /^WARNING: REVOKED HOST KEY DETECTED|host key .* (?:is )?revoked|revoked by file/im.test(said)
  )
    return {
      code: 'connect/host-key-revoked',
      host,
      message: `${who} showed a revoked host key`,
      hint: 'do not sign in: the host needs a new key',
    }
  if (
    /IDENTIFICATION HAS CHANGED|has changed and you have requested strict|differs from the key for the IP/i.test(
      said,
    )
  )
    return {
      code: 'connect/host-key-changed',
      host,
      message: `${who} showed another host key than the known one${shown === undefined ? '' : `: ${shown}`}${place}`,
      hint: `if it was installed again, compare the fingerprint with its console, remove the known key with ssh-keygen -R, then sign in once by hand: ${byHand}`,
    }
  if (/Invalid key length/i.test(said))
    return {
      code: 'connect/host-key-short',
      host,
      message: `${who} showed an RSA host key that is shorter than RequiredRSASize`,
      hint: 'give the host a longer key',
    }
  if (/No \S+ host key is known for|Host key verification failed/i.test(said))
    return {
      code: 'connect/host-key-unknown',
      host,
      message: `${who} is not known, or its certificate is not valid: ${lastWords(said)}`,
      hint: `sign in once by hand and compare the fingerprint that ssh shows with the host's console: ${byHand}; or set host_keys: accept-new`,
    }
  return null
}

function unreachable({ host, who, byHand, said }: FailedLogin): Unreachable {
  const words = lastWords(said)
  const hint = /Permission denied/i.test(said)
    ? 'ssh asks no person for a password here: give it a key, an agent, a certificate or a ticket'
    : undefined
  return new Unreachable(host, `${who}: ssh did not log in${words && `: ${words}`}`, {
    hint: `${hint === undefined ? '' : `${hint}; `}try it by hand: ${byHand}`,
  })
}

/** The last lines that ssh printed, without what it prints about its control socket. */
function lastWords(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => plainText(line))
    .filter(
      (line) =>
        line !== '' && !/^(?:@+|Warning: Permanently added|ControlSocket|mux_client)/.test(line),
    )
  return lines.slice(-3).join(' / ')
}

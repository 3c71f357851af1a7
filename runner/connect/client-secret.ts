import { ask, isFailed } from '../contract/probe.ts'
import { Secret } from '../contract/secret.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Session } from '../model/session.ts'

const argv = [
  'kubectl',
  'get',
  'secret',
  'admin-client-auth',
  '-o',
  'jsonpath={.data.client-secret}',
]

/** The secret of the client admin-client-auth, as kubectl on a host gives it. */
export async function readClientSecret(host: string, session: Session): Promise<Secret> {
  const missing = (message: string): DiagnosticError =>
    new DiagnosticError({
      code: 'connect/token-missing',
      host,
      message,
      hint: `try it there: ${argv.slice(0, 4).join(' ')}`,
    })
  const { readings } = await session.exchange({
    probes: [ask(argv, [0], { secret: 'admin-client-auth' })],
  })
  const reading = readings[0]!
  if (isFailed(reading))
    throw missing(
      `the secret admin-client-auth could not be read on ${host}: ${reading.failed.message}`,
    )
  const text = 'stdout' in reading ? (reading.stdout as string | Secret) : ''
  const encoded = text instanceof Secret ? text : new Secret('admin-client-auth', text)
  const secret = encoded.map((base64) =>
    Buffer.from(base64.trim(), 'base64').toString('utf8').trim(),
  )
  if (secret.equals(''))
    throw missing(`the secret admin-client-auth on ${host} holds no client-secret`)
  return secret
}

import { ask, isFailed } from '../contract/probe.ts'
import { Secret } from '../contract/secret.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Session } from '../model/session.ts'
import type { SecretKey } from '../model/host.ts'

/** The key of a secret that the client admin-client-auth signs in with. */
export const clientSecretKey: SecretKey = {
  namespace: 'default',
  secret: 'admin-client-auth',
  key: 'client-secret',
}

/** One key of a secret of Kubernetes, as kubectl on a host gives it. */
export async function readKubernetesSecret(
  host: string,
  session: Session,
  { namespace, secret: name, key }: SecretKey,
): Promise<Secret> {
  const get = ['kubectl', '--namespace', namespace, 'get', 'secret', name]
  const missing = (message: string): DiagnosticError =>
    new DiagnosticError({
      code: 'connect/token-missing',
      host,
      message,
      hint: `try it there: ${get.join(' ')}`,
    })
  const argv = [...get, '-o', `jsonpath={.data.${key.replaceAll('.', '\\.')}}`]
  const { readings } = await session.exchange({ probes: [ask(argv, [0], { secret: name })] })
  const reading = readings[0]!
  if (isFailed(reading))
    throw missing(`the secret ${name} could not be read on ${host}: ${reading.failed.message}`)
  const text = 'stdout' in reading ? (reading.stdout as string | Secret) : ''
  const encoded = text instanceof Secret ? text : new Secret(name, text)
  const secret = encoded.map((base64) =>
    Buffer.from(base64.trim(), 'base64').toString('utf8').trim(),
  )
  if (secret.equals('')) throw missing(`the secret ${name} on ${host} holds no ${key}`)
  return secret
}

import { readText } from '../../files/read-file.ts'
import { reveal } from '../../contract/secret-text.ts'
import { Secret } from '../../contract/secret.ts'
import { isMap } from '../../contract/value.ts'
import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Service } from '../../model/host.ts'
import { parseJson } from './message.ts'
import type { S3Keys } from './s3-signature.ts'
import type { TokenWorld } from './token.ts'

/** Gives the keys that requests to a service are signed with; null where it is not a service of S3. Read once for all requests. */
export function s3KeySupply(
  service: Service | null,
  world: Pick<TokenWorld, 'clientSecret'>,
): (() => Promise<S3Keys>) | null {
  const source = service?.token
  if (source?.from !== 's3-keys') return null
  let found: Promise<S3Keys> | null = null
  return () => (found ??= obtained(service!.name, source, world))
}

type Source = Extract<NonNullable<Service['token']>, { readonly from: 's3-keys' }>

async function obtained(
  service: string,
  source: Source,
  world: Pick<TokenWorld, 'clientSecret'>,
): Promise<S3Keys> {
  if (source.path !== undefined) return fromFile(service, source.path, source.region)
  const { host = '', namespace, secret = '', region } = source
  const [accessKey, secretKey] = await Promise.all([
    world.clientSecret(host, { namespace, secret, key: 'access_key' }),
    world.clientSecret(host, { namespace, secret, key: 'secret_key' }),
  ])
  return { accessKey: reveal(accessKey), secretKey, region }
}

function fromFile(service: string, path: string, region: string): S3Keys {
  const fault = (message: string): DiagnosticError =>
    new DiagnosticError({
      code: 'connect/token-missing',
      message: `the keys of service ${service}: ${message}`,
      hint: 'write there {"access_key": "…", "secret_key": "…"}, readable for you alone',
    })
  const read = readText(path)
  if (!('text' in read)) throw fault(`${path} cannot be read: ${read.words}`)
  const json = parseJson(read.text)
  const [accessKey, secretKey] = isMap(json) ? [json['access_key'], json['secret_key']] : []
  if (typeof accessKey !== 'string' || typeof secretKey !== 'string')
    throw fault(`${path} does not hold access_key and secret_key`)
  return { accessKey, secretKey: new Secret(`secret key of ${service}`, secretKey), region }
}

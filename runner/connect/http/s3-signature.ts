import { createHash, createHmac } from 'node:crypto'
import { reveal } from '../../contract/secret-text.ts'
import type { Secret } from '../../contract/secret.ts'

/** The keys of a user of S3. */
export interface S3Keys {
  readonly accessKey: string
  readonly secretKey: Secret
  readonly region: string
}

/** A request as it is signed. */
export interface Signable {
  readonly url: URL
  readonly method: string
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 of the body, in lower-case hex. */
  readonly bodyHash: string
}

/** The headers of a request to S3 with its signature, AWS's fourth version. `at`: milliseconds since the epoch. */
export function signedForS3(
  { url, method, headers, bodyHash }: Signable,
  { accessKey, secretKey, region }: S3Keys,
  at: number,
): Readonly<Record<string, string>> {
  const moment = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = [moment.slice(0, 8), region, 's3', 'aws4_request']
  const all: Readonly<Record<string, string>> = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': moment,
  }
  const names = Object.keys(all)
    .filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .toSorted()
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${all[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', moment, scope.join('/'), sha256(canonical)].join('\n')
  const signing = scope.reduce<string | Buffer>(hmac, `AWS4${reveal(secretKey)}`)
  const signature = hmac(signing, toSign).toString('hex')
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

/** SHA-256 of a text, in lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${strictlyEncoded(name)}=${strictlyEncoded(value)}`)
    .toSorted()
    .join('&')
}

// AWS leaves letters, digits and -_.~ as they are, and nothing else.
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

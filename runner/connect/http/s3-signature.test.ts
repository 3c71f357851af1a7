import { describe, expect, it } from 'vitest'
import { Secret } from '../../contract/secret.ts'
import { sha256, signedForS3 } from './s3-signature.ts'

// The examples that AWS publishes for signatures in the Authorization header of requests to S3.
const keys = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: new Secret('key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  region: 'us-east-1',
}
const at = Date.parse('2013-05-24T00:00:00Z')
const signatureOf = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): string =>
  signedForS3(
    {
      method,
      url: new URL(path, 'https://examplebucket.s3.amazonaws.com'),
      headers,
      bodyHash: sha256(body),
    },
    keys,
    at,
  )['authorization']!

describe('a signature for S3', () => {
  it.each([
    ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('of %s is that of AWS', (query, signature) => {
    expect(signatureOf('GET', `/${query}`)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
    )
  })

  it('covers the body, the path and the headers of S3', () => {
    const plain = signatureOf('PUT', '/a', { 'x-amz-meta-sha256': '1' }, 'x')
    expect(plain).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-sha256,')
    for (const other of [
      signatureOf('PUT', '/a', { 'x-amz-meta-sha256': '2' }, 'x'),
      signatureOf('PUT', '/a', { 'x-amz-meta-sha256': '1' }, 'y'),
      signatureOf('PUT', '/b', { 'x-amz-meta-sha256': '1' }, 'x'),
    ])
      expect(other).not.toBe(plain)
    expect(plain).not.toContain('wJalr')
  })
})

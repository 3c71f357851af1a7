import { createHash } from 'node:crypto'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../../runner/contract/secret.ts'
import { sha256, signedForS3 } from '../../../runner/connect/http/s3-signature.ts'
import { textOf } from '../../kubernetes/kubernetes-cluster.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import { makeSystem } from '../make-system.ts'

// The lab's S3 as a client with another implementation of the signature meets it.

const system = makeSystem()
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway(system)
})
afterAll(() => gateway.close())

const secret = (key: string): string =>
  textOf(system.cluster, 'Secret', 'services', 'ims-s3-credentials', key)
interface Sent {
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly accessKey?: string
  readonly secretKey?: string
  readonly at?: number
  readonly bodyHash?: string
  readonly unsigned?: boolean
}
function send(method: string, path: string, options: Sent = {}) {
  const { body = '', headers = {}, at = Date.now() } = options
  const url = new URL(path, 'https://rgw-vip.nmn')
  const signed = options.unsigned
    ? { host: url.host }
    : signedForS3(
        { url, method, headers, bodyHash: options.bodyHash ?? sha256(body) },
        {
          accessKey: options.accessKey ?? secret('access_key'),
          secretKey: new Secret('key', options.secretKey ?? secret('secret_key')),
          region: 'default',
        },
        at,
      )
  return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const asking = request(
        {
          host: '127.0.0.1',
          port: gateway.port,
          servername: 'rgw-vip.nmn',
          ca: gateway.authority,
          agent: false,
          method,
          path: url.pathname + url.search,
          headers: { ...signed, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => (text += chunk.toString()))
          response.on('end', () =>
            resolve({ status: response.statusCode!, text, headers: response.headers }),
          )
        },
      )
      asking.on('error', reject)
      asking.end(body)
    },
  )
}
const codeOf = async (...asked: Parameters<typeof send>) =>
  /<Code>(\w+)</.exec((await send(...asked)).text)?.[1]

describe('objects of S3', () => {
  it('are put, described, got, listed and removed', async () => {
    const etag = createHash('md5').update('hello').digest('hex')
    const path = '/boot-images/id/a%20b%27%281%29'
    const put = await send('PUT', path, { body: 'hello', headers: { 'x-amz-meta-sha256': '1' } })
    expect(put).toMatchObject({ status: 200, headers: { etag: `"${etag}"` } })
    expect(await send('HEAD', path)).toMatchObject({
      status: 200,
      text: '',
      headers: { etag: `"${etag}"`, 'content-length': '5', 'x-amz-meta-sha256': '1' },
    })
    expect((await send('GET', path)).text).toBe('hello')
    const list = await send('GET', '/boot-images?list-type=2&prefix=id%2F')
    expect(list.text).toContain("<Key>id/a b'(1)</Key>")
    expect(list.text).toContain('<KeyCount>1</KeyCount>')
    expect((await send('GET', '/boot-images?delimiter=%2F&prefix=i')).text).toContain(
      '<CommonPrefixes><Prefix>id/</Prefix></CommonPrefixes>',
    )
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('DELETE', path)).status).toBe(204)
    expect(await send('HEAD', path)).toMatchObject({ status: 404, text: '' })
    expect(await codeOf('GET', path)).toBe('NoSuchKey')
    expect(await codeOf('PUT', '/none/key')).toBe('NoSuchBucket')
  })

  it('are those that IMS and BOS look for', async () => {
    const [image] = system.images
    const manifest = await send('GET', `/boot-images/${image!.id}/manifest.json`)
    expect(manifest.headers['etag']).toBe(`"${image!.link!.etag}"`)
    expect(JSON.parse(manifest.text).artifacts).toHaveLength(3)
    await send('DELETE', `/boot-images/${image!.id}/manifest.json`)
    expect(system.artifacts.has(image!.link!.path)).toBe(false)
  })

  it('lists come in pages', async () => {
    for (const key of ['1', '2', '3']) await send('PUT', `/config-data/${key}`, { body: key })
    const first = await send('GET', '/config-data?list-type=2&max-keys=2')
    expect(first.text).toMatch(/<IsTruncated>true<.*<NextContinuationToken>2</)
    const second = await send('GET', '/config-data?list-type=2&continuation-token=2')
    expect(second.text).toMatch(/<IsTruncated>false<.*<Key>3</)
  })

  it('buckets are made, and removed when they are empty', async () => {
    expect((await send('PUT', '/site-data')).status).toBe(200)
    await send('PUT', '/site-data/a', { body: 'x' })
    expect((await send('GET', '/')).text).toContain('<Name>site-data</Name>')
    expect(await codeOf('DELETE', '/site-data')).toBe('BucketNotEmpty')
    await send('DELETE', '/site-data/a')
    expect((await send('DELETE', '/site-data')).status).toBe(204)
    expect(await codeOf('PUT', '/UPPER')).toBe('InvalidBucketName')
  })
})

describe('what S3 refuses', () => {
  it.each([
    ['no signature', { unsigned: true }, 'AccessDenied'],
    ['another access key', { accessKey: 'OTHER' }, 'InvalidAccessKeyId'],
    ['another secret key', { secretKey: 'other' }, 'SignatureDoesNotMatch'],
    ['an old signature', { at: Date.now() - 3_600_000 }, 'RequestTimeTooSkewed'],
    ['another body', { body: 'x', bodyHash: sha256('y') }, 'XAmzContentSHA256Mismatch'],
    ['another digest', { headers: { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' } }, undefined],
  ] as const)('%s', async (_, options, code) => {
    expect(await codeOf('PUT', '/boot-images/x', options)).toBe(code)
  })

  it('what the lab does not play, in its own words', async () => {
    for (const [method, path] of [
      ['GET', '/boot-images?acl'],
      ['POST', '/boot-images/x?uploads'],
      ['PUT', '/boot-images/x?partNumber=1&uploadId=2'],
    ] as const)
      expect(await send(method, path)).toMatchObject({
        status: 501,
        text: expect.stringMatching(/^The rehearsal lab does not play/),
      })
  })
})

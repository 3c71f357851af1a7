import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { textOf } from '../../kubernetes/kubernetes-cluster.ts'
import { bytesOf, type Asked, type Reply } from '../service-route.ts'
import type { System } from '../system.ts'
import { s3Error } from './s3-replies.ts'

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
const quarterOfAnHour = 900_000

/** The refusal of a request whose signature does not hold; null where it holds. */
export function s3Refusal(asked: Asked, system: System): Reply | null {
  const read = form.exec(asked.headers['authorization'] ?? '')
  if (!read) return s3Error('AccessDenied')
  const [, accessKey = '', day = '', region = '', names = '', signature = ''] = read
  const secret = (key: string): string =>
    textOf(system.cluster, 'Secret', 'services', 'ims-s3-credentials', key)
  if (accessKey !== secret('access_key')) return s3Error('InvalidAccessKeyId')
  const moment = asked.headers['x-amz-date'] ?? ''
  const at = momentIn(moment)
  if (at === null || !moment.startsWith(day)) return s3Error('AccessDenied')
  if (Math.abs(system.now() - at) > quarterOfAnHour) return s3Error('RequestTimeTooSkewed')
  const signed = names.split(';')
  if (!signed.includes('host')) return s3Error('AccessDenied')
  const bodyHash = asked.headers['x-amz-content-sha256'] ?? ''
  const canonical = [
    asked.method,
    asked.path,
    queryOf(asked.query),
    ...signed.map((name) => `${name}:${(asked.headers[name] ?? '').trim()}`),
    '',
    names,
    bodyHash,
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${hash(canonical)}`
  let key: Buffer = Buffer.from(`AWS4${secret('secret_key')}`)
  for (const part of scope.split('/')) key = mac(key, part)
  if (!timingSafeEqual(mac(key, text), Buffer.from(signature, 'hex')))
    return s3Error('SignatureDoesNotMatch')
  return bodyHash !== 'UNSIGNED-PAYLOAD' && bodyHash !== hash(bytesOf(asked))
    ? s3Error('XAmzContentSHA256Mismatch')
    : null
}

function momentIn(text: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return null
  const [, year, month, date, hour, minute, second] = parts
  return Date.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}Z`)
}

function queryOf(query: URLSearchParams): string {
  const encode = (text: string): string =>
    [...Buffer.from(text)]
      .map((byte) => {
        const letter = String.fromCharCode(byte)
        return /[A-Za-z0-9_.~-]/.test(letter)
          ? letter
          : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
      })
      .join('')
  return [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&')
}

function hash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function mac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

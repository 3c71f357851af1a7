import { bytesOf, empty, notPlayed, type Asked, type Reply } from '../service-route.ts'
import type { System } from '../system.ts'
import { md5, type S3Object } from './s3-records.ts'
import { s3Error } from './s3-replies.ts'

function unknownPart({ method, query, headers }: Asked): Reply | null {
  const part = [...query.keys()].find((each) => each !== 'x-id')
  if (part !== undefined) return notPlayed(`${method} ?${part} of an object of S3`)
  const header = ['range', 'x-amz-copy-source', 'if-match', 'if-none-match'].find(
    (each) => headers[each] !== undefined,
  )
  return header === undefined ? null : notPlayed(`${header} of an object of S3`)
}

/** Puts an object in the place of what was there. */
export function putObject(asked: Asked, { s3, now }: System): Reply {
  const { bucket: name = '', key = '' } = asked.params
  const unknown = unknownPart(asked)
  if (unknown) return unknown
  const bucket = s3.buckets.get(name)
  if (!bucket) return s3Error('NoSuchBucket', name)
  const digest = md5(bytesOf(asked))
  const claimed = asked.headers['content-md5']
  if (claimed !== undefined && claimed !== digest.toString('base64'))
    return s3Error(/^[A-Za-z0-9+/]{22}==$/.test(claimed) ? 'BadDigest' : 'InvalidDigest', name)
  const etag = digest.toString('hex')
  bucket.objects.set(key, {
    bytes: bytesOf(asked),
    etag,
    modified: now(),
    contentType: asked.headers['content-type'] ?? 'binary/octet-stream',
    metadata: Object.fromEntries(
      Object.entries(asked.headers).flatMap(([header, value]) =>
        header.startsWith('x-amz-meta-') && value !== undefined
          ? [[header.slice('x-amz-meta-'.length), value]]
          : [],
      ),
    ),
  })
  return { ...empty(200), headers: { etag: `"${etag}"` } }
}

function found(asked: Asked, { s3 }: System): S3Object | Reply {
  const { bucket = '', key = '' } = asked.params
  const objects = s3.buckets.get(bucket)?.objects
  if (!objects) return s3Error('NoSuchBucket', bucket)
  return objects.get(key) ?? s3Error('NoSuchKey', bucket)
}

/** An object, or with HEAD what is said of it. */
export function getObject(asked: Asked, system: System): Reply {
  const object = unknownPart(asked) ?? found(asked, system)
  if ('status' in object) return asked.method === 'HEAD' ? { ...object, body: '' } : object
  return {
    status: 200,
    contentType: object.contentType,
    headers: {
      etag: `"${object.etag}"`,
      'last-modified': new Date(object.modified).toUTCString(),
      'accept-ranges': 'bytes',
      'content-length': String(object.bytes.length),
      ...Object.fromEntries(
        Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
      ),
    },
    body: '',
    bytes: asked.method === 'HEAD' ? Buffer.alloc(0) : object.bytes,
  }
}

/** Removes an object; one that is not there is removed too. */
export function removeObject(asked: Asked, { s3 }: System): Reply {
  const { bucket: name = '', key = '' } = asked.params
  const unknown = unknownPart(asked)
  if (unknown) return unknown
  const bucket = s3.buckets.get(name)
  if (!bucket) return s3Error('NoSuchBucket', name)
  bucket.objects.delete(key)
  return empty(204)
}

import { empty, notPlayed, type Asked, type Reply } from '../service-route.ts'
import type { System } from '../system.ts'
import { escaped, s3Error, xml } from './s3-replies.ts'

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const owner = '<Owner><ID>IMS</ID><DisplayName>Image Management Service User</DisplayName></Owner>'
const isoTime = (at: number): string => new Date(at).toISOString()

/** All buckets. */
export function listBuckets(_asked: Asked, { s3 }: System): Reply {
  const buckets = [...s3.buckets]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, { made }]) =>
        `<Bucket><Name>${escaped(name)}</Name><CreationDate>${isoTime(made)}</CreationDate></Bucket>`,
    )
  return xml(
    200,
    `<ListAllMyBucketsResult ${namespace}>${owner}<Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`,
  )
}

/** Makes a bucket; one that is there already stays as it is. */
export function makeBucket({ params, query }: Asked, { s3, now }: System): Reply {
  const name = params['bucket']!
  const other = [...query.keys()][0]
  if (other !== undefined) return notPlayed(`PUT ?${other} of a bucket of S3`)
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return s3Error('InvalidBucketName', name)
  if (!s3.buckets.has(name)) s3.buckets.set(name, { made: now(), objects: new Map() })
  return empty(200)
}

/** Removes an empty bucket. */
export function removeBucket({ params, query }: Asked, { s3 }: System): Reply {
  const name = params['bucket']!
  const other = [...query.keys()][0]
  if (other !== undefined) return notPlayed(`DELETE ?${other} of a bucket of S3`)
  const bucket = s3.buckets.get(name)
  if (!bucket) return s3Error('NoSuchBucket', name)
  if (bucket.objects.size > 0) return s3Error('BucketNotEmpty', name)
  s3.buckets.delete(name)
  return empty(204)
}

/** Whether a bucket is there. */
export function headBucket({ params }: Asked, { s3 }: System): Reply {
  return empty(s3.buckets.has(params['bucket']!) ? 200 : 404)
}

const listing = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'marker',
  'encoding-type',
  'fetch-owner',
]

/** The objects of a bucket whose keys begin with a prefix, in both versions of the list. */
export function listObjects({ params, query }: Asked, { s3 }: System): Reply {
  const name = params['bucket']!
  const other = [...query.keys()].find((each) => !listing.includes(each))
  if (other !== undefined) return notPlayed(`GET ?${other} of a bucket of S3`)
  if (query.get('encoding-type')) return notPlayed('encoding-type in a list of S3')
  const bucket = s3.buckets.get(name)
  if (!bucket) return s3Error('NoSuchBucket', name)
  const limit = Number(query.get('max-keys') ?? 1000)
  if (!Number.isInteger(limit) || limit < 0) return s3Error('InvalidArgument', name)
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
  const after =
    query.get('continuation-token') ?? query.get('start-after') ?? query.get('marker') ?? ''
  const entries = entriesOf(bucket.objects.keys(), prefix, delimiter).filter((each) => each > after)
  const shown = entries.slice(0, limit)
  const isCut = shown.length < entries.length
  const contents = shown.map((key) => {
    const object = bucket.objects.get(key)
    return object
      ? `<Contents><Key>${escaped(key)}</Key><LastModified>${isoTime(object.modified)}</LastModified><ETag>&quot;${object.etag}&quot;</ETag><Size>${object.bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`
      : `<CommonPrefixes><Prefix>${escaped(key)}</Prefix></CommonPrefixes>`
  })
  const isSecond = query.get('list-type') === '2'
  const next = escaped(shown.at(-1) ?? '')
  return xml(
    200,
    `<ListBucketResult ${namespace}><Name>${escaped(name)}</Name><Prefix>${escaped(prefix)}</Prefix><MaxKeys>${limit}</MaxKeys>${delimiter === '' ? '' : `<Delimiter>${escaped(delimiter)}</Delimiter>`}<IsTruncated>${isCut}</IsTruncated>${contents.join('')}${isSecond ? `<KeyCount>${shown.length}</KeyCount>` : ''}${isCut ? (isSecond ? `<NextContinuationToken>${next}</NextContinuationToken>` : `<NextMarker>${next}</NextMarker>`) : ''}</ListBucketResult>`,
  )
}

function entriesOf(keys: Iterable<string>, prefix: string, delimiter: string): readonly string[] {
  const entries = [...keys]
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return end < 0 ? key : key.slice(0, end + delimiter.length)
    })
  return [...new Set(entries)].toSorted((a, b) => (a < b ? -1 : 1))
}

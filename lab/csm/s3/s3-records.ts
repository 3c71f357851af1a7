import { createHash } from 'node:crypto'

/** An object of S3. */
export interface S3Object {
  readonly bytes: Buffer
  /** Without quotes. */
  readonly etag: string
  readonly modified: number
  readonly contentType: string
  /** What the user has said of it, by names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>
}

/** What S3 holds: the objects of each bucket by their keys. */
export interface S3State {
  readonly buckets: Map<string, { readonly made: number; readonly objects: Map<string, S3Object> }>
}

/** The buckets of an installation. */
export function newS3(at: number): S3State {
  const names = ['boot-images', 'ims', 'fw-update', 'install-artifacts', 'config-data']
  return { buckets: new Map(names.map((name) => [name, { made: at, objects: new Map() }])) }
}

/** Manifests and archives by their paths, `s3://BUCKET/KEY`, as other services name them. */
export interface Artifacts {
  has(path: string): boolean
  /** Puts something there that stands for the artifact. */
  add(path: string, etag?: string): void
  clear(): void
}

/** The artifacts that lie in S3. */
export function artifactsIn(state: S3State, now: () => number): Artifacts {
  return {
    has(path) {
      const place = placeOf(path)
      return state.buckets.get(place.bucket)?.objects.has(place.key) === true
    },
    add(path, etag) {
      const { bucket, key } = placeOf(path)
      const bytes = Buffer.from(standInFor(bucket, key))
      const held = state.buckets.get(bucket) ?? { made: now(), objects: new Map() }
      state.buckets.set(bucket, held)
      held.objects.set(key, {
        bytes,
        etag: etag ?? md5(bytes).toString('hex'),
        modified: now(),
        contentType: 'binary/octet-stream',
        metadata: {},
      })
    },
    clear() {
      for (const { objects } of state.buckets.values()) objects.clear()
    },
  }
}

/** MD5 of bytes: the ETag of an object that was put at once. */
export function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest()
}

function placeOf(path: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(path) ?? []
  return { bucket, key }
}

// A manifest names the artifacts of a boot image; what they hold the lab does not know.
function standInFor(bucket: string, key: string): string {
  if (!key.endsWith('/manifest.json')) return ''
  const folder = `s3://${bucket}/${key.replace(/\/manifest\.json$/, '')}`
  const artifact = (name: string, type: string): object => ({
    link: { path: `${folder}/${name}`, etag: '', type: 's3' },
    type: `application/vnd.cray.image.${type}`,
  })
  return JSON.stringify({
    version: '1.0',
    created: '2024-03-22 12:47:14',
    artifacts: [
      artifact('rootfs', 'rootfs.squashfs'),
      artifact('kernel', 'kernel'),
      artifact('initrd', 'initrd'),
    ],
  })
}

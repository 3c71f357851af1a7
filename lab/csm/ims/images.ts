import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { timestamp } from '../contents.ts'
import { inputOf, noResource, patchConflict } from './ims-problems.ts'
import { keptLink, one, wrongLink, type Link } from './ims-records.ts'
import { image as imageFields, imagePatch, undeletion } from './ims-schemas.ts'
import { mapOf } from '../problems.ts'
import { empty, json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { DeletedImage, ImageRecord } from '../system-model.ts'

const done = empty(204, 'application/json')

/** The routes of IMS's images below a version's prefix; only v3 keeps what is deleted. No release knows filters. */
export function imageRoutes(prefix: '/v3' | '/v2' | ''): readonly Route[] {
  const keeps = prefix === '/v3'
  const source = `ims:src/server/${keeps ? 'v3' : 'v2'}/resources/images.py`
  const path = `${prefix}/images`
  return [
    { method: 'GET', path, source, answer: (_asked, system) => json(200, sorted(system.images)) },
    { method: 'POST', path, source, answer: create },
    {
      method: 'DELETE',
      path,
      source,
      answer: (_asked, system) => removed(system, system.images.length, 0, keeps),
    },
    {
      method: 'GET',
      path: `${path}/:id`,
      source,
      answer: (asked, system) => one(system.images, asked),
    },
    { method: 'PATCH', path: `${path}/:id`, source, answer: patch },
    {
      method: 'DELETE',
      path: `${path}/:id`,
      source,
      answer(asked, system) {
        const at = system.images.findIndex((each) => each.id === asked.params['id'])
        return at < 0 ? noResource : removed(system, 1, at, keeps)
      },
    },
    ...(keeps ? deletedRoutes : []),
  ]
}

const source = 'ims:src/server/v3/resources/images.py'
const deleted = '/v3/deleted/images'
const deletedRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: deleted,
    source,
    answer: (_asked, system) => json(200, sorted(system.deletedImages.map((each) => each.shown))),
  },
  { method: 'PATCH', path: deleted, source, answer: undelete },
  {
    method: 'DELETE',
    path: deleted,
    source,
    answer(_asked, system) {
      system.deletedImages.length = 0
      return done
    },
  },
  {
    method: 'GET',
    path: `${deleted}/:id`,
    source,
    answer: (asked, system) =>
      one(
        system.deletedImages.map((each) => each.shown),
        asked,
      ),
  },
  { method: 'PATCH', path: `${deleted}/:id`, source, answer: undelete },
  {
    method: 'DELETE',
    path: `${deleted}/:id`,
    source,
    answer(asked, system) {
      const at = system.deletedImages.findIndex((each) => each.shown.id === asked.params['id'])
      if (at < 0) return noResource
      system.deletedImages.splice(at, 1)
      return done
    },
  },
]

function create(asked: Asked, system: System): Reply {
  const input = inputOf(asked, imageFields, (value) =>
    system.release === '1.7' ? withPlainMetadata(value) : value,
  )
  if (input.refused) return input.refused
  const { name, arch, metadata, link } = input.given as Pick<ImageRecord, 'name'> &
    Partial<Pick<ImageRecord, 'arch' | 'metadata'>> & { readonly link?: Link | null }
  const wrong = link ? wrongLink(keptLink(link), system) : null
  if (wrong) return wrong
  const record: ImageRecord = {
    id: randomUUID(),
    created: timestamp(system.now()),
    name,
    link: link ? keptLink(link) : null,
    arch: arch ?? 'x86_64',
    metadata: metadata ?? {},
  }
  system.images.push(record)
  return json(201, sorted(record))
}

// The newest versions look into the body before they check it, and break where it is not a map (undefined).
function withPlainMetadata(value: unknown): unknown {
  const map = mapOf(value)
  if (!map) return undefined
  const metadata = mapOf(map['metadata'])
  return metadata && 'key' in metadata
    ? { ...map, metadata: { [String(metadata['key'])]: metadata['value'] ?? '' } }
    : map
}

function patch(asked: Asked, system: System): Reply {
  const at = system.images.findIndex((image) => image.id === asked.params['id'])
  const image = system.images[at]
  if (!image) return noResource
  const input = inputOf(asked, imagePatch)
  if (input.refused) return input.refused
  const { link, arch, metadata } = input.given as {
    readonly link?: Link
    readonly arch?: ImageRecord['arch']
    readonly metadata?: { operation: 'set' | 'remove'; key: string; value?: string }
  }
  if (link) {
    // The same artifacts once more do not conflict.
    const isSame = isDeepStrictEqual(link, image.link)
    if (image.link && !isSame) return patchConflict
    const wrong = isSame ? null : wrongLink(link, system)
    if (wrong) return wrong
  }
  const kept = Object.entries(image.metadata).filter(([name]) => name !== metadata?.key)
  const added = metadata?.operation === 'set' ? [[metadata.key, metadata.value ?? '']] : []
  system.images[at] = {
    ...image,
    ...(link ? { link: keptLink(link) } : {}),
    ...(arch ? { arch } : {}),
    metadata: metadata ? Object.fromEntries([...kept, ...added]) : image.metadata,
  }
  return json(200, sorted(system.images[at]))
}

function removed(system: System, count: number, at: number, keeps: boolean): Reply {
  const gone = system.images.splice(at, count)
  if (keeps) system.deletedImages.push(...gone.map((image) => deletedImage(image, system)))
  return done
}

function deletedImage(image: ImageRecord, system: System): DeletedImage {
  // Before the newest versions a deleted image forgets these two.
  const forgets = system.release !== '1.7'
  const kept: ImageRecord = forgets ? { ...image, arch: 'x86_64', metadata: {} } : image
  const link = image.link && {
    path: `s3://boot-images/deleted/${image.id}/deleted_manifest.json`,
    etag: '',
    type: 's3' as const,
  }
  return { image: kept, shown: { ...kept, link, deleted: timestamp(system.now()) } }
}

/** One by the id in the path, or all. */
function undelete(asked: Asked, system: System): Reply {
  const { id } = asked.params
  const meant = system.deletedImages.filter((each) => id === undefined || each.image.id === id)
  if (id !== undefined && meant.length === 0) return noResource
  const input = inputOf(asked, undeletion)
  if (input.refused) return input.refused
  for (const each of meant) {
    system.deletedImages.splice(system.deletedImages.indexOf(each), 1)
    system.images.push(each.image)
  }
  return done
}

import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { timestamp } from '../contents.ts'
import { invalid, noInput, noResource, notJson, patchConflict } from './problem.ts'
import { mapOf } from '../problems.ts'
import { empty, json, parsed, sorted, type Asked, type Reply, type Route } from '../route.ts'
import type { ImageRecord, System } from '../system.ts'

const source = 'ims:src/server/v3/resources/images.py'

/** IMS's images, those that were deleted, and its recipes (read only). */
export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/v3/images', source, answer: list },
  { method: 'POST', path: '/v3/images', source, answer: create },
  { method: 'DELETE', path: '/v3/images', source, answer: removeAll },
  {
    method: 'GET',
    path: '/v3/images/:id',
    source,
    answer: (asked, system) => one(system.images, asked),
  },
  { method: 'PATCH', path: '/v3/images/:id', source, answer: patch },
  { method: 'DELETE', path: '/v3/images/:id', source, answer: remove },
  {
    method: 'GET',
    path: '/v3/deleted/images',
    source,
    answer: (_asked, system) => json(200, sorted(system.deletedImages)),
  },
  { method: 'PATCH', path: '/v3/deleted/images', source, answer: undeleteAll },
  { method: 'DELETE', path: '/v3/deleted/images', source, answer: removeAllForGood },
  {
    method: 'GET',
    path: '/v3/deleted/images/:id',
    source,
    answer: (asked, system) => one(system.deletedImages, asked),
  },
  { method: 'PATCH', path: '/v3/deleted/images/:id', source, answer: undelete },
  { method: 'DELETE', path: '/v3/deleted/images/:id', source, answer: removeForGood },
  {
    method: 'GET',
    path: '/v3/recipes',
    source: 'ims:src/server/v3/resources/recipes.py',
    answer: (_asked, system) => json(200, sorted(system.recipes)),
  },
  {
    method: 'GET',
    path: '/v3/recipes/:id',
    source: 'ims:src/server/v3/resources/recipes.py',
    answer: (asked, system) => one(system.recipes, asked),
  },
]

// The first releases know no filters, and do not mind them.
function list(asked: Asked, system: System): Reply {
  const filters = system.release === '1.7' ? asked.query : new URLSearchParams()
  const [name, arch] = [filters.get('name'), filters.get('arch')]
  return json(
    200,
    sorted(
      system.images.filter(
        (image) => (name === null || image.name === name) && (arch === null || image.arch === arch),
      ),
    ),
  )
}

/** One of these by the id in the path. */
export function one(records: readonly { readonly id: string }[], asked: Asked): Reply {
  const record = records.find((each) => each.id === asked.params['id'])
  return record ? json(200, sorted(record)) : noResource
}

/** The body as a map that is not empty, or the refusal. */
export function inputOf(
  asked: Asked,
):
  | { readonly given: Readonly<Record<string, unknown>>; readonly refused: null }
  | { readonly refused: Reply } {
  const input = parsed(asked.body)
  if (input === undefined && asked.body.trim() !== '') return { refused: notJson }
  if (!input || (typeof input === 'object' && Object.keys(input).length === 0))
    return { refused: noInput }
  const given = mapOf(input)
  return given
    ? { given, refused: null }
    : { refused: invalid({ _schema: ['Invalid input type.'] }) }
}

type Errors = Record<string, string[]>

function linkErrors(link: unknown, errors: Errors): void {
  if (link === undefined || link === null) return
  const map = mapOf(link)
  if (!map) errors['link'] = ['Invalid input type.']
  else if (typeof map['path'] !== 'string' || typeof map['type'] !== 'string')
    errors['link'] = ['Missing data for required field.']
}

function archErrors(arch: unknown, errors: Errors): void {
  if (arch !== undefined && arch !== 'x86_64' && arch !== 'aarch64')
    errors['arch'] = ['Must be one of: aarch64, x86_64.']
}

function create(asked: Asked, system: System): Reply {
  const input = inputOf(asked)
  if (input.refused) return input.refused
  const errors: Errors = {}
  const { name, link, arch, metadata, ...more } = input.given
  for (const key of Object.keys(more)) errors[key] = ['Unknown field.']
  if (name === undefined) errors['name'] = ['Missing data for required field.']
  else if (typeof name !== 'string') errors['name'] = ['Not a valid string.']
  else if (name === '') errors['name'] = ['name field must not be blank']
  linkErrors(link, errors)
  archErrors(arch, errors)
  if (Object.keys(errors).length > 0) return invalid(errors)
  const wanted = (link ?? null) as ImageRecord['link']
  if (wanted && system.images.some((image) => image.link?.path === wanted.path))
    return invalid({ link: ['The S3 artifact is already registered as another image.'] })
  const record: ImageRecord = {
    id: randomUUID(),
    created: timestamp(system.now()),
    name: name as string,
    link: wanted,
    arch: (arch as ImageRecord['arch'] | undefined) ?? 'x86_64',
    metadata: (mapOf(metadata) ?? {}) as ImageRecord['metadata'],
  }
  system.images.push(record)
  return json(201, sorted(record))
}

function patch(asked: Asked, system: System): Reply {
  const at = system.images.findIndex((image) => image.id === asked.params['id'])
  const image = system.images[at]
  if (!image) return noResource
  const input = inputOf(asked)
  if (input.refused) return input.refused
  const errors: Errors = {}
  const { link, arch, metadata, ...more } = input.given
  for (const key of Object.keys(more)) errors[key] = ['Unknown field.']
  linkErrors(link, errors)
  archErrors(arch, errors)
  const changed =
    metadata === undefined ? image.metadata : metadataAfter(image.metadata, metadata, errors)
  if (Object.keys(errors).length > 0) return invalid(errors)
  // The same artifacts once more are no conflict.
  if (link && image.link && !isDeepStrictEqual(link, image.link)) return patchConflict
  system.images[at] = {
    ...image,
    ...(link ? { link: link as ImageRecord['link'] } : {}),
    ...(arch ? { arch: arch as ImageRecord['arch'] } : {}),
    metadata: changed,
  }
  return json(200, sorted(system.images[at]))
}

function metadataAfter(
  held: ImageRecord['metadata'],
  wish: unknown,
  errors: Errors,
): ImageRecord['metadata'] {
  const { operation, key, value } = mapOf(wish) ?? {}
  if ((operation !== 'set' && operation !== 'remove') || typeof key !== 'string') {
    errors['metadata'] = ['Must be one of: set, remove.']
    return held
  }
  if (operation === 'set') return { ...held, [key]: String(value ?? '') }
  return Object.fromEntries(Object.entries(held).filter(([name]) => name !== key))
}

function remove(asked: Asked, system: System): Reply {
  const at = system.images.findIndex((image) => image.id === asked.params['id'])
  const [image] = at < 0 ? [] : system.images.splice(at, 1)
  if (!image) return noResource
  system.deletedImages.push({ ...image, deleted: timestamp(system.now()) })
  return empty(204)
}

function removeAll(_asked: Asked, system: System): Reply {
  for (const image of system.images.splice(0))
    system.deletedImages.push({ ...image, deleted: timestamp(system.now()) })
  return empty(204)
}

function undeleteAll(asked: Asked, system: System): Reply {
  const input = inputOf(asked)
  if (input.refused) return input.refused
  if (input.given['operation'] !== 'undelete')
    return invalid({ operation: ['Must be one of: undelete.'] })
  for (const { deleted: _, ...image } of system.deletedImages.splice(0)) system.images.push(image)
  return empty(204)
}

function removeAllForGood(_asked: Asked, system: System): Reply {
  system.deletedImages.length = 0
  return empty(204)
}

function undelete(asked: Asked, system: System): Reply {
  const at = system.deletedImages.findIndex((image) => image.id === asked.params['id'])
  if (at < 0) return noResource
  const input = inputOf(asked)
  if (input.refused) return input.refused
  if (input.given['operation'] !== 'undelete')
    return invalid({ operation: ['Must be one of: undelete.'] })
  const { deleted: _, ...image } = system.deletedImages.splice(at, 1)[0]!
  system.images.push(image)
  return empty(204)
}

function removeForGood(asked: Asked, system: System): Reply {
  const at = system.deletedImages.findIndex((image) => image.id === asked.params['id'])
  if (at < 0) return noResource
  system.deletedImages.splice(at, 1)
  return empty(204)
}

import { randomUUID } from 'node:crypto'
import { timestamp } from '../contents.ts'
import { inputOf, noResource } from './ims-problems.ts'
import { one } from './ims-records.ts'
import { publicKey, undeletion } from './ims-schemas.ts'
import { empty, json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'

const done = empty(204, 'application/json')

/** The routes of IMS's public keys below a version's prefix; only v3 keeps what is deleted. */
export function publicKeyRoutes(prefix: '/v3' | '/v2' | ''): readonly Route[] {
  const keeps = prefix === '/v3'
  const source = `ims:src/server/${keeps ? 'v3' : 'v2'}/resources/public_keys.py`
  const path = `${prefix}/public-keys`
  return [
    {
      method: 'GET',
      path,
      source,
      answer: (_asked, system) => json(200, sorted(system.publicKeys)),
    },
    { method: 'POST', path, source, answer: create },
    {
      method: 'DELETE',
      path,
      source,
      answer: (_asked, system) => removed(system, system.publicKeys.length, 0, keeps),
    },
    {
      method: 'GET',
      path: `${path}/:id`,
      source,
      answer: (asked, system) => one(system.publicKeys, asked),
    },
    {
      method: 'DELETE',
      path: `${path}/:id`,
      source,
      answer(asked, system) {
        const at = system.publicKeys.findIndex((each) => each.id === asked.params['id'])
        return at < 0 ? noResource : removed(system, 1, at, keeps)
      },
    },
    ...(keeps ? deletedRoutes : []),
  ]
}

const source = 'ims:src/server/v3/resources/public_keys.py'
const deleted = '/v3/deleted/public-keys'
const deletedRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: deleted,
    source,
    answer: (_asked, system) => json(200, sorted(system.deletedPublicKeys)),
  },
  { method: 'PATCH', path: deleted, source, answer: undelete },
  {
    method: 'DELETE',
    path: deleted,
    source,
    answer(_asked, system) {
      system.deletedPublicKeys.length = 0
      return done
    },
  },
  {
    method: 'GET',
    path: `${deleted}/:id`,
    source,
    answer: (asked, system) => one(system.deletedPublicKeys, asked),
  },
  { method: 'PATCH', path: `${deleted}/:id`, source, answer: undelete },
  {
    method: 'DELETE',
    path: `${deleted}/:id`,
    source,
    answer(asked, system) {
      const at = system.deletedPublicKeys.findIndex((each) => each.id === asked.params['id'])
      if (at < 0) return noResource
      system.deletedPublicKeys.splice(at, 1)
      return done
    },
  },
]

function create(asked: Asked, system: System): Reply {
  const input = inputOf(asked, publicKey)
  if (input.refused) return input.refused
  const { name, public_key } = input.given as { name: string; public_key: string }
  const record = { id: randomUUID(), created: timestamp(system.now()), name, public_key }
  system.publicKeys.push(record)
  return json(201, sorted(record))
}

function removed(system: System, count: number, at: number, keeps: boolean): Reply {
  const gone = system.publicKeys.splice(at, count)
  if (keeps)
    system.deletedPublicKeys.push(
      ...gone.map((key) => ({ ...key, deleted: timestamp(system.now()) })),
    )
  return done
}

/** One by the id in the path, or all. */
function undelete(asked: Asked, system: System): Reply {
  const { id } = asked.params
  const meant = system.deletedPublicKeys.filter((each) => id === undefined || each.id === id)
  if (id !== undefined && meant.length === 0) return noResource
  const input = inputOf(asked, undeletion)
  if (input.refused) return input.refused
  for (const key of meant) {
    const { deleted: _, ...record } = key
    system.deletedPublicKeys.splice(system.deletedPublicKeys.indexOf(key), 1)
    system.publicKeys.push(record)
  }
  return done
}

import { randomUUID } from 'node:crypto'
import { timestamp } from '../contents.ts'
import { inputOf, one } from './images.ts'
import { invalid, noResource } from './problem.ts'
import { empty, json, sorted, type Asked, type Reply, type Route } from '../route.ts'
import type { System } from '../system.ts'

const source = 'ims:src/server/v3/resources/public_keys.py'

/** IMS's public keys. */
export const publicKeyRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v3/public-keys',
    source,
    answer: (_asked, system) => json(200, sorted(system.publicKeys)),
  },
  { method: 'POST', path: '/v3/public-keys', source, answer: create },
  {
    method: 'GET',
    path: '/v3/public-keys/:id',
    source,
    answer: (asked, system) => one(system.publicKeys, asked),
  },
  { method: 'DELETE', path: '/v3/public-keys/:id', source, answer: remove },
]

function create(asked: Asked, system: System): Reply {
  const input = inputOf(asked)
  if (input.refused) return input.refused
  const errors: Record<string, string[]> = {}
  for (const key of Object.keys(input.given))
    if (key !== 'name' && key !== 'public_key') errors[key] = ['Unknown field.']
  for (const key of ['name', 'public_key']) {
    const value = input.given[key]
    if (value === undefined) errors[key] = ['Missing data for required field.']
    else if (typeof value !== 'string') errors[key] = ['Not a valid string.']
    else if (value === '') errors[key] = [`${key} field must not be blank`]
  }
  if (Object.keys(errors).length > 0) return invalid(errors)
  const { name, public_key } = input.given as { name: string; public_key: string }
  const record = { id: randomUUID(), created: timestamp(system.now()), name, public_key }
  system.publicKeys.push(record)
  return json(201, sorted(record))
}

function remove(asked: Asked, system: System): Reply {
  const at = system.publicKeys.findIndex((each) => each.id === asked.params['id'])
  if (at < 0) return noResource
  system.publicKeys.splice(at, 1)
  return empty(204)
}

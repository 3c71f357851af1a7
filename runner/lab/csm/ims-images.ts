import { noResource } from './ims-problem.ts'
import { json, sorted, type Asked, type Reply, type Route } from './route.ts'

const source = 'ims:api/openapi.yaml'

/** The reading routes of IMS's images and public keys. */
export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/v3/images', source, answer: (_asked, system) => json(200, sorted(system.images)) },
  { method: 'GET', path: '/v3/images/:id', source, answer: (asked, system) => one(system.images, asked) },
  { method: 'GET', path: '/v3/public-keys', source, answer: (_asked, system) => json(200, sorted(system.publicKeys)) },
  { method: 'GET', path: '/v3/public-keys/:id', source, answer: (asked, system) => one(system.publicKeys, asked) },
]

function one(records: readonly { readonly id: string }[], asked: Asked): Reply {
  const record = records.find((each) => each.id === asked.params['id'])
  return record ? json(200, sorted(record)) : noResource
}

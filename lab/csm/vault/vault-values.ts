import { mapOf } from '../problems.ts'
import { empty, parsed, type Reply } from '../service-route.ts'
import type { EngineAsked } from './engine-request.ts'
import { vaultData, vaultErrors } from './vault-replies.ts'

/** The names directly below a path: folders end with a slash. */
export function keysBelow(paths: Iterable<string>, path: string): readonly string[] {
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`
  const names = [...paths]
    .filter((each) => each.startsWith(folder))
    .map((each) => each.slice(folder.length))
    .map((each) => (each.includes('/') ? `${each.split('/')[0]}/` : each))
  return [...new Set(names)].toSorted()
}

/** What an engine without versions answers: a write takes the place of all that was there. */
export function valueAnswers({ method, mount, below, body, query }: EngineAsked): Reply {
  if (method === 'LIST' || (method === 'GET' && query.get('list') === 'true')) {
    const keys = keysBelow(mount.values.keys(), below)
    return keys.length > 0 ? vaultData({ keys }) : vaultErrors(404)
  }
  if (method === 'GET') {
    const held = mount.values.get(below)
    return held ? vaultData(held) : vaultErrors(404)
  }
  if (method === 'DELETE') {
    mount.values.delete(below)
    return empty(204)
  }
  if (method === 'PATCH') return vaultErrors(405, 'unsupported operation')
  const data = mapOf(parsed(body))
  if (!data) return vaultErrors(400, 'failed to parse JSON input')
  if (Object.keys(data).length === 0) return vaultErrors(400, 'missing data fields')
  mount.values.set(below, data)
  return empty(204)
}

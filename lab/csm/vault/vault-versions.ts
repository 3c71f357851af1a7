import { mergePatch } from '../../kubernetes/merge-patch.ts'
import { mapOf } from '../problems.ts'
import { empty, notPlayed, parsed, type Reply } from '../service-route.ts'
import type { EngineAsked } from './engine-request.ts'
import type { Mount, SecretVersion } from './vault-records.ts'
import { vaultData, vaultErrors } from './vault-replies.ts'

/** What an engine with versions answers: below `data/` the values, below `metadata/` what is said of them. */
export function versionAnswers(
  asked: EngineAsked,
  now: number,
  keysBelow: (paths: Iterable<string>, path: string) => readonly string[],
): Reply {
  const { mount, below, method, query } = asked
  const [, kind, path = ''] = /^(data|metadata|undelete|destroy|delete)\/(.*)$/.exec(below) ?? []
  if (kind === 'metadata' && (method === 'LIST' || query.get('list') === 'true')) {
    const keys = keysBelow(mount.versions.keys(), path)
    return keys.length > 0 ? vaultData({ keys }) : vaultErrors(404)
  }
  if (kind === 'data') return dataAnswer(asked, path, now)
  if (kind === 'metadata' && method === 'GET') return metadata(mount, path)
  if (kind === 'metadata' && method === 'DELETE') {
    mount.versions.delete(path)
    return empty(204)
  }
  if (kind !== undefined) return notPlayed(`${method} ${kind} of an engine of Vault with versions`)
  return vaultErrors(404)
}

function dataAnswer({ mount, method, body, query }: EngineAsked, path: string, now: number): Reply {
  const versions = mount.versions.get(path) ?? []
  const current = versions.at(-1)
  if (method === 'GET') {
    const wanted = Number(query.get('version') ?? 0) || versions.length
    const found = versions[wanted - 1]
    if (!found) return vaultErrors(404)
    const data = { data: found.deleted === null ? found.data : null, metadata: said(found, wanted) }
    return vaultData(data, found.deleted === null ? 200 : 404)
  }
  if (method === 'DELETE') {
    if (current) current.deleted = now
    return empty(204)
  }
  if (method === 'PATCH' && (!current || current.deleted !== null)) return vaultErrors(404)
  const asked = mapOf(parsed(body))
  const data = mapOf(asked?.['data'])
  if (!data) return vaultErrors(400, 'no data provided')
  const cas = mapOf(asked?.['options'])?.['cas']
  if (cas !== undefined && cas !== versions.length)
    return vaultErrors(400, 'check-and-set parameter did not match the current version')
  const written: SecretVersion = {
    data: method === 'PATCH' ? (mergePatch(current!.data, data) as typeof data) : data,
    made: now,
    deleted: null,
  }
  mount.versions.set(path, [...versions, written])
  return vaultData(said(written, versions.length + 1))
}

function said({ made, deleted }: SecretVersion, version: number): Record<string, unknown> {
  return {
    created_time: new Date(made).toISOString(),
    custom_metadata: null,
    deletion_time: deleted === null ? '' : new Date(deleted).toISOString(),
    destroyed: false,
    version,
  }
}

function metadata(mount: Mount, path: string): Reply {
  const versions = mount.versions.get(path)
  if (!versions) return vaultErrors(404)
  return vaultData({
    cas_required: false,
    current_version: versions.length,
    oldest_version: 0,
    max_versions: 0,
    versions: Object.fromEntries(
      versions.map((each, index) => [String(index + 1), said(each, index + 1)]),
    ),
  })
}

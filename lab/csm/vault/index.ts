import { randomUUID } from 'node:crypto'
import { textOf } from '../../kubernetes/kubernetes-cluster.ts'
import { mapOf } from '../problems.ts'
import {
  empty,
  json,
  notPlayed,
  parsed,
  type Asked,
  type Reply,
  type Route,
  type ServiceTable,
} from '../service-route.ts'
import type { System } from '../system.ts'
import { keysBelow, valueAnswers } from './vault-values.ts'
import { newMount, type Mount } from './vault-records.ts'
import { vaultData, vaultErrors } from './vault-replies.ts'
import { versionAnswers } from './vault-versions.ts'

const source = 'vault:vault/logical_system.go'

const routes: readonly Route[] = [
  { method: 'GET', path: '/sys/health', source: 'vault:http/sys_health.go', answer: health },
  { method: 'GET', path: '/sys/mounts', source, answer: trusted(mounts) },
  { method: 'POST', path: '/sys/mounts/:mount', source, answer: trusted(mount) },
  { method: 'DELETE', path: '/sys/mounts/:mount', source, answer: trusted(unmount) },
  { method: 'GET', path: '/sys/internal/ui/mounts/:path*', source, answer: trusted(mountOf) },
  ...['GET', 'LIST', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
    method,
    path: '/:mount/:path*',
    source: 'vault:builtin/logical/kv',
    answer: trusted(engine),
  })),
]

/** Vault, at a name of its own. */
export const vault: ServiceTable = {
  name: 'vault',
  host: 'cray-vault.vault',
  port: 8200,
  token: '{ from: k8s-secret, namespace: vault, secret: cray-vault-unseal-keys, key: vault-root }',
  prefix: '/v1',
  routes,
  unplayed: [],
  answersHead: false,
  unrouted: () => vaultErrors(404),
}

/** An answer for those who bring the root token, as a header of Vault or as a bearer's. */
function trusted(answer: (asked: Asked, system: System) => Reply): Route['answer'] {
  return (asked, system) => {
    const bearer = /^Bearer (.+)$/.exec(asked.headers['authorization'] ?? '')?.[1]
    const given = asked.headers['x-vault-token'] ?? bearer
    const root = textOf(system.cluster, 'Secret', 'vault', 'cray-vault-unseal-keys', 'vault-root')
    return given === root ? answer(asked, system) : vaultErrors(403, 'permission denied')
  }
}

function health(_asked: Asked, system: System): Reply {
  return json(200, {
    initialized: true,
    sealed: false,
    standby: false,
    performance_standby: false,
    replication_performance_mode: 'disabled',
    replication_dr_mode: 'disabled',
    server_time_utc: Math.floor(system.now() / 1000),
    version: '1.13.1',
    cluster_name: 'vault-cluster-lab',
    cluster_id: randomUUID(),
  })
}

function shown({ version }: Mount): Record<string, unknown> {
  return { type: 'kv', description: '', options: { version: String(version) }, local: false }
}

function mounts(_asked: Asked, system: System): Reply {
  return vaultData(
    Object.fromEntries([...system.vault.mounts].map(([name, held]) => [`${name}/`, shown(held)])),
  )
}

function mountOf({ params }: Asked, system: System): Reply {
  const name = params['path']!.split('/')[0]!
  const held = system.vault.mounts.get(name)
  return held
    ? vaultData({ ...shown(held), path: `${name}/` })
    : vaultErrors(
        403,
        `preflight capability check returned 403, please ensure client's policies grant access to path "${params['path']}/"`,
      )
}

function mount({ params, body }: Asked, system: System): Reply {
  const name = params['mount']!
  const wanted = mapOf(parsed(body))
  if (wanted?.['type'] !== 'kv') return notPlayed('an engine of Vault other than kv')
  if (system.vault.mounts.has(name)) return vaultErrors(400, `path is already in use at ${name}/`)
  const version = mapOf(wanted['options'])?.['version'] === '2' ? 2 : 1
  system.vault.mounts.set(name, newMount(version))
  return empty(204)
}

function unmount({ params }: Asked, system: System): Reply {
  system.vault.mounts.delete(params['mount']!)
  return empty(204)
}

function engine(asked: Asked, system: System): Reply {
  const held = system.vault.mounts.get(asked.params['mount']!)
  if (!held)
    return vaultErrors(
      404,
      `no handler for route "${asked.params['mount']}/${asked.params['path']}". route entry not found.`,
    )
  const engineAsked = { ...asked, mount: held, below: asked.params['path']! }
  return held.version === 1
    ? valueAnswers(engineAsked)
    : versionAnswers(engineAsked, system.now(), keysBelow)
}

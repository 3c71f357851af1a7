import type { CephCluster, PoolSettings } from '../ceph/ceph-cluster.ts'
import { fail, ok, type Output } from './command.ts'

/** `ceph osd …`, as far as the lab plays it; null where it does not. */
export function cephOsd(
  cluster: CephCluster,
  operands: readonly string[],
  { isJson, isSure }: { readonly isJson: boolean; readonly isSure: boolean },
): Output | null {
  const [verb = '', ...rest] = operands
  if (verb === 'lspools') return ok(poolLines(cluster))
  if (verb === 'dump' && isJson) return ok(`\n${JSON.stringify(dump(cluster))}\n`)
  if (verb === 'in' || verb === 'out') return mark(cluster, verb, rest)
  if (verb !== 'pool') return null
  const [action = '', name = '', ...more] = rest
  if (action === 'ls') return listed(cluster, name === 'detail', isJson)
  if (action === 'create') return created(cluster, name, more)
  const found = cluster.settings.get(name || more[0]!)
  if (action === 'rm' || action === 'delete') return removed(cluster, name, more, isSure)
  if (action === 'set') return setting(cluster, name, more)
  if (action === 'application' && name === 'enable') {
    const [pool = '', application = ''] = more
    const settings = cluster.settings.get(pool)
    if (!settings) return unknownPool(pool)
    settings.applications.add(application)
    return ok('', `enabled application '${application}' on pool '${pool}'\n`)
  }
  return found ? null : unknownPool(name)
}

function unknownPool(name: string): Output {
  return fail(2, `Error ENOENT: unrecognized pool '${name}'\n`)
}

function poolLines({ settings }: CephCluster): string {
  return [...settings].map(([name, { id }]) => `${id} ${name}\n`).join('')
}

function listed(cluster: CephCluster, isDetailed: boolean, isJson: boolean): Output {
  const names = [...cluster.settings.keys()]
  if (!isJson) return ok(names.map((name) => `${name}\n`).join(''))
  const pools = isDetailed ? [...cluster.settings].map(([name, each]) => detail(name, each)) : names
  return ok(`\n${JSON.stringify(pools)}\n`)
}

function detail(name: string, { id, size, minSize, pgNum, applications }: PoolSettings): object {
  return {
    pool_id: id,
    pool_name: name,
    type: 1,
    size,
    min_size: minSize,
    pg_num: pgNum,
    pg_placement_num: pgNum,
    application_metadata: Object.fromEntries([...applications].map((each) => [each, {}])),
  }
}

function created(cluster: CephCluster, name: string, [pgNum = '32']: readonly string[]): Output {
  if (name === '' || !/^\d+$/.test(pgNum)) return fail(22, 'Error EINVAL: invalid command\n')
  if (cluster.settings.has(name)) return ok('', `pool '${name}' already exists\n`)
  const id = Math.max(0, ...[...cluster.settings.values()].map((each) => each.id)) + 1
  cluster.pools.set(name, new Map())
  cluster.settings.set(name, {
    id,
    size: 3,
    minSize: 2,
    pgNum: Number(pgNum),
    applications: new Set(),
  })
  return ok('', `pool '${name}' created\n`)
}

function removed(
  cluster: CephCluster,
  name: string,
  [again]: readonly string[],
  isSure: boolean,
): Output {
  if (!cluster.settings.has(name)) return ok('', `pool '${name}' does not exist\n`)
  if (again !== name || !isSure)
    return fail(
      1,
      `Error EPERM: WARNING: this will *PERMANENTLY DESTROY* all data stored in pool ${name}.  If you are *ABSOLUTELY CERTAIN* that is what you want, pass the pool name *twice*, followed by --yes-i-really-really-mean-it.\n`,
    )
  if (!cluster.allowsPoolDelete)
    return fail(
      1,
      'Error EPERM: pool deletion is disabled; you must first set the mon_allow_pool_delete config option to true before you can destroy a pool\n',
    )
  cluster.settings.delete(name)
  cluster.pools.delete(name)
  return ok('', `pool '${name}' removed\n`)
}

function setting(
  cluster: CephCluster,
  name: string,
  [key = '', value = '']: readonly string[],
): Output | null {
  const found = cluster.settings.get(name)
  if (!found) return unknownPool(name)
  const number = Number(value)
  if (!/^\d+$/.test(value))
    return fail(22, `Error EINVAL: error parsing integer value '${value}'\n`)
  if (key === 'size') {
    found.size = number
    found.minSize = Math.max(1, number - Math.floor(number / 2))
  } else if (key === 'min_size') found.minSize = number
  else if (key === 'pg_num') found.pgNum = number
  else return null
  return ok('', `set pool ${found.id} ${key} to ${value}\n`)
}

function dump(cluster: CephCluster): object {
  return {
    epoch: 100,
    fsid: cluster.fsid,
    pools: [...cluster.settings].map(([name, { id, size }]) => ({
      pool: id,
      pool_name: name,
      size,
    })),
    osds: [...cluster.osds].map(([id, each]) => ({
      osd: id,
      up: each.up ? 1 : 0,
      in: each.in ? 1 : 0,
      weight: each.in ? 1 : 0,
      state: ['exists', ...(each.up ? ['up'] : [])],
    })),
  }
}

function mark(cluster: CephCluster, verb: 'in' | 'out', ids: readonly string[]): Output {
  const said = ids.map((text) => {
    const id = Number(text.replace(/^osd\./, ''))
    const found = cluster.osds.get(id)
    if (!found) return `osd.${id} does not exist. `
    if (found.in === (verb === 'in')) return `osd.${id} is already ${verb}. `
    found.in = verb === 'in'
    return `marked ${verb} osd.${id}. `
  })
  return ok('', `${said.join('')}\n`)
}

import { keyringOf, type CephCluster } from '../ceph/ceph-cluster.ts'
import { healthOf } from '../ceph/ceph-health.ts'
import { cephOsd } from './ceph-osd.ts'
import { userOf } from './ceph-login.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

function ceph(call: Call): Output {
  const options = parse(
    call.args,
    'id= n= name= keyring= k= c= conf= cluster= o= out-file= f= format= s status version v yes-i-really-really-mean-it',
  )
  if (options.wrong) return fail(22, `ceph: ${options.wrong}\n`)
  if (options.has('version', 'v'))
    return ok('ceph version 16.2.11-58-g38d6afd3b78 (38d6afd3b78) pacific (stable)\n')
  const refused = userOf(call, options, 'ceph')
  if (refused) return refused
  const [group, verb, entity = ''] = options.operands
  const cluster = call.machine.world.ceph
  const isJson = /^json/.test(options.value('f', 'format') ?? '')
  const health = healthOf(cluster)
  if (options.has('s', 'status') || group === 'status')
    return ok(
      isJson
        ? `\n${JSON.stringify({ fsid: cluster.fsid, health })}\n`
        : `  cluster:\n    id:     ${cluster.fsid}\n    health: ${health.status}\n`,
    )
  if (group === 'health') return ok(isJson ? `\n${JSON.stringify(health)}\n` : `${health.status}\n`)
  if (group === 'df' && isJson) return ok(`\n${JSON.stringify(usage(cluster))}\n`)
  const asker = options.value('n', 'name') ?? `client.${options.value('id') ?? 'admin'}`
  const isAdmin = cluster.users.get(asker)!.caps['mon']!.startsWith('allow *')
  const reads = ['lspools', 'dump'].includes(verb ?? '') || entity === 'ls'
  if (!isAdmin && (group === 'osd' || group === 'config') && !reads)
    return fail(13, 'Error EACCES: access denied\n')
  if (group === 'config' && verb === 'set' && options.operands[3] === 'mon_allow_pool_delete') {
    cluster.allowsPoolDelete = options.operands[4] === 'true'
    return ok('')
  }
  const osd =
    group === 'osd'
      ? cephOsd(cluster, options.operands.slice(1), {
          isJson,
          isSure: options.has('yes-i-really-really-mean-it'),
        })
      : null
  if (osd) return osd
  if (group !== 'auth' || (verb !== 'get' && verb !== 'export'))
    return fail(
      22,
      'no valid command found; the rehearsal lab knows `ceph auth get`, `ceph auth export`, pools and OSDs by `ceph osd`, `ceph df`, `ceph health` and `ceph -s`\nError EINVAL: invalid command\n',
    )
  if (!isAdmin) return fail(13, 'Error EACCES: access denied\n')
  const keyring = keyringOf(cluster, entity)
  if (keyring === undefined)
    return fail(
      2,
      verb === 'get'
        ? `Error ENOENT: failed to find ${entity} in keyring\n`
        : `Error ENOENT: export auth(key) failed: failed to find ${entity} in keyring\n`,
    )
  const file = options.value('o', 'out-file')
  if (file === undefined) return ok(keyring, `exported keyring for ${entity}\n`)
  call.files.write(call.path(file), keyring)
  return ok('', `exported keyring for ${entity}\n`)
}

// Each image is some objects of its pool.
function usage(cluster: CephCluster): object {
  return {
    pools: [...cluster.settings].map(([name, { id }]) => {
      const objects = 4 * (cluster.pools.get(name)?.size ?? 0)
      return { name, id, stats: { stored: objects * 4096, objects } }
    }),
  }
}

function rados(call: Call): Output {
  const options = parse(call.args, 'id= n= name= keyring= k= c= conf= cluster= p= pool= all')
  if (options.wrong) return fail(1, `${options.wrong}\n`)
  const refused = userOf(call, options, 'rados')
  if (refused) return refused
  if (options.operands[0] !== 'ls')
    return fail(1, 'unrecognized command; the rehearsal lab knows `rados ls`\n')
  const pool = options.value('p', 'pool') ?? ''
  const images = call.machine.world.ceph.pools.get(pool)
  if (!images) return fail(1, `error opening pool ${pool}: (2) No such file or directory\n`)
  const names = ['rbd_directory', 'rbd_info']
  const objects = [...images].flatMap(([name, { id }]) => [`rbd_id.${name}`, `rbd_header.${id}`])
  return ok(images.size === 0 ? '' : [...names, ...objects].map((each) => `\t${each}\n`).join(''))
}

/** ceph, present where ceph-common is. */
export const cephCommands: readonly LabCommand[] = [
  { names: ['ceph'], package: 'ceph-common', run: ceph },
  { names: ['rados'], package: 'ceph-common', run: rados },
]

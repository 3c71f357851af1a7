import { keyringOf } from '../ceph/ceph-cluster.ts'
import { userOf } from './ceph-login.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

function ceph(call: Call): Output {
  const options = parse(
    call.args,
    'id= n= name= keyring= k= c= conf= cluster= o= out-file= f= format= s status version v',
  )
  if (options.wrong) return fail(22, `ceph: ${options.wrong}\n`)
  if (options.has('version', 'v'))
    return ok('ceph version 16.2.11-58-g38d6afd3b78 (38d6afd3b78) pacific (stable)\n')
  const refused = userOf(call, options, 'ceph')
  if (refused) return refused
  const [group, verb, entity = ''] = options.operands
  const cluster = call.machine.world.ceph
  const isJson = /^json/.test(options.value('f', 'format') ?? '')
  const health = { status: 'HEALTH_OK', checks: {}, mutes: [] }
  if (options.has('s', 'status') || group === 'status')
    return ok(
      isJson
        ? `\n${JSON.stringify({ fsid: cluster.fsid, health })}\n`
        : `  cluster:\n    id:     ${cluster.fsid}\n    health: HEALTH_OK\n`,
    )
  if (group === 'health') return ok(isJson ? `\n${JSON.stringify(health)}\n` : 'HEALTH_OK\n')
  if (group === 'osd' && (verb === 'lspools' || verb === 'pool'))
    return ok([...cluster.pools.keys()].map((pool, i) => `${i + 1} ${pool}\n`).join(''))
  if (group !== 'auth' || (verb !== 'get' && verb !== 'export'))
    return fail(
      22,
      'no valid command found; the rehearsal lab knows `ceph auth get`, `ceph auth export`, `ceph osd lspools`, `ceph health` and `ceph -s`\nError EINVAL: invalid command\n',
    )
  const asker = options.value('n', 'name') ?? `client.${options.value('id') ?? 'admin'}`
  if (!cluster.users.get(asker)!.caps['mon']!.startsWith('allow *'))
    return fail(13, 'Error EACCES: access denied\n')
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

/** ceph, present where ceph-common is. */
export const cephCommands: readonly LabCommand[] = [
  { names: ['ceph'], package: 'ceph-common', run: ceph },
]

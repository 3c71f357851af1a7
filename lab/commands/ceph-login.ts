import { type Call, fail, type Output, type Parsed } from './command.ts'

/** Why the cluster does not let a command in, or null: it wants a ceph.conf, and a keyring with the right key. */
export function userOf(
  call: Call,
  options: Parsed,
  program: 'rbd' | 'ceph' | 'rados',
): Output | null {
  const entity = options.value('n', 'name') ?? `client.${options.value('id') ?? 'admin'}`
  const conf = options.value('c', 'conf') ?? '/etc/ceph/ceph.conf'
  const keyring = options.value('keyring', 'k') ?? `/etc/ceph/ceph.${entity}.keyring`
  const lost = program === 'rbd' ? "rbd: couldn't connect to the cluster!\n" : ''
  if (!call.files.exists(call.path(conf)))
    return fail(
      2,
      `did not load config file, using default settings.\nunable to get monitor info from DNS SRV with service name: ceph-mon\n${lost || '[errno 2] RADOS object not found (error connecting to the cluster)\n'}`,
    )
  const { ceph } = call.machine.world
  if (!call.files.readText(call.path(conf)).includes(ceph.fsid))
    return fail(1, `${lost || '[errno 110] RADOS timed out (error connecting to the cluster)\n'}`)
  if (!call.files.exists(call.path(keyring)))
    return fail(
      2,
      `auth: unable to find a keyring on ${keyring}: (2) No such file or directory\n${lost || '[errno 2] RADOS object not found (error connecting to the cluster)\n'}`,
    )
  const key = new RegExp(`\\[${entity.replace('.', '\\.')}\\]\\s+key = (\\S+)`).exec(
    call.files.readText(call.path(keyring)),
  )?.[1]
  if (key === undefined || ceph.users.get(entity)?.key !== key)
    return fail(
      1,
      `monclient(hunting): handle_auth_bad_method server allowed_methods [2] but i only support [2]\n${lost || '[errno 13] RADOS permission denied (error connecting to the cluster)\n'}`,
    )
  return null
}

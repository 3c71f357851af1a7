import {
  newImage,
  usualFeatures,
  watchersOf,
  type CephCluster,
  type CephImage,
} from '../ceph/ceph-cluster.ts'
import { rbdMajor } from '../node/mounting.ts'
import { type Mapping } from '../node/machine.ts'
import { userOf } from './ceph-login.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse, type Parsed } from './command.ts'
import { setTimeout as sleep } from 'node:timers/promises'

interface Asked {
  readonly call: Call
  readonly options: Parsed
  readonly cluster: CephCluster
  readonly operands: readonly string[]
  readonly json: boolean
}

const flags =
  'id= n= name= keyring= k= c= conf= m= format= pretty-format no-progress s= size= image-feature= image-format= o= options= exclusive p= pool= image= force read-only t= device-type= cluster='

async function rbd(call: Call): Promise<Output> {
  const options = parse(call.args, flags)
  if (options.wrong) return fail(22, `rbd: ${options.wrong}\n`)
  const [first = '', second = '', ...rest] = options.operands
  const words: Readonly<Record<string, string>> = {
    'device map': 'map',
    'device unmap': 'unmap',
    'device list': 'showmapped',
    'device ls': 'showmapped',
    'feature disable': 'feature disable',
    'feature enable': 'feature enable',
  }
  const long = words[`${first} ${second}`]
  const verb = long ?? (first === 'list' ? 'ls' : first === 'remove' ? 'rm' : first)
  const operands = long === undefined ? [second, ...rest].filter((each) => each !== '') : rest
  const asked: Asked = {
    call,
    options,
    cluster: call.machine.world.ceph,
    operands,
    json: options.value('format') === 'json',
  }
  if (verb === '' || call.args.includes('--version'))
    return ok('ceph version 16.2.11-58-g38d6afd3b78 (38d6afd3b78) pacific (stable)\n')
  if (verb === 'showmapped') return showmapped(asked)
  if (verb === 'unmap') return unmap(asked)
  const refused = userOf(call, options, 'rbd')
  if (refused) return refused
  const act = verbs[verb]
  return act ? act(asked) : fail(1, `error: unknown option '${verb}'\n`)
}

const verbs: Readonly<Record<string, (asked: Asked) => Output | Promise<Output>>> = {
  create,
  info,
  status,
  ls,
  rm,
  map,
  diff,
  resize,
  'feature disable': (asked) => feature(asked, false),
  'feature enable': (asked) => feature(asked, true),
}

// `pool/image`; without a pool rbd takes one named rbd.
function specOf({ options, operands }: Asked): { readonly pool: string; readonly name: string } {
  const spec = options.value('image') ?? operands[0] ?? ''
  const [pool, name] = spec.includes('/')
    ? (spec.split('/', 2) as [string, string])
    : [options.value('p', 'pool') ?? 'rbd', spec]
  return { pool, name }
}

function opened(
  asked: Asked,
): { readonly image: CephImage; readonly pool: string; readonly name: string } | Output {
  const { pool, name } = specOf(asked)
  const images = asked.cluster.pools.get(pool)
  if (!images) return fail(2, `rbd: error opening pool '${pool}': (2) No such file or directory\n`)
  const image = images.get(name)
  return image
    ? { image, pool, name }
    : fail(2, `rbd: error opening image ${name}: (2) No such file or directory\n`)
}

function sizeOf(text: string | undefined): number | null {
  const match = /^(\d+)([MGTB]?)$/i.exec(text ?? '')
  const unit: Readonly<Record<string, number>> = {
    b: 1,
    '': 2 ** 20,
    m: 2 ** 20,
    g: 2 ** 30,
    t: 2 ** 40,
  }
  return match ? Number(match[1]) * unit[match[2]!.toLowerCase()]! : null
}

function create(asked: Asked): Output {
  const { pool, name } = specOf(asked)
  const size = sizeOf(asked.options.value('s', 'size'))
  if (size === null) return fail(22, 'rbd: must specify --size <M/G/T>\n')
  const images = asked.cluster.pools.get(pool)
  if (!images) return fail(2, `rbd: error opening pool '${pool}': (2) No such file or directory\n`)
  if (images.has(name))
    return fail(
      17,
      `${said('librbd')}rbd image ${name} already exists\n\nrbd: create error: (17) File exists\n`,
    )
  const features = asked.options.all('image-feature').flatMap((each) => each.split(','))
  images.set(name, newImage(asked.cluster, size, features.length > 0 ? features : usualFeatures))
  return ok()
}

function feature(asked: Asked, on: boolean): Output {
  const found = opened(asked)
  if ('exitCode' in found) return found
  const names = asked.operands.slice(1)
  if (names.some((each) => found.image.features.has(each) === on))
    return fail(
      22,
      `rbd: failed to update image features: ${said('librbd::Operations')}one or more requested features are already ${on ? 'enabled' : 'disabled'}\n\n(22) Invalid argument\n`,
    )
  for (const each of names) {
    if (on) found.image.features.add(each)
    else found.image.features.delete(each)
  }
  return ok()
}

function resize(asked: Asked): Output {
  const found = opened(asked)
  if ('exitCode' in found) return found
  const size = sizeOf(asked.options.value('s', 'size'))
  if (size === null) return fail(22, 'rbd: must specify --size <M/G/T>\n')
  if (size < found.image.size)
    return fail(22, 'rbd: shrinking an image is only allowed with the --allow-shrink flag\n')
  found.image.size = size
  return ok()
}

function info(asked: Asked): Output {
  const found = opened(asked)
  if ('exitCode' in found) return found
  const { image, name } = found
  const stamp = new Date(image.created).toUTCString()
  const objects = Math.ceil(image.size / 2 ** 22)
  if (!asked.json)
    return ok(
      `rbd image '${name}':\n\tsize ${image.size / 2 ** 30} GiB in ${objects} objects\n\torder 22 (4 MiB objects)\n\tsnapshot_count: 0\n\tid: ${image.id}\n\tblock_name_prefix: rbd_data.${image.id}\n\tformat: 2\n\tfeatures: ${[...image.features].join(', ')}\n\top_features: \n\tflags: \n\tcreate_timestamp: ${stamp}\n`,
    )
  return printed({
    name,
    id: image.id,
    size: image.size,
    objects,
    order: 22,
    object_size: 2 ** 22,
    snapshot_count: 0,
    block_name_prefix: `rbd_data.${image.id}`,
    format: 2,
    features: [...image.features],
    op_features: [],
    flags: [],
    create_timestamp: stamp,
    access_timestamp: stamp,
    modify_timestamp: stamp,
  })
}

function status(asked: Asked): Output {
  const found = opened(asked)
  if ('exitCode' in found) return found
  const watchers = watchersOf(asked.cluster, found.image).map(({ address, client, cookie }) => ({
    address,
    client,
    cookie,
  }))
  if (asked.json) return printed({ watchers })
  return ok(
    watchers.length === 0
      ? 'Watchers: none\n'
      : `Watchers:\n${watchers.map((each) => `\twatcher=${each.address} client.${each.client} cookie=${each.cookie}\n`).join('')}`,
  )
}

function ls(asked: Asked): Output {
  const pool = asked.operands[0] ?? asked.options.value('p', 'pool') ?? 'rbd'
  const images = asked.cluster.pools.get(pool)
  if (!images) return fail(2, `rbd: error opening pool '${pool}': (2) No such file or directory\n`)
  const names = [...images.keys()].sort()
  return asked.json ? printed(names) : ok(names.map((name) => `${name}\n`).join(''))
}

function rm(asked: Asked): Output {
  const found = opened(asked)
  if ('exitCode' in found)
    return fail(
      found.exitCode,
      found.stderr.replace(/^rbd: error opening image .*?:/, 'rbd: delete error:'),
    )
  if (watchersOf(asked.cluster, found.image).length > 0) {
    return fail(
      16,
      `${said('librbd::image::PreRemoveRequest')}handle_exclusive_lock: cannot obtain exclusive lock - not removing\n\nrbd: error: image still has watchers\nThis means the image is still open or the client using it crashed. Try again after closing/unmapping it or waiting 30s for the crashed client to timeout.\n`,
    )
  }
  asked.cluster.pools.get(found.pool)!.delete(found.name)
  return ok()
}

// Without a snapshot to begin with it lists all that was ever written and not discarded.
function diff(asked: Asked): Output {
  const found = opened(asked)
  if ('exitCode' in found) return found
  const { image } = found
  const rows =
    image.written || image.content
      ? [{ offset: 0, length: Math.min(image.size, 2 ** 22), exists: 'true' }]
      : []
  if (asked.json) return printed(rows)
  return ok(rows.length === 0 ? '' : `Offset Length  Type \n0      ${rows[0]!.length} data \n`)
}

function printed(value: unknown): Output {
  return ok(`${JSON.stringify(value)}\n`)
}

// A line of Ceph's own log, which its commands write to stderr.
function said(part: string): string {
  return `${new Date().toISOString().replace('Z', '+0000')} 7f6b2ba05380 -1 ${part}: `
}

// Not held against what is mapped already: a second map is a second device.
async function map(asked: Asked): Promise<Output> {
  const { call, options, cluster } = asked
  const { machine } = call
  if (call.files.who.uid !== 0)
    return fail(1, 'rbd: sysfs write failed\nrbd: map failed: (13) Permission denied\n')
  const found = opened(asked)
  if ('exitCode' in found) return found
  const { image, pool, name } = found
  const unknown = ['object-map', 'fast-diff', 'deep-flatten'].filter((each) =>
    image.features.has(each),
  )
  if (unknown.length > 0)
    return fail(
      6,
      `rbd: sysfs write failed\nRBD image feature set mismatch. You can disable features unsupported by the kernel with "rbd feature disable ${pool}/${name} ${unknown.join(' ')}".\nrbd: map failed: (6) No such device or address\n`,
    )
  const beside = machine.mappings.find((each) => each.image === image)
  const warned = beside ? `rbd: warning: image already mapped as /dev/rbd${beside.id}\n` : ''
  const exclusive =
    options.has('exclusive') ||
    options.all('o', 'options').some((each) => each.split(',').includes('exclusive'))
  // Mapping takes the lock, in any mode: that of a machine that died is broken when its watch has run out.
  while (watchersOf(cluster, image).some((each) => each.lost !== null)) {
    await sleep(50, undefined, { signal: call.signal }).catch(() => {})
    if (call.signal.aborted) return fail(137, '')
  }
  // A client that mapped it exclusively gives the lock to no other, not even to another device of the same host.
  if (watchersOf(cluster, image).some((each) => each.exclusive)) {
    return {
      stdout: 'In some cases useful info is found in syslog - try "dmesg | tail".\n',
      stderr: `${warned}rbd: sysfs write failed\nrbd: map failed: (30) Read-only file system\n`,
      exitCode: 30,
    }
  }
  const client = (cluster.lastClient += 7)
  const watcher = {
    address: `${machine.world.address(machine.spec.name)}:0/${1_000_000 + client}`,
    client,
    cookie: 18_446_462_598_732_840_000 + client,
    exclusive,
    lost: null,
  }
  let id = 0
  while (machine.mappings.some((each) => each.id === id)) id++
  const mapping: Mapping = { id, pool, name, device: [rbdMajor, id * 16], image, watcher }
  image.watchers.add(watcher)
  machine.mappings.push(mapping)
  for (const module of ['libceph', 'rbd']) {
    machine.modules.add(module)
    call.files.mkdirs(`/sys/module/${module}/parameters`, 0o755)
  }
  call.files.place(
    `/dev/rbd${id}`,
    machine.tree.make('block', 0o660, 0, 6, { device: mapping.device }),
  )
  tellMapping(asked, mapping)
  call.files.mkdirs(`/dev/rbd/${pool}`, 0o755)
  if (call.files.exists(`/dev/rbd/${pool}/${name}`)) call.files.unlink(`/dev/rbd/${pool}/${name}`)
  call.files.symlink(`../../rbd${id}`, `/dev/rbd/${pool}/${name}`)
  return { ...ok(`/dev/rbd${id}\n`), stderr: warned }
}

// As whom an image was mapped, the kernel tells root.
function tellMapping({ call, options }: Asked, { id, pool, name }: Mapping): void {
  const { machine } = call
  const about = `/sys/bus/rbd/devices/${id}`
  call.files.mkdirs(about, 0o755)
  call.files.place(
    `${about}/config_info`,
    machine.tree.make('file', 0o400, 0, 0, {
      live: () =>
        `${machine.world.address(machine.spec.name)}:6789 name=${options.value('id') ?? options.value('n', 'name')?.replace(/^client\./, '') ?? 'admin'},key=client ${pool} ${name} -\n`,
    }),
  )
}

function unmap(asked: Asked): Output {
  const { call, operands } = asked
  const { machine } = call
  if (call.files.who.uid !== 0)
    return fail(1, 'rbd: sysfs write failed\nrbd: unmap failed: (13) Permission denied\n')
  const given = operands[0] ?? ''
  const { pool, name } = specOf(asked)
  const mapping = machine.mappings.find((each) =>
    given.startsWith('/dev/')
      ? `/dev/rbd${each.id}` === given || `/dev/rbd/${each.pool}/${each.name}` === given
      : each.pool === pool && each.name === name,
  )
  if (!mapping)
    return fail(
      22,
      `rbd: ${given.startsWith('/dev/') ? (call.files.exists(given) ? `${given}: not a mapped device` : `'${given}' is not a block device`) : `${pool}/${name}: not a mapped image or snapshot`}\nrbd: unmap failed: (22) Invalid argument\n`,
    )
  if (machine.mounts.some((each) => each.device.join() === mapping.device.join()))
    return fail(16, 'rbd: sysfs write failed\nrbd: unmap failed: (16) Device or resource busy\n')
  machine.mappings.splice(machine.mappings.indexOf(mapping), 1)
  mapping.image.watchers.delete(mapping.watcher)
  call.files.unlink(`/dev/rbd${mapping.id}`)
  call.files.removeAll(`/sys/bus/rbd/devices/${mapping.id}`)
  if (call.files.exists(`/dev/rbd/${mapping.pool}`))
    call.files.removeAll(`/dev/rbd/${mapping.pool}`)
  for (const other of machine.mappings.filter((each) => each.pool === mapping.pool)) {
    call.files.mkdirs(`/dev/rbd/${other.pool}`, 0o755)
    if (!call.files.list(`/dev/rbd/${other.pool}`).includes(other.name))
      call.files.symlink(`../../rbd${other.id}`, `/dev/rbd/${other.pool}/${other.name}`)
  }
  return ok()
}

// From sysfs: no cluster, no keyring.
function showmapped({ call, json }: Asked): Output {
  const rows = call.machine.mappings.map((each) => ({
    id: String(each.id),
    pool: each.pool,
    namespace: '',
    name: each.name,
    snap: '-',
    device: `/dev/rbd${each.id}`,
  }))
  if (json) return printed(rows)
  if (rows.length === 0) return ok()
  return ok(
    `id  pool  namespace  image  snap  device\n${rows.map((each) => `${each.id}   ${each.pool}             ${each.name}  -     ${each.device}\n`).join('')}`,
  )
}

/** rbd, present where ceph-common is. */
export const rbdCommands: readonly LabCommand[] = [
  { names: ['rbd'], package: 'ceph-common', run: rbd },
]

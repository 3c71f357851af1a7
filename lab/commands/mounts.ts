import { attach, detach, mappingOf } from '../node/mounting.ts'
import type { Machine, Mount } from '../node/machine.ts'
import { FileError, type Attached, type Inode } from '../node/file-tree.ts'
import { mountOf } from './stat-command.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

interface Place {
  readonly inode: Inode
  readonly mount: Attached | null
  readonly path: string
}

/** Where an operand leads; null where nothing is there. */
export function placeAt(call: Call, operand: string): Place | null {
  try {
    return {
      ...call.files.locate(call.path(operand)),
      path: call.files.realpath(call.path(operand)),
    }
  } catch (error) {
    if (error instanceof FileError) return null
    throw error
  }
}

/** The mount through which a place is seen. */
function mountAround(call: Call, place: Place): Mount {
  return (
    call.machine.mounts.find(
      (mount) => mount.attached !== null && mount.attached === place.mount,
    ) ?? mountOf(call, place.path)
  )
}

const flagPairs: Readonly<Record<string, string>> = {
  ro: 'rw',
  rw: 'ro',
  noatime: 'relatime',
  relatime: 'noatime',
  suid: 'nosuid',
  dev: 'nodev',
  exec: 'noexec',
  nosuid: '',
  nodev: '',
  noexec: '',
  nodiratime: '',
}
const silent = new Set([
  'defaults',
  'bind',
  'rbind',
  'remount',
  'rw',
  'suid',
  'dev',
  'exec',
  'auto',
  'noauto',
  'loop',
])

function optionsText(before: string, given: readonly string[]): string {
  let flags = before.split(',')
  for (const flag of given) {
    if (!Object.hasOwn(flagPairs, flag)) continue
    flags = flags.filter((each) => each !== flagPairs[flag] && each !== flag)
    if (flag === 'rw') flags.unshift('rw')
    else if (flag === 'ro') flags.unshift('ro')
    else if (!silent.has(flag)) flags.push(flag)
  }
  return flags.join(',')
}

function mount(call: Call): Output {
  const options = parse(
    call.args,
    'B bind R rbind t= types= o= options= a all v verbose n no-mtab r read-only w rw L= U= source= target= make-private make-rprivate',
  )
  if (options.wrong)
    return fail(1, `mount: ${options.wrong}\nTry 'mount --help' for more information.\n`)
  if (options.operands.length === 0)
    return ok(
      call.machine.mounts
        .map((each) => `${each.source} on ${each.target} type ${each.type} (${each.options})\n`)
        .join(''),
    )
  const target = options.operands[1] ?? options.operands[0]!
  if (call.files.who.uid !== 0)
    return fail(1, `mount: ${target}: must be superuser to use mount.\n`)
  const given = [
    ...options.all('o', 'options').flatMap((each) => each.split(',')),
    ...(options.has('r', 'read-only') ? ['ro'] : []),
  ]
  const place = placeAt(call, target)
  if (!place) return fail(32, `mount: ${target}: mount point does not exist.\n`)
  if (given.includes('remount')) return remount(call, place, target, given)
  if (options.operands.length < 2) return fail(1, `mount: ${target}: can't find in /etc/fstab.\n`)
  const [source] = options.operands as [string, string]
  if (options.has('B', 'bind', 'R', 'rbind') || given.includes('bind') || given.includes('rbind'))
    return bind(call, source, target, place, given)
  const type = options.value('t', 'types')
  if (type === 'tmpfs' || type === 'ramfs') {
    const minor =
      Math.max(...call.machine.mounts.map((each) => (each.device[0] === 0 ? each.device[1] : 0))) +
      1
    const top = call.machine.tree.make(
      'directory',
      Number.parseInt(given.find((each) => each.startsWith('mode='))?.slice(5) ?? '1777', 8),
      0,
      0,
    )
    attach(
      call.machine,
      { parent: place.mount, at: place.inode },
      top,
      {
        source,
        target: place.path,
        type,
        options: optionsText('rw,relatime', given),
        root: '/',
        device: [0, minor],
        size: 128 * 2 ** 30,
        used: 0,
      },
      null,
    )
    return ok()
  }
  return mountDevice(call, source, target, place, given, type)
}

function remount(call: Call, place: Place, target: string, given: readonly string[]): Output {
  const at = call.machine.mounts.find(
    (each) =>
      each.target === place.path && (each.attached === null || each.attached === place.mount),
  )
  if (!at || (at.attached !== null && place.mount?.top !== place.inode))
    return fail(32, `mount: ${target}: mount point not mounted or bad option.\n`)
  call.machine.mounts[call.machine.mounts.indexOf(at)] = {
    ...at,
    options: optionsText(at.options, given),
  }
  return ok()
}

// A bind lies over whatever is there: done twice, it is there twice.
function bind(
  call: Call,
  source: string,
  target: string,
  place: Place,
  given: readonly string[],
): Output {
  const origin = placeAt(call, source)
  if (!origin) return fail(32, `mount: ${target}: special device ${source} does not exist.\n`)
  if ((origin.inode.kind === 'directory') !== (place.inode.kind === 'directory'))
    return fail(32, `mount: ${target}: mount(2) system call failed: Not a directory.\n`)
  const from = mountAround(call, origin)
  const rest = from.target === '/' ? origin.path : origin.path.slice(from.target.length)
  const root = `${from.root === '/' ? '' : from.root}${rest === '/' ? '' : rest}` || '/'
  attach(
    call.machine,
    { parent: place.mount, at: place.inode },
    origin.inode,
    {
      source: from.source,
      target: place.path,
      type: from.type,
      options: optionsText(from.options, given),
      root,
      device: from.device,
      size: from.size,
      used: from.used,
    },
    from.fileSystem,
  )
  return ok()
}

function mountDevice(
  call: Call,
  source: string,
  target: string,
  place: Place,
  given: readonly string[],
  type: string | undefined,
): Output {
  const device = placeAt(call, source)
  if (!device) return fail(32, `mount: ${target}: special device ${source} does not exist.\n`)
  if (device.inode.kind !== 'block')
    return fail(32, `mount: ${target}: ${source} is not a block device.\n`)
  const content = mappingOf(call.machine, device.inode)?.image.content
  if (!content || (type !== undefined && type !== content.type))
    return fail(
      32,
      `mount: ${target}: wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.\n`,
    )
  if (content.damaged)
    return fail(32, `mount: ${target}: mount(2) system call failed: Structure needs cleaning.\n`)
  const here = call.machine.mounts.some(
    (each) => each.target === place.path && each.device.join() === device.inode.device.join(),
  )
  if (here) return fail(32, `mount: ${target}: ${source} already mounted on ${place.path}.\n`)
  attach(
    call.machine,
    { parent: place.mount, at: place.inode },
    content.top,
    {
      source: device.path,
      target: place.path,
      type: content.type,
      options: optionsText('rw,relatime', given),
      root: '/',
      device: device.inode.device,
      size: content.image!.size,
      used: 24 * 2 ** 20,
    },
    content,
  )
  return ok()
}

function umount(call: Call): Output {
  const options = parse(call.args, 'l lazy f force R recursive v verbose n a all t= O= q quiet')
  if (options.wrong)
    return fail(1, `umount: ${options.wrong}\nTry 'umount --help' for more information.\n`)
  if (options.operands.length === 0)
    return fail(1, "umount: bad usage\nTry 'umount --help' for more information.\n")
  let stderr = ''
  for (const operand of options.operands) stderr += unmountOne(call, operand)
  return { stdout: '', stderr, exitCode: stderr === '' ? 0 : 32 }
}

function unmountOne(call: Call, operand: string): string {
  if (call.files.who.uid !== 0) return `umount: ${operand}: must be superuser to unmount.\n`
  const place = placeAt(call, operand)
  if (!place) return `umount: ${operand}: no mount point specified.\n`
  const top =
    place.inode.kind === 'block'
      ? call.machine.mounts
          .filter((each) => each.device.join() === place.inode.device.join())
          .at(-1)
      : topAt(call.machine, place)
  if (!top) return `umount: ${operand}: not mounted.\n`
  const carries = call.machine.mounts.some((each) => each.parent === top.id)
  const isUsed = top.target === '/var/lib/containers' && call.machine.containers.length > 0
  if (top.attached === null || carries || isUsed) return `umount: ${operand}: target is busy.\n`
  detach(call.machine, top)
  return ''
}

function topAt(machine: Machine, place: Place): Mount | undefined {
  if (place.mount?.top === place.inode)
    return machine.mounts.find((each) => each.attached === place.mount)
  return machine.mounts.find((each) => each.attached === null && each.target === place.path)
}

const columns: Readonly<Record<string, (mount: Mount) => string>> = {
  target: (each) => each.target,
  source: (each) => (each.root === '/' ? each.source : `${each.source}[${each.root}]`),
  fstype: (each) => each.type,
  options: (each) => each.options,
  fsroot: (each) => each.root,
  'maj:min': (each) => each.device.join(':'),
}

function findmnt(call: Call): Output {
  const options = parse(
    call.args,
    'J json n noheadings o= output= M= mountpoint= T= target= S= source= r raw l list t= types= P pairs k kernel? D df',
  )
  if (options.wrong)
    return fail(1, `findmnt: ${options.wrong}\nTry 'findmnt --help' for more information.\n`)
  const names = (options.value('o', 'output') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS')
    .toLowerCase()
    .split(',')
  const unknown = names.find((name) => !Object.hasOwn(columns, name))
  if (unknown !== undefined) return fail(1, `findmnt: unknown column: ${unknown}\n`)
  const at = options.value('M', 'mountpoint')
  const around = options.value('T', 'target')
  const source = options.value('S', 'source')
  const either = options.operands[0]
  const rows = call.machine.mounts.filter((each) => {
    if (at !== undefined) return each.target === call.path(at)
    if (around !== undefined)
      return (
        each ===
        mountOf(
          call,
          call.files.exists(call.path(around))
            ? call.files.realpath(call.path(around))
            : call.path(around),
        )
      )
    if (source !== undefined) return each.source === source
    return either === undefined || each.target === call.path(either) || each.source === either
  })
  if (rows.length === 0) return fail(1, '')
  if (options.has('J', 'json'))
    return ok(
      `${JSON.stringify({ filesystems: rows.map((each) => Object.fromEntries(names.map((name) => [name, columns[name]!(each)]))) }, null, 3)}\n`,
    )
  const title = options.has('n', 'noheadings') ? '' : `${names.join(' ').toUpperCase()}\n`
  return ok(
    title + rows.map((each) => `${names.map((name) => columns[name]!(each)).join(' ')}\n`).join(''),
  )
}

/** Commands of mounts. */
export const mountCommands: readonly LabCommand[] = [
  { names: ['mount'], run: mount },
  { names: ['umount'], run: umount },
  { names: ['findmnt'], run: findmnt },
]

import type { CephImage } from '../ceph/ceph-cluster.ts'
import { mappingOf } from '../node/mounting.ts'
import { randomUUID } from 'node:crypto'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

import { placeAt } from './mounts.ts'

function blkid(call: Call): Output {
  const options = parse(
    call.args,
    'p probe o= output= s= match-tag= c= cache-file= u= usages= n= L= U= g l',
  )
  if (options.wrong) return fail(4, `blkid: ${options.wrong}\n`)
  const devices =
    options.operands.length > 0
      ? options.operands
      : call.machine.mappings.map(({ id }) => `/dev/rbd${id}`)
  let stdout = ''
  for (const device of devices) {
    const place = placeAt(call, device)
    const content =
      place && call.files.allowed(place.inode, 4)
        ? mappingOf(call.machine, place.inode)?.image.content
        : undefined
    if (!content) continue
    const tags = {
      UUID: content.uuid,
      ...(content.label === '' ? {} : { LABEL: content.label }),
      ...(options.has('p', 'probe') && content.type !== 'xfs' ? { VERSION: '1.0' } : {}),
      BLOCK_SIZE: '4096',
      TYPE: content.type,
      ...(options.has('p', 'probe') ? { USAGE: 'filesystem' } : {}),
    }
    const wanted = options.all('s', 'match-tag')
    const shown = Object.entries(tags).filter(
      ([tag]) => wanted.length === 0 || wanted.includes(tag),
    )
    const format = options.value('o', 'output')
    if (format === 'value') stdout += shown.map(([, value]) => `${value}\n`).join('')
    else if (format === 'export')
      stdout += `DEVNAME=${device}\n${shown.map(([tag, value]) => `${tag}=${value}\n`).join('')}`
    else stdout += `${device}: ${shown.map(([tag, value]) => `${tag}="${value}"`).join(' ')}\n`
  }
  return { stdout, stderr: '', exitCode: stdout === '' ? 2 : 0 }
}

// As on a real node: without a terminal mkfs.ext4 does not ask, and only the device that is itself mounted is safe from it.
function mkfs(call: Call): Output {
  const type = call.name.slice('mkfs.'.length)
  const options = parse(call.args, 'L= q f F b= m= E= O= t= i= T= j c v n K U= N= I= J=')
  if (options.wrong) return fail(1, `${call.name}: ${options.wrong}\n`)
  const [device] = options.operands
  if (device === undefined) return fail(1, `Usage: ${call.name} [options] device\n`)
  const place = placeAt(call, device)
  if (!place)
    return fail(
      1,
      `mke2fs 1.46.4 (18-Aug-2021)\nThe file ${device} does not exist and no size was specified.\n`,
    )
  const mapping = mappingOf(call.machine, place.inode)
  if (!mapping) return fail(1, `${device} is not a block special device.\n`)
  if (!call.files.allowed(place.inode, 2))
    return fail(1, `Could not open ${device}: Permission denied\n`)
  if (call.machine.mounts.some((each) => each.device.join() === mapping.device.join()))
    return fail(1, `${device} is mounted; will not make a filesystem here!\n`)
  const { image } = mapping
  if (type === 'xfs' && image.content && !options.has('f'))
    return fail(
      1,
      `mkfs.xfs: ${device} appears to contain an existing filesystem (${image.content.type}).\nmkfs.xfs: Use the -f option to force overwrite.\n`,
    )
  const top = call.machine.tree.make('directory', 0o755, 0, 0)
  if (type !== 'xfs')
    top.children.set('lost+found', call.machine.tree.make('directory', 0o700, 0, 0))
  image.content = {
    type,
    uuid: randomUUID(),
    label: options.value('L') ?? '',
    top,
    damaged: false,
    image,
    mounted: new Map(),
  }
  image.written = true
  if (options.has('q')) return ok()
  return ok(
    `Creating filesystem with ${Math.floor(image.size / 4096)} 4k blocks\nFilesystem UUID: ${image.content.uuid}\nWriting superblocks and filesystem accounting information: done\n`,
    'mke2fs 1.46.4 (18-Aug-2021)\n',
  )
}

function wipefs(call: Call): Output {
  const options = parse(call.args, 'a all n no-act f force J json q quiet')
  let stdout = ''
  for (const device of options.operands) {
    const place = placeAt(call, device)
    const image = place ? mappingOf(call.machine, place.inode)?.image : undefined
    if (!image)
      return fail(
        1,
        `wipefs: error: ${device}: probing initialization failed: No such file or directory\n`,
      )
    if (!image.content) {
      if (options.has('J', 'json')) stdout += '{\n   "signatures": [\n\n   ]\n}\n'
      continue
    }
    if (call.machine.mounts.some((each) => each.device.join() === place!.inode.device.join()))
      return fail(
        1,
        `wipefs: error: ${device}: probing initialization failed: Device or resource busy\n`,
      )
    if (!options.has('a', 'all'))
      stdout += `${device}: ${image.content.type} ${image.content.uuid}\n`
    else if (!options.has('n', 'no-act')) image.content = null
  }
  return ok(stdout)
}

function imageAt(call: Call, device: string | undefined): CephImage | undefined {
  const place = device === undefined ? null : placeAt(call, device)
  return place ? mappingOf(call.machine, place.inode)?.image : undefined
}

function blockdev(call: Call): Output {
  const options = parse(call.args, 'getsize64 getsz flushbufs')
  const [device] = options.operands
  const image = imageAt(call, device)
  if (!image) return fail(1, `blockdev: cannot open ${device ?? ''}: No such file or directory\n`)
  if (options.has('flushbufs')) return ok()
  return ok(`${options.has('getsize64') ? image.size : image.size / 512}\n`)
}

// What is written lies behind a gap, where no signature is.
function cmp(call: Call): Output {
  const options = parse(call.args, 'n= bytes= i= ignore-initial= s quiet silent')
  const [device, other] = options.operands
  const image = imageAt(call, device)
  if (!image || other !== '/dev/zero')
    return fail(2, `cmp: ${image ? (other ?? '') : (device ?? '')}: No such file or directory\n`)
  return image.written || image.content
    ? { stdout: `${device} ${other} differ: byte 1025, line 1\n`, stderr: '', exitCode: 1 }
    : ok()
}

function blkdiscard(call: Call): Output {
  const options = parse(call.args, 'z zeroout f force')
  const [device] = options.operands
  const image = imageAt(call, device)
  if (!image) return fail(1, `blkdiscard: cannot open ${device ?? ''}: No such file or directory\n`)
  const { inode } = placeAt(call, device!)!
  if (call.machine.mounts.some((each) => each.device.join() === inode.device.join()))
    return fail(1, `blkdiscard: cannot open ${device}: Device or resource busy\n`)
  image.content = null
  image.written = false
  return ok()
}

/** Commands of block devices and the file systems on them. */
export const blockDeviceCommands: readonly LabCommand[] = [
  { names: ['blkid'], system: true, run: blkid },
  { names: ['blockdev'], system: true, run: blockdev },
  { names: ['blkdiscard'], system: true, run: blkdiscard },
  { names: ['cmp'], run: cmp },
  { names: ['mkfs.ext2', 'mkfs.ext3', 'mkfs.ext4', 'mkfs.xfs'], system: true, run: mkfs },
  { names: ['wipefs'], system: true, run: wipefs },
]

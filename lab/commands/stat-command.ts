import { groupName, userName } from '../node/account-files.ts'
import { type Inode } from '../node/file-tree.ts'
import { type Call, fail, forEach, type LabCommand, type Output, parse } from './command.ts'

const kindBits: Readonly<Record<Inode['kind'], number>> = {
  fifo: 0o10000,
  character: 0o20000,
  directory: 0o40000,
  block: 0o60000,
  file: 0o100000,
  link: 0o120000,
  socket: 0o140000,
}
const kindNames: Readonly<Record<Inode['kind'], string>> = {
  fifo: 'fifo',
  character: 'character special file',
  directory: 'directory',
  block: 'block special file',
  file: 'regular file',
  link: 'symbolic link',
  socket: 'socket',
}
const kindLetters: Readonly<Record<Inode['kind'], string>> = {
  fifo: 'p',
  character: 'c',
  directory: 'd',
  block: 'b',
  file: '-',
  link: 'l',
  socket: 's',
}

/** `drwxr-xr-x`. */
export function modeText(inode: Inode): string {
  const bit = (shift: number, letter: string): string => ((inode.mode >> shift) & 1 ? letter : '-')
  const special = (shift: number, run: number, set: string): string =>
    (inode.mode >> shift) & 1 ? ((inode.mode >> run) & 1 ? set : set.toUpperCase()) : bit(run, 'x')
  return `${kindLetters[inode.kind]}${bit(8, 'r')}${bit(7, 'w')}${special(11, 6, 's')}${bit(5, 'r')}${bit(4, 'w')}${special(10, 3, 's')}${bit(2, 'r')}${bit(1, 'w')}${special(9, 0, 't')}`
}

/** The size of a file as `stat` tells it. */
export function sizeOf(inode: Inode): number {
  if (inode.kind === 'directory') return 4096
  if (inode.kind === 'link') return Buffer.byteLength(inode.target)
  return inode.live || inode.kind !== 'file' ? 0 : inode.content.length
}

/** The mount that a path lies on: the longest target that leads to it, the last of equal ones. */
export function mountOf(call: Call, path: string): Call['machine']['mounts'][number] {
  const inside = call.machine.mounts.filter(
    (mount) =>
      path === mount.target || path.startsWith(mount.target === '/' ? '/' : `${mount.target}/`),
  )
  return inside.reduce((best, mount) => (mount.target.length >= best.target.length ? mount : best))
}

function deviceNumber([major, minor]: readonly [number, number]): number {
  return major * 256 + minor
}

/** `stat` of GNU, or of BSD where the node has BSD's tools. */
function stat(call: Call): Output {
  if (isBsd(call)) return bsdStat(call)
  const options = parse(call.args, 'L dereference c= format= printf= f file-system t terse')
  if (options.wrong)
    return fail(1, `stat: ${options.wrong}\nTry 'stat --help' for more information.\n`)
  if (options.operands.length === 0)
    return fail(1, "stat: missing operand\nTry 'stat --help' for more information.\n")
  const format = options.value('c', 'format')
  const printf = options.value('printf')
  return forEach(
    'stat',
    options.operands,
    (operand) => {
      const path = call.path(operand)
      const inode = options.has('L', 'dereference')
        ? call.files.stat(trailing(operand, path))
        : call.files.lstat(trailing(operand, path))
      const fields = statFields(call, operand, path, inode)
      if (printf !== undefined)
        return filled(
          printf.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\0/g, '\0'),
          fields,
        )
      return `${filled(format ?? '  File: %N\n  Size: %s\tBlocks: %b\tIO Block: 4096 %F\nDevice: %D\tInode: %i\tLinks: %h\nAccess: (%04a/%A)  Uid: (%u/%U)   Gid: (%g/%G)\nModify: %y', fields)}\n`
    },
    (operand, text) => `cannot statx '${operand}': ${text}`,
  )
}

/** A node with this folder has the tools of BSD, as macOS has. */
const bsdFolder = '/System/Library/CoreServices'

/** Whether the tools of a node are those of BSD. */
function isBsd({ files }: Pick<Call, 'files'>): boolean {
  return files.exists(bsdFolder)
}

/** The stat of BSD and macOS: `-f` takes fields of other letters, with a form and a part before them. */
function bsdStat(call: Call): Output {
  const options = parse(call.args, 'L F l n q r s x f= t=')
  if (options.wrong)
    return fail(
      1,
      `stat: illegal option -- ${/'(.)'/.exec(options.wrong)?.[1] ?? '?'}\nusage: stat [-FLnq] [-f format | -l | -r | -s | -x] [-t timefmt] [file ...]\n`,
    )
  const format = options.value('f') ?? '%d %i %Sp %l %Su %Sg'
  return forEach(
    'stat',
    options.operands,
    (operand) => {
      const path = call.path(operand)
      const inode = options.has('L')
        ? call.files.stat(trailing(operand, path))
        : call.files.lstat(trailing(operand, path))
      const text = format.replace(
        /%([DOUXFS]?)([HML]?)([a-zA-Z])/g,
        (_whole, form: string, part: string, letter: string) =>
          bsdField(call, operand, inode, { form, part, letter }),
      )
      return `${text}\n`
    },
    (operand, text) => `${operand}: stat: ${text}`,
  )
}

function bsdField(
  call: Call,
  operand: string,
  inode: Inode,
  { form, part, letter }: Readonly<Record<'form' | 'part' | 'letter', string>>,
): string {
  const { tree } = call.machine
  const digits = (value: number): string =>
    value.toString(form === 'X' ? 16 : form === 'O' ? 8 : 10)
  switch (letter) {
    case 'p':
      if (part === 'L') return digits(inode.mode & 0o777)
      return digits(part === 'M' ? (inode.mode >> 9) & 7 : kindBits[inode.kind] | inode.mode)
    case 'r':
      return digits(part === 'H' ? inode.device[0] : inode.device[1])
    case 'u':
      return form === 'S' ? known(userName(tree, inode.uid)) : digits(inode.uid)
    case 'g':
      return form === 'S' ? known(groupName(tree, inode.gid)) : digits(inode.gid)
    case 'z':
      return digits(sizeOf(inode))
    case 'd':
      return digits(deviceNumber(mountOf(call, call.path(operand)).device))
    case 'i':
      return digits(inode.number)
    case 'l':
      return inode.kind === 'directory' ? '2' : '1'
    case 'N':
      return operand
    default:
      return '?'
  }
}

/** The path of an operand: a slash at its end asks for a folder, and follows a link to it. */
export function trailing(operand: string, path: string): string {
  return operand.endsWith('/') && path !== '/' ? `${path}/.` : path
}

function statFields(
  call: Call,
  operand: string,
  path: string,
  inode: Inode,
): (letter: string) => string {
  const { tree } = call.machine
  const device = mountOf(call, path).device
  const seconds = Math.floor(inode.modified / 1000)
  const values: Readonly<Record<string, () => string>> = {
    a: () => inode.mode.toString(8),
    A: () => modeText(inode),
    b: () => String(Math.ceil(sizeOf(inode) / 512)),
    B: () => '512',
    d: () => String(deviceNumber(device)),
    D: () => deviceNumber(device).toString(16),
    f: () => (kindBits[inode.kind] | inode.mode).toString(16),
    F: () =>
      inode.kind === 'file' && sizeOf(inode) === 0 ? 'regular empty file' : kindNames[inode.kind],
    g: () => String(inode.gid),
    G: () => known(groupName(tree, inode.gid)),
    h: () => (inode.kind === 'directory' ? '2' : '1'),
    i: () => String(inode.number),
    m: () => mountOf(call, path).target,
    n: () => operand,
    N: () => (inode.kind === 'link' ? `'${operand}' -> '${inode.target}'` : `'${operand}'`),
    o: () => '4096',
    s: () => String(sizeOf(inode)),
    t: () => inode.device[0].toString(16),
    T: () => inode.device[1].toString(16),
    u: () => String(inode.uid),
    U: () => known(userName(tree, inode.uid)),
    x: () => new Date(inode.modified).toISOString(),
    y: () => new Date(inode.modified).toISOString().replace('T', ' ').replace('Z', '000000 +0000'),
    z: () => new Date(inode.modified).toISOString(),
    W: () => '0',
    X: () => String(seconds),
    Y: () => String(seconds),
    Z: () => String(seconds),
    '%': () => '%',
  }
  return (letter) => values[letter]?.() ?? '?'
}

function known(name: string): string {
  return /^\d+$/.test(name) ? 'UNKNOWN' : name
}

function filled(format: string, field: (letter: string) => string): string {
  return format.replace(
    /%(0?)(\d*)([a-zA-Z%])/g,
    (_whole, zero: string, width: string, letter: string) =>
      field(letter).padStart(Number(width || 0), zero ? '0' : ' '),
  )
}

/** The command `stat`. */
export const statCommands: readonly LabCommand[] = [{ names: ['stat'], run: stat }]

import { accountOf, groupName, groupsOf, userName } from '../node/account-files.ts'
import { contentOf, errorText, FileError, type Inode, type Tree } from '../node/file-tree.ts'
import { changeMode } from './chmod-mode.ts'
import {
  type Call,
  fail,
  forEach,
  type LabCommand,
  ok,
  type Output,
  parse,
  type Parsed,
} from './command.ts'

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
function modeText(inode: Inode): string {
  const bit = (shift: number, letter: string): string => ((inode.mode >> shift) & 1 ? letter : '-')
  const special = (shift: number, run: number, set: string): string =>
    (inode.mode >> shift) & 1 ? ((inode.mode >> run) & 1 ? set : set.toUpperCase()) : bit(run, 'x')
  return `${kindLetters[inode.kind]}${bit(8, 'r')}${bit(7, 'w')}${special(11, 6, 's')}${bit(5, 'r')}${bit(4, 'w')}${special(10, 3, 's')}${bit(2, 'r')}${bit(1, 'w')}${special(9, 0, 't')}`
}

function sizeOf(inode: Inode): number {
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

// A slash at the end asks for a folder, and follows a link to it.
function trailing(operand: string, path: string): string {
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

function list(call: Call): Output {
  const options = parse(
    call.args,
    'l a A 1 d h n r t S R i p F g o directory all almost-all human-readable numeric-uid-gid color? inode',
  )
  if (options.wrong) return fail(2, `ls: ${options.wrong}\nTry 'ls --help' for more information.\n`)
  const operands = options.operands.length > 0 ? options.operands : ['.']
  const ownEntry = options.has('d', 'directory')
  let stderr = ''
  const plain: string[] = []
  const folders: [string, string][] = []
  for (const operand of operands) {
    try {
      const path = trailing(operand, call.path(operand))
      const inode = isLong(options) || ownEntry ? call.files.lstat(path) : call.files.stat(path)
      if (inode.kind === 'directory' && !ownEntry)
        folders.push([operand, folderLines(call, options, path)])
      else plain.push(entryLine(call, options, operand, inode))
    } catch (error) {
      const opening =
        error instanceof FileError &&
        error.code === 'EACCES' &&
        call.files.exists(call.path(operand))
      stderr += `ls: cannot ${opening ? 'open directory' : 'access'} '${operand}': ${errorText(error)}\n`
    }
  }
  const parts = folders.map(([operand, text]) =>
    operands.length > 1 ? `${operand}:\n${text}` : text,
  )
  return {
    stdout: `${plain.join('')}${plain.length > 0 && parts.length > 0 ? '\n' : ''}${parts.join('\n')}`,
    stderr,
    exitCode: stderr === '' ? 0 : 2,
  }
}

function isLong(options: Parsed): boolean {
  return options.has('l', 'n', 'g', 'o', 'numeric-uid-gid')
}

function folderLines(call: Call, options: Parsed, path: string): string {
  const names = [
    ...(options.has('a', 'all') ? ['.', '..'] : []),
    ...call.files
      .list(path)
      .filter((name) => options.has('a', 'all', 'A', 'almost-all') || !name.startsWith('.')),
  ]
  const lines = names.map((name) =>
    entryLine(call, options, name, call.files.lstat(`${path}/${name}`)),
  )
  if (options.has('r')) lines.reverse()
  return `${isLong(options) ? `total ${names.length * 4}\n` : ''}${lines.join('')}`
}

function entryLine(call: Call, options: Parsed, name: string, inode: Inode): string {
  const { tree } = call.machine
  const number = options.has('i', 'inode') ? `${inode.number} ` : ''
  const suffix = (options.has('F') || options.has('p')) && inode.kind === 'directory' ? '/' : ''
  if (!isLong(options)) return `${number}${name}${suffix}\n`
  const date = new Date(inode.modified).toUTCString()
  const owner = options.has('n', 'numeric-uid-gid')
    ? `${inode.uid} ${inode.gid}`
    : `${userName(tree, inode.uid)} ${groupName(tree, inode.gid)}`
  const size =
    inode.kind === 'block' || inode.kind === 'character'
      ? inode.device.join(', ')
      : String(sizeOf(inode))
  return `${number}${modeText(inode)} ${inode.kind === 'directory' ? 2 : 1} ${owner} ${size.padStart(5)} ${date.slice(8, 11)} ${date.slice(5, 7)} ${date.slice(17, 22)} ${name}${inode.kind === 'link' ? ` -> ${inode.target}` : ''}${suffix}\n`
}

/** The numbers of `user:group`; a text says what is wrong with it. */
export function ownerOf(tree: Tree, text: string): { uid?: number; gid?: number } | string {
  const [user = '', group] = text.includes(':') ? text.split(':', 2) : text.split('.', 2)
  const account = user === '' ? undefined : accountOf(tree, user)
  if (user !== '' && !account && !/^\d+$/.test(user)) return `invalid user: '${text}'`
  const found = group ? groupsOf(tree).find((each) => each.name === group) : undefined
  if (group && !found && !/^\d+$/.test(group)) return `invalid group: '${text}'`
  const gid =
    group === '' && account ? account.gid : group ? (found?.gid ?? Number(group)) : undefined
  return {
    ...(user === '' ? {} : { uid: account?.uid ?? Number(user) }),
    ...(gid === undefined ? {} : { gid }),
  }
}

function everything(
  call: Call,
  path: string,
  recursive: boolean,
  act: (path: string) => void,
): void {
  act(path)
  if (recursive && call.files.lstat(path).kind === 'directory')
    for (const name of call.files.list(path)) everything(call, `${path}/${name}`, true, act)
}

function chown(call: Call): Output {
  const options = parse(call.args, 'R recursive h no-dereference v f L H P reference=')
  if (options.wrong) return fail(1, `${call.name}: ${options.wrong}\n`)
  const [wanted, ...paths] = options.operands
  if (wanted === undefined || paths.length === 0)
    return fail(
      1,
      `${call.name}: missing operand${wanted === undefined ? '' : ` after '${wanted}'`}\nTry '${call.name} --help' for more information.\n`,
    )
  const owner = ownerOf(call.machine.tree, call.name === 'chgrp' ? `:${wanted}` : wanted)
  if (typeof owner === 'string')
    return fail(1, `${call.name}: ${call.name === 'chgrp' ? owner.replace("':", "'") : owner}\n`)
  const follow = !options.has('h', 'no-dereference')
  return forEach(
    call.name,
    paths,
    (path) =>
      everything(call, call.path(path), options.has('R', 'recursive'), (each) =>
        call.files.chown(each, owner, follow),
      ),
    (path, text) =>
      text === 'No such file or directory'
        ? `cannot access '${path}': ${text}`
        : `changing ${call.name === 'chgrp' ? 'group' : 'ownership'} of '${path}': ${text}`,
  )
}

function chmod(call: Call): Output {
  // A mode may look like an option: `chmod -x f`.
  const args = call.args.map((arg) => (/^-[rwxXst]+$/.test(arg) ? `a${arg}` : arg))
  const options = parse(args, 'R recursive v f c')
  const [mode, ...paths] = options.operands
  if (options.wrong) return fail(1, `chmod: ${options.wrong}\n`)
  if (mode === undefined || paths.length === 0)
    return fail(
      1,
      `chmod: missing operand${mode === undefined ? '' : ` after '${mode}'`}\nTry 'chmod --help' for more information.\n`,
    )
  if (changeMode(mode, 0, false) === null)
    return fail(1, `chmod: invalid mode: '${mode}'\nTry 'chmod --help' for more information.\n`)
  return forEach(
    'chmod',
    paths,
    (path) =>
      everything(call, call.path(path), options.has('R', 'recursive'), (each) => {
        const inode = call.files.stat(each)
        call.files.chmod(each, changeMode(mode, inode.mode, inode.kind === 'directory')!)
      }),
    (path, text) =>
      text === 'No such file or directory'
        ? `cannot access '${path}': ${text}`
        : `changing permissions of '${path}': ${text}`,
  )
}

async function cat(call: Call): Promise<Output> {
  const operands = call.args.filter((arg) => arg === '-' || !arg.startsWith('-'))
  if (call.args.some((arg) => /^-[^u-]/.test(arg))) return call.original()
  if (operands.length === 0 || operands.includes('-'))
    return operands.length > 1 ? call.original() : ok(await call.stdin())
  return forEach(
    'cat',
    operands,
    (operand) => call.files.read(call.path(operand)),
    (operand, text) => `${operand}: ${text}`,
  )
}

function touch(call: Call): Output {
  const options = parse(call.args, 'a m c no-create d= date= t= r= reference= h')
  return forEach(
    'touch',
    options.operands,
    (operand) => {
      const path = call.path(operand)
      const date = options.value('d', 'date')
      if (!call.files.exists(path) && !options.has('c', 'no-create')) call.files.write(path, '')
      if (call.files.exists(path))
        call.files.touch(
          path,
          date === undefined
            ? Date.now()
            : Date.parse(
                date.startsWith('@') ? new Date(Number(date.slice(1)) * 1000).toISOString() : date,
              ),
        )
    },
    (operand, text) => `cannot touch '${operand}': ${text}`,
  )
}

function readlink(call: Call): Output {
  const options = parse(call.args, 'f canonicalize e canonicalize-existing m n no-newline q s z')
  const resolving =
    options.has('f', 'canonicalize', 'e', 'canonicalize-existing', 'm') || call.name === 'realpath'
  const out: string[] = []
  let exitCode = 0
  let stderr = ''
  for (const operand of options.operands) {
    const path = call.path(operand)
    try {
      if (!resolving) out.push(call.files.readlink(path))
      else if (options.has('m')) out.push(path)
      else if (options.has('e', 'canonicalize-existing') || call.files.exists(path))
        out.push(call.files.realpath(path))
      else {
        const folder = call.files.realpath(path.slice(0, path.lastIndexOf('/')) || '/')
        out.push(`${folder === '/' ? '' : folder}/${path.slice(path.lastIndexOf('/') + 1)}`)
      }
    } catch (error) {
      exitCode = 1
      if (call.name === 'realpath') stderr += `realpath: ${operand}: ${errorText(error)}\n`
    }
  }
  return {
    stdout: out.map((each) => `${each}${options.has('n', 'no-newline') ? '' : '\n'}`).join(''),
    stderr,
    exitCode,
  }
}

// The shell's own follows no link that it is given to begin at.
function find(call: Call): Promise<Output> {
  const first = call.args.findIndex((arg) => arg !== '-H' && arg !== '-L' && arg !== '-P')
  const args = onOneDevice(call, first < 0 ? [] : call.args.slice(first))
  if (first <= 0 || call.args[first - 1] === '-P') return call.original(args)
  const starts = args.findIndex((arg) => /^[-(!]/.test(arg))
  return call.original(
    args.map((arg, i) =>
      (starts < 0 || i < starts) && call.files.exists(call.path(arg))
        ? call.files.realpath(call.path(arg))
        : arg,
    ),
  )
}

// `-xdev`, which the shell's own find does not know: what is mounted below is not gone into.
function onOneDevice(call: Call, args: readonly string[]): string[] {
  if (!args.includes('-xdev') && !args.includes('-mount')) return [...args]
  const below = call.machine.mounts
    .map(({ target }) => target)
    .filter((target) => args.some((arg) => target.startsWith(`${arg.replace(/\/$/, '')}/`)))
  const others = below.flatMap((target) => ['!', '-path', `${target}/*`])
  const end = Math.max(args.indexOf('-xdev'), args.indexOf('-mount'))
  return args.toSpliced(end, 1, ...others)
}

/** What a file's bytes are, for hashes and counts. */
export function bytesAt(call: Call, operand: string): Uint8Array {
  const path = call.path(operand)
  const inode = call.files.stat(path)
  if (inode.kind === 'directory') throw new FileError('EISDIR', path)
  return inode.kind === 'file' && inode.live ? contentOf(inode) : call.files.read(path)
}

/** Commands that look at files and their attributes. */
export const fileCommands: readonly LabCommand[] = [
  { names: ['stat'], run: stat },
  { names: ['ls'], run: list },
  { names: ['chown', 'chgrp'], run: chown },
  { names: ['chmod'], run: chmod },
  { names: ['cat'], run: cat },
  { names: ['touch'], run: touch },
  { names: ['find'], run: find },
  { names: ['readlink', 'realpath'], run: readlink },
]

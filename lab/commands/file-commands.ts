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
import { modeText, sizeOf, trailing } from './stat-command.ts'

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
  { names: ['ls'], run: list },
  { names: ['chown', 'chgrp'], run: chown },
  { names: ['chmod'], run: chmod },
  { names: ['cat'], run: cat },
  { names: ['touch'], run: touch },
  { names: ['find'], run: find },
  { names: ['readlink', 'realpath'], run: readlink },
]

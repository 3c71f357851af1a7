import { createHash, randomBytes } from 'node:crypto'
import { errorText, FileError } from '../node/file-tree.ts'
import { bytesAt, ownerOf } from './file-commands.ts'
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

function missing(name: string, what = 'operand'): Output {
  return fail(1, `${name}: missing ${what}\nTry '${name} --help' for more information.\n`)
}

function mkdir(call: Call): Output {
  const options = parse(call.args, 'p parents m= mode= v Z')
  if (options.wrong)
    return fail(1, `mkdir: ${options.wrong}\nTry 'mkdir --help' for more information.\n`)
  if (options.operands.length === 0) return missing('mkdir')
  const text = options.value('m', 'mode')
  const mode = text === undefined ? undefined : changeMode(text, 0o777, true)
  if (mode === null) return fail(1, `mkdir: invalid mode '${text}'\n`)
  return forEach(
    'mkdir',
    options.operands,
    (operand) => {
      const path = call.path(operand)
      if (!options.has('p', 'parents')) return call.files.mkdir(path, mode)
      const had = call.files.exists(path)
      call.files.mkdirs(path)
      if (!had && mode !== undefined) call.files.chmod(path, mode)
    },
    (operand, text) => `cannot create directory '${operand}': ${text}`,
  )
}

function rmdir(call: Call): Output {
  const options = parse(call.args, 'p parents v ignore-fail-on-non-empty')
  if (options.operands.length === 0) return missing('rmdir')
  return forEach(
    'rmdir',
    options.operands,
    (operand) => call.files.rmdir(call.path(operand)),
    (operand, text) => `failed to remove '${operand}': ${text}`,
  )
}

function rm(call: Call): Output {
  const options = parse(
    call.args,
    'r R recursive f force d dir i I v one-file-system preserve-root no-preserve-root',
  )
  if (options.wrong) return fail(1, `rm: ${options.wrong}\nTry 'rm --help' for more information.\n`)
  const force = options.has('f', 'force')
  if (options.operands.length === 0) return force ? ok() : missing('rm')
  const recursive = options.has('r', 'R', 'recursive')
  if (recursive && options.operands.some((operand) => call.path(operand) === '/')) {
    return fail(
      1,
      "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n",
    )
  }
  return forEach(
    'rm',
    options.operands,
    (operand) => {
      const path = call.path(operand)
      if (isMounted(call, path)) throw new FileError('EBUSY', path)
      try {
        const inode = call.files.lstat(path)
        if (inode.kind === 'directory' && options.has('d', 'dir') && !recursive)
          call.files.rmdir(path)
        else if (recursive) call.files.removeAll(path)
        else call.files.unlink(path)
      } catch (error) {
        if (!(
          force &&
          error instanceof FileError &&
          (error.code === 'ENOENT' || error.code === 'ENOTDIR')
        ))
          throw error
      }
    },
    (operand, text) => `cannot remove '${operand}': ${text}`,
  )
}

function isMounted(call: Call, path: string): boolean {
  return path !== '/' && call.machine.mounts.some((mount) => mount.target === path)
}

/** Where each source goes: into the last operand or `-t` when that is a folder, else to its very name. */
function destinations(
  call: Call,
  options: Parsed,
): { pairs: readonly { from: string; to: string; operand: string; shown: string }[] } | Output {
  const name = call.name
  const folder = options.value('t', 'target-directory')
  const sources = folder === undefined ? options.operands.slice(0, -1) : options.operands
  const last = folder ?? options.operands.at(-1)
  if (options.operands.length === 0) return missing(name, 'file operand')
  if (sources.length === 0 || last === undefined)
    return fail(
      1,
      `${name}: missing destination file operand after '${options.operands[0]}'\nTry '${name} --help' for more information.\n`,
    )
  const target = call.path(last)
  const into =
    !options.has('T', 'no-target-directory') &&
    call.files.exists(target) &&
    call.files.stat(target).kind === 'directory' &&
    !(options.has('n', 'no-dereference') && call.files.lstat(target).kind === 'link')
  if (sources.length > 1 && !into) return fail(1, `${name}: target '${last}' is not a directory\n`)
  return {
    pairs: sources.map((operand) => {
      const base = operand.replace(/\/+$/, '').split('/').at(-1)!
      return {
        from: call.path(operand),
        to: into ? `${target}/${base}` : target,
        operand,
        shown: into ? `${last.replace(/\/$/, '')}/${base}` : last,
      }
    }),
  }
}

function mv(call: Call): Output {
  const options = parse(
    call.args,
    'f force i n no-clobber v T no-target-directory t= target-directory= b u Z',
  )
  if (options.wrong) return fail(1, `mv: ${options.wrong}\n`)
  const where = destinations(call, options)
  if ('exitCode' in where) return where
  return forEachPair(
    'mv',
    where.pairs,
    ({ from, to }) => {
      call.files.lstat(from)
      if (options.has('n', 'no-clobber') && call.files.exists(to)) return
      call.files.rename(from, to)
    },
    (pair, text, absent) =>
      absent
        ? `cannot stat '${pair.operand}': ${text}`
        : `cannot move '${pair.operand}' to '${pair.shown}': ${text}`,
    call,
  )
}

function cp(call: Call): Output {
  const options = parse(
    call.args,
    'r R recursive a archive p f force i n no-clobber v T no-target-directory t= target-directory= d P L H x u preserve? no-dereference remove-destination b',
  )
  if (options.wrong) return fail(1, `cp: ${options.wrong}\n`)
  const where = destinations(call, options)
  if ('exitCode' in where) return where
  const keep = options.has('p', 'a', 'archive', 'preserve')
  const recursive = options.has('r', 'R', 'recursive', 'a', 'archive')
  function copy(from: string, to: string): void {
    const inode =
      recursive || options.has('d', 'P', 'no-dereference')
        ? call.files.lstat(from)
        : call.files.stat(from)
    if (inode.kind === 'link') call.files.symlink(inode.target, to)
    else if (inode.kind === 'directory') {
      if (!recursive) throw new FileError('EISDIR', from)
      if (!call.files.exists(to)) call.files.mkdir(to)
      for (const name of call.files.list(from)) copy(`${from}/${name}`, `${to}/${name}`)
    } else {
      const content = call.files.read(from)
      if (options.has('n', 'no-clobber') && call.files.exists(to)) return
      call.files.write(to, content, inode.mode & 0o777 & ~call.files.umask)
    }
    if (!keep) return
    if (call.files.who.uid === 0) call.files.chown(to, inode, false)
    if (inode.kind !== 'link') {
      call.files.chmod(to, inode.mode)
      call.files.touch(to, inode.modified)
    }
  }
  return forEachPair(
    'cp',
    where.pairs,
    ({ from, to }) => copy(from, to),
    (pair, text, absent) => {
      if (text === 'Is a directory' && !recursive)
        return `-r not specified; omitting directory '${pair.operand}'`
      if (absent) return `cannot stat '${pair.operand}': ${text}`
      return call.files.exists(pair.to) || canRead(call, pair.from)
        ? `cannot create regular file '${pair.shown}': ${text}`
        : `cannot open '${pair.operand}' for reading: ${text}`
    },
    call,
  )
}

function canRead(call: Call, path: string): boolean {
  try {
    call.files.read(path)
    return true
  } catch {
    return false
  }
}

type Pair = {
  readonly from: string
  readonly to: string
  readonly operand: string
  readonly shown: string
}
function forEachPair(
  name: string,
  pairs: readonly Pair[],
  act: (pair: Pair) => void,
  says: (pair: Pair, text: string, absent: boolean) => string,
  call: Call,
): Output {
  let stderr = ''
  for (const pair of pairs) {
    try {
      act(pair)
    } catch (error) {
      let absent = false
      try {
        call.files.lstat(pair.from)
      } catch {
        absent = true
      }
      stderr += `${name}: ${says(pair, errorText(error), absent)}\n`
    }
  }
  return { stdout: '', stderr, exitCode: stderr === '' ? 0 : 1 }
}

function ln(call: Call): Output {
  const options = parse(
    call.args,
    's symbolic f force n no-dereference T no-target-directory t= target-directory= r v P L',
  )
  if (options.wrong) return fail(1, `ln: ${options.wrong}\n`)
  const symbolic = options.has('s', 'symbolic')
  const only = options.operands.length === 1 && options.value('t', 'target-directory') === undefined
  const where = only
    ? {
        pairs: [
          {
            from: call.path(options.operands[0]!),
            to: call.path(options.operands[0]!.split('/').at(-1)!),
            operand: options.operands[0]!,
            shown: options.operands[0]!,
          },
        ],
      }
    : destinations(call, options)
  if ('exitCode' in where) return where
  let stderr = ''
  for (const { from, to, operand, shown } of where.pairs) {
    try {
      if (!symbolic) call.files.lstat(from)
      if (options.has('f', 'force') && lexists(call, to)) call.files.unlink(to)
      if (symbolic) call.files.symlink(operand, to)
      else call.files.hardlink(from, to)
    } catch (error) {
      stderr +=
        lexists(call, from) || symbolic
          ? `ln: failed to create ${symbolic ? 'symbolic' : 'hard'} link '${shown}': ${errorText(error)}\n`
          : `ln: failed to access '${operand}': ${errorText(error)}\n`
    }
  }
  return { stdout: '', stderr, exitCode: stderr === '' ? 0 : 1 }
}

function lexists(call: Call, path: string): boolean {
  try {
    call.files.lstat(path)
    return true
  } catch {
    return false
  }
}

function mktemp(call: Call): Output {
  const options = parse(call.args, 'd directory u dry-run q quiet p= tmpdir? t suffix=')
  if (options.wrong) return fail(1, `mktemp: ${options.wrong}\n`)
  const template = options.operands[0] ?? 'tmp.XXXXXXXXXX'
  const letters = /X{3,}(?=[^X]*$)/.exec(template)
  if (!letters) return fail(1, `mktemp: too few X's in template '${template}'\n`)
  const inFolder = options.has('p', 'tmpdir', 't') || options.operands.length === 0
  const folder =
    options.value('p') || options.value('tmpdir') || call.environment.get('TMPDIR') || '/tmp'
  const name =
    template.replace(/X{3,}(?=[^X]*$)/, () =>
      randomBytes(letters[0].length)
        .toString('base64url')
        .replace(/[-_]/g, 'a')
        .slice(0, letters[0].length),
    ) + (options.value('suffix') ?? '')
  const shown = inFolder ? `${folder}/${name}` : name
  try {
    if (options.has('u', 'dry-run')) return ok(`${shown}\n`)
    if (options.has('d', 'directory')) call.files.mkdir(call.path(shown), 0o700)
    else call.files.write(call.path(shown), '', 0o600)
    return ok(`${shown}\n`)
  } catch (error) {
    return fail(
      1,
      `mktemp: failed to create ${options.has('d', 'directory') ? 'directory' : 'file'} via template '${inFolder ? `${folder}/${template}` : template}': ${errorText(error)}\n`,
    )
  }
}

function install(call: Call): Output {
  const options = parse(
    call.args,
    'd directory D m= mode= o= owner= g= group= t= target-directory= T no-target-directory p v c C s b Z',
  )
  if (options.wrong) return fail(1, `install: ${options.wrong}\n`)
  const mode = changeMode(options.value('m', 'mode') ?? '755', 0o755, false)
  if (mode === null) return fail(1, `install: invalid mode '${options.value('m', 'mode')}'\n`)
  const owner = ownerOf(
    call.machine.tree,
    `${options.value('o', 'owner') ?? ''}:${options.value('g', 'group') ?? ''}`,
  )
  if (typeof owner === 'string') return fail(1, `install: ${owner}\n`)
  function finish(path: string): void {
    if (owner !== null && typeof owner === 'object' && Object.keys(owner).length > 0)
      call.files.chown(path, owner)
    call.files.chmod(path, mode!)
  }
  if (options.has('d', 'directory')) {
    return forEach(
      'install',
      options.operands,
      (operand) => {
        call.files.mkdirs(call.path(operand), 0o755)
        finish(call.path(operand))
      },
      (operand, text) => `cannot create directory '${operand}': ${text}`,
    )
  }
  const where = destinations(call, options)
  if ('exitCode' in where) return where
  return forEachPair(
    'install',
    where.pairs,
    ({ from, to }) => {
      const content = call.files.read(from)
      if (options.has('D')) call.files.mkdirs(to.slice(0, to.lastIndexOf('/')) || '/', 0o755)
      call.files.write(to, content)
      finish(to)
    },
    (pair, text, absent) =>
      absent
        ? `cannot stat '${pair.operand}': ${text}`
        : `cannot create regular file '${pair.shown}': ${text}`,
    call,
  )
}

async function tee(call: Call): Promise<Output> {
  const options = parse(call.args, 'a append i p')
  const data = await call.stdin()
  const written = forEach(
    'tee',
    options.operands,
    (operand) =>
      options.has('a', 'append')
        ? call.files.append(call.path(operand), data)
        : call.files.write(call.path(operand), data),
    (operand, text) => `${operand}: ${text}`,
  )
  return { ...written, stdout: data }
}

async function hash(call: Call): Promise<Output> {
  const options = parse(call.args, 'b binary t text c check tag z zero quiet status')
  if (options.has('c', 'check')) return call.original()
  const algorithm = call.name.replace('sum', '')
  const digest = (bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')
  if (options.operands.length === 0) return ok(`${digest(await call.stdin())}  -\n`)
  const piped = options.operands.includes('-') ? await call.stdin() : null
  return forEach(
    call.name,
    options.operands,
    (operand) => {
      const escaped = operand.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
      return `${escaped === operand ? '' : '\\'}${digest(operand === '-' ? piped! : bytesAt(call, operand))}  ${escaped}\n`
    },
    (operand, text) => `${operand}: ${text}`,
  )
}

function sync(call: Call): Output {
  const options = parse(call.args, 'd data f file-system')
  return forEach(
    'sync',
    options.operands,
    (operand) =>
      void call.files.read(
        call.files.stat(call.path(operand)).kind === 'directory' ? '/dev/null' : call.path(operand),
      ),
    (operand, text) => `error opening '${operand}': ${text}`,
  )
}

function truncate(call: Call): Output {
  const options = parse(call.args, 's= size= c')
  const size = Number(options.value('s', 'size') ?? 0)
  return forEach(
    'truncate',
    options.operands,
    (operand) => {
      const path = call.path(operand)
      const old = call.files.exists(path) ? call.files.read(path) : new Uint8Array(0)
      const next = new Uint8Array(size)
      next.set(old.subarray(0, size))
      call.files.write(path, next)
    },
    (operand, text) => `cannot open '${operand}' for writing: ${text}`,
  )
}

/** Commands that change files. */
export const modifyCommands: readonly LabCommand[] = [
  { names: ['mkdir'], run: mkdir },
  { names: ['rmdir'], run: rmdir },
  { names: ['rm'], run: rm },
  { names: ['mv'], run: mv },
  { names: ['cp'], run: cp },
  { names: ['ln'], run: ln },
  { names: ['mktemp'], run: mktemp },
  { names: ['install'], run: install },
  { names: ['tee'], run: tee },
  { names: ['sha256sum', 'sha1sum', 'md5sum', 'sha512sum'], run: hash },
  { names: ['sync'], run: sync },
  { names: ['truncate'], run: truncate },
]

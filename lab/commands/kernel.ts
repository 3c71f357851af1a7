import { kernelRelease } from '../node/release.ts'
import { errorText } from '../node/file-tree.ts'
import { mountOf } from './stat-command.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

function sysctl(call: Call): Output {
  const options = parse(
    call.args,
    'n values N names w write e ignore q quiet a all A p? load? system',
  )
  if (options.wrong) return fail(1, `sysctl: ${options.wrong}\n`)
  const bare = options.has('n', 'values')
  const { parameters } = call.machine
  const dotted = (path: string): string => path.replaceAll('/', '.')
  const line = (path: string, value: string): string =>
    bare ? `${value}\n` : `${dotted(path)} = ${value}\n`
  if (options.has('a', 'all', 'A'))
    return ok(
      [...parameters]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, value]) => line(path, value))
        .join(''),
    )
  const loading = options.has('p', 'load', 'system')
  const operands = loading
    ? assignments(call, options.operands.length > 0 ? options.operands : ['/etc/sysctl.conf'])
    : options.operands
  if (typeof operands === 'string') return fail(1, operands)
  let stdout = ''
  let stderr = ''
  let exitCode = 0
  for (const operand of operands) {
    const [name = '', value] = operand.includes('=')
      ? [
          operand.slice(0, operand.indexOf('=')).trim(),
          operand.slice(operand.indexOf('=') + 1).trim(),
        ]
      : [operand.trim(), undefined]
    const path = name.includes('/') ? name : name.replaceAll('.', '/')
    const file = `/proc/sys/${path}`
    if (!parameters.has(path)) {
      if (!options.has('e', 'ignore'))
        stderr += `sysctl: cannot stat ${file}: No such file or directory\n`
      if (!options.has('e', 'ignore')) exitCode = 255
    } else if (value === undefined) stdout += line(path, parameters.get(path)!)
    else {
      try {
        call.files.write(file, value)
        if (!options.has('q', 'quiet')) stdout += line(path, parameters.get(path)!)
      } catch (error) {
        const text = errorText(error)
        stderr +=
          text === 'Invalid argument'
            ? `sysctl: setting key "${dotted(path)}": Invalid argument\n`
            : `sysctl: permission denied on key "${dotted(path)}"\n`
        exitCode = 255
      }
    }
  }
  return { stdout, stderr, exitCode }
}

function assignments(call: Call, paths: readonly string[]): string[] | string {
  const out: string[] = []
  for (const path of paths) {
    if (!call.files.exists(call.path(path)))
      return `sysctl: cannot open "${path}": No such file or directory\n`
    out.push(
      ...call.files
        .readText(call.path(path))
        .split('\n')
        .map((each) => each.trim())
        .filter((each) => each !== '' && !/^[#;]/.test(each)),
    )
  }
  return out
}

// What this kernel has beside what the image loads.
const loadable = new Set([
  'rbd',
  'libceph',
  'nbd',
  'dm_mod',
  'dm_multipath',
  'br_netfilter',
  'bridge',
  'overlay',
  'squashfs',
  'loop',
  'ext4',
  'xfs',
  'nfs',
  'nfsd',
  'ip_tables',
  'ip6_tables',
  'iptable_nat',
  'nf_conntrack',
  'fuse',
  'tun',
  'veth',
  'vxlan',
  '8021q',
  'bonding',
  'ip_vs',
  'dummy',
  'kvm',
  'sunrpc',
  'af_packet',
  'configfs',
  'zram',
])

function modprobe(call: Call): Output {
  const options = parse(
    call.args,
    'r remove a all q quiet n dry-run v verbose f s first-time D show-depends',
  )
  if (options.operands.length === 0)
    return fail(1, 'modprobe: ERROR: missing parameters. See -h.\n')
  const names = options.has('a', 'all', 'r', 'remove')
    ? options.operands
    : options.operands.slice(0, 1)
  const { modules } = call.machine
  let stderr = ''
  for (const typed of names) {
    const name = typed.replaceAll('-', '_')
    if (!loadable.has(name) && !modules.has(name))
      stderr += options.has('q', 'quiet')
        ? ' '
        : `modprobe: FATAL: Module ${typed} not found${options.has('r', 'remove') ? '.' : ` in directory /lib/modules/${kernelRelease(call.machine.spec.servicePack)}`}\n`
    else if (call.files.who.uid !== 0 && modules.has(name) === options.has('r', 'remove'))
      stderr += `modprobe: ERROR: could not ${options.has('r', 'remove') ? 'remove' : 'insert'} '${name}': Operation not permitted\n`
    else if (options.has('n', 'dry-run')) continue
    else if (options.has('r', 'remove')) {
      if (modules.delete(name)) call.files.removeAll(`/sys/module/${name}`)
    } else if (!modules.has(name)) {
      modules.add(name)
      call.files.mkdirs(`/sys/module/${name}/parameters`, 0o755)
    }
  }
  return { stdout: '', stderr: stderr.trim() === '' ? '' : stderr, exitCode: stderr === '' ? 0 : 1 }
}

function df(call: Call): Output {
  const options = parse(
    call.args,
    'P portability k h human-readable H si T print-type a all B= block-size= i inodes t= type= x= exclude-type= l local m output? total',
  )
  if (options.wrong) return fail(1, `df: ${options.wrong}\nTry 'df --help' for more information.\n`)
  const { mounts } = call.machine
  let stderr = ''
  const rows =
    options.operands.length === 0
      ? mounts.filter((mount) => mount.size > 0)
      : options.operands.flatMap((operand) => {
          try {
            call.files.stat(call.path(operand))
            return [mountOf(call, call.files.realpath(call.path(operand)))]
          } catch (error) {
            stderr += `df: ${operand}: ${errorText(error)}\n`
            return []
          }
        })
  const unit = options.value('B', 'block-size')
  const block =
    unit === '1'
      ? 1
      : unit === undefined || unit === '1K' || unit === '1024'
        ? 1024
        : unit === '1M'
          ? 2 ** 20
          : unit === '1G'
            ? 2 ** 30
            : Number(unit) || 1024
  const human = options.has('h', 'human-readable', 'H', 'si')
  const size = (bytes: number): string =>
    human
      ? `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 0)}G`
      : String(Math.ceil(bytes / block))
  const full = call.machine.tree.writes === 'ENOSPC'
  const lines = rows.map((mount) => {
    const used =
      full && mount.target === '/'
        ? mount.size
        : mount.used + (mount.target === '/' ? call.machine.tree.used : 0)
    const percent = mount.size === 0 ? '-' : `${Math.ceil((used / mount.size) * 100)}%`
    return `${mount.source.padEnd(14)} ${options.has('T', 'print-type') ? `${mount.type.padEnd(8)} ` : ''}${size(mount.size).padStart(13)} ${size(used).padStart(9)} ${size(mount.size - used).padStart(9)} ${percent.padStart(8)} ${mount.target}\n`
  })
  const title = `Filesystem     ${options.has('T', 'print-type') ? 'Type     ' : ''}${(human ? 'Size' : block === 1024 ? (options.has('P') ? '1024-blocks' : '1K-blocks') : '1B-blocks').padStart(13)} ${'Used'.padStart(9)} ${'Available'.padStart(9)} ${(options.has('P') ? 'Capacity' : 'Use%').padStart(8)} Mounted on\n`
  return {
    stdout: lines.length > 0 ? title + lines.join('') : '',
    stderr,
    exitCode: stderr === '' ? 0 : 1,
  }
}

/** Commands that ask or tell the kernel. */
export const kernelCommands: readonly LabCommand[] = [
  { names: ['sysctl'], system: true, run: sysctl },
  { names: ['modprobe'], system: true, run: modprobe },
  {
    names: ['lsmod'],
    system: true,
    run: (call) =>
      ok(
        `Module                  Size  Used by\n${[...call.machine.modules].map((name) => `${name.padEnd(23)} 16384  0\n`).join('')}`,
      ),
  },
  { names: ['df'], run: df },
  {
    names: ['mountpoint'],
    run(call) {
      const path = call.path(call.args.filter((arg) => !arg.startsWith('-'))[0] ?? '')
      const is = call.machine.mounts.some((mount) => mount.target === path)
      return {
        stdout: call.args.includes('-q') ? '' : `${path} is ${is ? '' : 'not '}a mountpoint\n`,
        stderr: '',
        exitCode: is ? 0 : 32,
      }
    },
  },
  {
    names: ['iptables'],
    system: true,
    run: (call) =>
      call.files.who.uid === 0
        ? ok(
            'Chain PREROUTING (policy ACCEPT 0 packets, 0 bytes)\n pkts bytes target     prot opt in     out     source               destination\n',
          )
        : fail(4, "Fatal: can't open lock file /run/xtables.lock: Permission denied\n"),
  },
]

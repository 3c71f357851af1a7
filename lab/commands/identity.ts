import {
  accountOf,
  accountsOf,
  credentialsOf,
  groupName,
  groupsOf,
  lines,
  userName,
} from '../node/account-files.ts'
import { kernelRelease } from '../node/release.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from './command.ts'

function id(call: Call): Output {
  const options = parse(call.args, 'u user g group G groups n name r real z')
  const { tree } = call.machine
  const asked = options.operands[0]
  const account = asked === undefined ? undefined : accountOf(tree, asked)
  if (asked !== undefined && !account) return fail(1, `id: '${asked}': no such user\n`)
  const who = account ? credentialsOf(tree, account) : call.files.who
  const groups = [...new Set([who.gid, ...who.groups])]
  const named = options.has('n', 'name')
  if (options.has('u', 'user')) return ok(`${named ? userName(tree, who.uid) : who.uid}\n`)
  if (options.has('g', 'group')) return ok(`${named ? groupName(tree, who.gid) : who.gid}\n`)
  if (options.has('G', 'groups'))
    return ok(`${groups.map((gid) => (named ? groupName(tree, gid) : gid)).join(' ')}\n`)
  return ok(
    `uid=${who.uid}(${userName(tree, who.uid)}) gid=${who.gid}(${groupName(tree, who.gid)}) groups=${groups.map((gid) => `${gid}(${groupName(tree, gid)})`).join(',')}\n`,
  )
}

function getent(call: Call): Output {
  const [database, ...keys] = call.args.filter((arg) => !arg.startsWith('-'))
  if (database === undefined) return fail(1, 'getent: wrong number of arguments\n')
  const { tree } = call.machine
  const files: Readonly<Record<string, string>> = {
    passwd: '/etc/passwd',
    group: '/etc/group',
    shadow: '/etc/shadow',
  }
  if (database === 'hosts' || database === 'ahosts') {
    const name = keys[0] ?? 'localhost'
    const known =
      name === 'localhost' ||
      name === call.machine.spec.name ||
      call.machine.world.node(name) !== undefined
    return known ? ok(`127.0.0.1       ${name}\n`) : { stdout: '', stderr: '', exitCode: 2 }
  }
  const path = files[database]
  if (path === undefined)
    return fail(
      1,
      `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`,
    )
  if (database === 'shadow' && call.files.who.uid !== 0)
    return { stdout: '', stderr: '', exitCode: 2 }
  const all = lines(tree, path)
  const found =
    keys.length === 0
      ? all
      : keys.flatMap((key) =>
          all
            .filter((fields) => fields[0] === key || (database !== 'shadow' && fields[2] === key))
            .slice(0, 1),
        )
  return {
    stdout: found.map((fields) => `${fields.join(':')}\n`).join(''),
    stderr: '',
    exitCode: found.length === 0 || found.length < keys.length ? 2 : 0,
  }
}

function groups(call: Call): Output {
  const { tree } = call.machine
  const account = accountsOf(tree).find((each) => each.name === (call.args[0] ?? call.user))
  if (!account) return fail(1, `groups: '${call.args[0]}': no such user\n`)
  const names = credentialsOf(tree, account).groups.map(
    (gid) => groupsOf(tree).find((group) => group.gid === gid)?.name ?? String(gid),
  )
  return ok(`${call.args[0] === undefined ? '' : `${account.name} : `}${names.join(' ')}\n`)
}

function uname(call: Call): Output {
  const options = parse(
    call.args,
    'a all s kernel-name n nodename r kernel-release v kernel-version m machine p processor i hardware-platform o operating-system',
  )
  if (options.wrong)
    return fail(1, `uname: ${options.wrong}\nTry 'uname --help' for more information.\n`)
  if (options.operands.length > 0)
    return fail(
      1,
      `uname: extra operand '${options.operands[0]}'\nTry 'uname --help' for more information.\n`,
    )
  const { arch, servicePack } = call.machine.spec
  const host = call.machine.parameters.get('kernel/hostname')!
  const fields: readonly (readonly [string, string, string])[] = [
    ['s', 'kernel-name', 'Linux'],
    ['n', 'nodename', host],
    ['r', 'kernel-release', kernelRelease(servicePack)],
    ['v', 'kernel-version', '#1 SMP PREEMPT_DYNAMIC Thu Nov 7 13:11:14 UTC 2024 (5a1b2c3)'],
    ['m', 'machine', arch],
    ['p', 'processor', arch],
    ['i', 'hardware-platform', arch],
    ['o', 'operating-system', 'GNU/Linux'],
  ]
  const wanted = fields.filter(([letter, name]) => options.has('a', 'all', letter, name))
  return ok(
    `${(wanted.length > 0 ? wanted : [fields[0]!]).map(([, , value]) => value).join(' ')}\n`,
  )
}

function hostname(call: Call): Output {
  const options = parse(call.args, 's short f fqdn long d domain i ip-address I F= file= b')
  const now = call.machine.parameters.get('kernel/hostname')!
  const wanted = options.has('F', 'file')
    ? call.files.readText(call.path(options.value('F', 'file')!)).trim()
    : options.operands[0]
  if (wanted === undefined) {
    if (options.has('i', 'ip-address', 'I')) return ok('127.0.0.1\n')
    return ok(
      `${options.has('s', 'short') ? now.split('.')[0] : options.has('d', 'domain') ? now.split('.').slice(1).join('.') : now}\n`,
    )
  }
  if (call.files.who.uid !== 0)
    return fail(1, 'hostname: you must be root to change the host name\n')
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(wanted))
    return fail(1, 'hostname: the specified hostname is invalid\n')
  call.machine.parameters.set('kernel/hostname', wanted)
  return ok()
}

function hostnamectl(call: Call): Output {
  const options = parse(call.args, 'static transient pretty no-ask-password H= host= json=')
  const [verb = 'status', name] = options.operands
  const { machine } = call
  const fixed = call.files.exists('/etc/hostname')
    ? call.files.readText('/etc/hostname').trim()
    : ''
  if (verb === 'hostname' || verb === 'set-hostname') {
    if (name === undefined)
      return ok(`${options.has('static') ? fixed : machine.parameters.get('kernel/hostname')}\n`)
    if (call.files.who.uid !== 0)
      return fail(1, 'Could not set static hostname: Interactive authentication required.\n')
    if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name))
      return fail(1, `Could not set static hostname: Invalid static hostname '${name}'\n`)
    if (!options.has('transient')) call.files.write('/etc/hostname', `${name}\n`)
    machine.parameters.set('kernel/hostname', name)
    return ok()
  }
  if (verb !== 'status') return fail(1, `Unknown command verb ${verb}.\n`)
  if (options.has('static')) return ok(`${fixed}\n`)
  return ok(
    ` Static hostname: ${fixed}\n      Machine ID: ${machine.bootId.replaceAll('-', '')}\n         Boot ID: ${machine.bootId.replaceAll('-', '')}\nOperating System: SUSE Linux Enterprise Server 15 SP${machine.spec.servicePack}\n          Kernel: Linux ${kernelRelease(machine.spec.servicePack)}\n    Architecture: ${machine.spec.arch === 'aarch64' ? 'arm64' : 'x86-64'}\n`,
  )
}

function lscpu(call: Call): Output {
  const { arch } = call.machine.spec
  return ok(
    `Architecture:                    ${arch}\nCPU op-mode(s):                  ${arch === 'aarch64' ? '64-bit' : '32-bit, 64-bit'}\nByte Order:                      Little Endian\nCPU(s):                          256\nVendor ID:                       ${arch === 'aarch64' ? 'ARM' : 'AuthenticAMD'}\n`,
  )
}

/** Commands that say who and what. */
export const identityCommands: readonly LabCommand[] = [
  { names: ['id'], run: id },
  { names: ['groups'], run: groups },
  { names: ['whoami'], run: (call) => ok(`${userName(call.machine.tree, call.files.who.uid)}\n`) },
  { names: ['logname'], run: (call) => ok(`${call.user}\n`) },
  { names: ['getent'], run: getent },
  { names: ['uname'], run: uname },
  { names: ['arch'], run: (call) => ok(`${call.machine.spec.arch}\n`) },
  { names: ['hostname'], run: hostname },
  { names: ['hostnamectl'], run: hostnamectl },
  { names: ['lscpu'], run: lscpu },
  { names: ['nproc'], run: () => ok('256\n') },
]

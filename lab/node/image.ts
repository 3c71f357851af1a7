import { randomUUID } from 'node:crypto'
import { cephConf, keyringOf } from '../ceph/ceph-cluster.ts'
import { commandFiles } from '../commands/index.ts'
import { imagePackage } from '../commands/package-catalog.ts'
import { commandText, placeContents, placeFiles, unitText } from './package-files.ts'
import type { Machine, Mount } from './machine.ts'
import { resolverText } from './resolver.ts'
import { kernelRelease } from './release.ts'
import { newTree, root, type Inode, type Tree } from './file-tree.ts'
import type { NodeSpec, World } from './node-model.ts'
import { viewOf, type View } from './view.ts'
import { accounts } from './image-accounts.ts'

const gigabyte = 2 ** 30

/** What the root file system of a live image says of its size: half of a node's memory. */
const rootSize = 256 * gigabyte

/** What a node may really keep in memory. */
const capacity = 512 * 2 ** 20

/** What an image brings beside its packages. */
export interface Baked {
  readonly rootKeys: readonly string[]
  /** The command line of the kernel. */
  readonly parameters: string
}

const usualParameters = 'console=ttyS0,115200 root=craycps-s3:s3://boot-images ip=dhcp quiet'

/** The machine as it comes up from its image. */
export function bootMachine(
  spec: NodeSpec,
  world: World,
  authorizedKeys: readonly string[],
  faults: Machine['faults'],
  baked: Baked = { rootKeys: [], parameters: usualParameters },
): Machine {
  const tree = newTree(capacity)
  const machine: Machine = {
    spec,
    world,
    bootId: randomUUID(),
    booted: Date.now(),
    faults,
    tree,
    packages: new Map(),
    units: new Map(),
    modules: new Set(['overlay', 'squashfs', 'loop', 'af_packet', 'ext4', 'nfs', 'sunrpc']),
    mounts: builtIn(mountedAtBoot),
    mappings: [],
    containers: [],
    parameters: new Map(),
    lectured: new Set(),
    refreshed: new Set(),
    lastPid: 1000,
  }
  const files = viewOf(tree, root)
  folders(files)
  system(files, machine)
  accounts(files, machine, authorizedKeys, baked.rootKeys)
  kernel(files, machine, baked.parameters)
  commands(files)
  const kubernetes = spec.subRole === 'Storage' ? [] : ['kubectl']
  const ofRole = spec.role === 'management' ? [...kubernetes, 'ceph-common', 'bind-utils'] : []
  for (const name of [...basePackages, ...ofRole, ...spec.imagePackages])
    installFromImage(machine, name)
  if (spec.role === 'management') clusterKeys(files, world)
  // As the images of CSM have it: what the gateway shows is believed.
  const authority = world.authority?.()
  if (authority !== undefined)
    files.write('/etc/pki/trust/anchors/platform-ca-certs.crt', authority, 0o644)
  placeContents(machine, spec.files ?? [])
  for (const name of unitsAtBoot) addUnit(files, machine, name)
  return machine
}

/** Commands of no package, and those that act as root. */
function commands(files: View): void {
  for (const command of commandFiles)
    if (command.package === undefined) files.write(command.path, commandText(command.name), 0o755)
  for (const path of ['/usr/bin/sudo', '/usr/bin/su', '/usr/bin/passwd'])
    if (files.exists(path)) files.chmod(path, 0o4755)
}

/** Masters of the management plane are clients of the cluster, with all its keys. */
function clusterKeys(files: View, { ceph }: World): void {
  files.mkdirs('/etc/ceph')
  files.write('/etc/ceph/ceph.conf', cephConf(ceph), 0o644)
  for (const entity of ['client.admin', 'client.admin-tools'])
    files.write(`/etc/ceph/ceph.${entity}.keyring`, keyringOf(ceph, entity)!, 0o600)
}

const unitsAtBoot = [
  'sshd',
  'cron',
  'chronyd',
  'rsyslog',
  'systemd-journald',
  'wicked',
  'spire-agent',
]

const mountedAtBoot: Parameters<typeof builtIn>[0] = [
  {
    source: 'LiveOS_rootfs',
    target: '/',
    type: 'overlay',
    options: 'rw,relatime',
    root: '/',
    device: [0, 38],
    size: rootSize,
    used: 3 * gigabyte,
  },
  {
    source: 'proc',
    target: '/proc',
    type: 'proc',
    options: 'rw,nosuid,nodev,noexec,relatime',
    root: '/',
    device: [0, 21],
    size: 0,
    used: 0,
  },
  {
    source: 'sysfs',
    target: '/sys',
    type: 'sysfs',
    options: 'rw,nosuid,nodev,noexec,relatime',
    root: '/',
    device: [0, 22],
    size: 0,
    used: 0,
  },
  {
    source: 'devtmpfs',
    target: '/dev',
    type: 'devtmpfs',
    options: 'rw,nosuid',
    root: '/',
    device: [0, 5],
    size: 128 * gigabyte,
    used: 0,
  },
  {
    source: 'tmpfs',
    target: '/run',
    type: 'tmpfs',
    options: 'rw,nosuid,nodev',
    root: '/',
    device: [0, 24],
    size: 128 * gigabyte,
    used: 9 * 2 ** 20,
  },
]

// The numbers of what is mounted at boot: all of it lies over the root.
function builtIn(
  mounts: readonly Omit<Mount, 'id' | 'parent' | 'attached' | 'fileSystem'>[],
): Mount[] {
  return mounts.map((mount, i) => ({
    ...mount,
    id: 20 + i,
    parent: i === 0 ? 1 : 20,
    attached: null,
    fileSystem: null,
  }))
}

const basePackages = [
  'bash',
  'chrony',
  'coreutils',
  'openssh-server',
  'rpm',
  'sles-release',
  'sudo',
  'systemd',
  'util-linux',
  'zypper',
  'iproute2',
  'curl',
  'openssl',
  'iptables',
  'grep',
  'sed',
  'gawk',
  'kmod',
  'shadow',
]

function installFromImage(machine: Machine, name: string): void {
  const added = machine.world.addedPackage?.(name)
  const entry = imagePackage(name, machine.spec, added)
  machine.packages.set(entry.name, { ...entry, from: null, installed: machine.booted })
  placeFiles(machine, entry.files, added?.contents)
}

function addUnit(files: View, machine: Machine, name: string): void {
  const file = `/usr/lib/systemd/system/${name}.service`
  if (!files.exists(file)) files.write(file, unitText(`${name}.service`), 0o644)
  files.symlink(file, `/etc/systemd/system/multi-user.target.wants/${name}.service`)
  machine.units.set(`${name}.service`, {
    active: 'active',
    sub: 'running',
    pid: ++machine.lastPid,
    invocation:
      machine.bootId.replaceAll('-', '').slice(0, 24) + String(machine.lastPid).padStart(8, '0'),
    since: machine.booted,
    loaded: files.readText(file),
  })
}

function folders(files: View): void {
  const plain = [
    '/usr/bin',
    '/usr/sbin',
    '/usr/lib/systemd/system',
    '/usr/lib64',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/usr/share',
    '/usr/lib/modules',
    '/etc/zypp/repos.d',
    '/etc/zypp/services.d',
    '/etc/ssh',
    '/etc/sysconfig/network',
    '/etc/sysctl.d',
    '/etc/modules-load.d',
    '/etc/modprobe.d',
    '/etc/systemd/system/multi-user.target.wants',
    '/etc/pki/trust/anchors',
    '/etc/products.d',
    '/etc/profile.d',
    '/etc/cron.d',
    '/home',
    '/mnt',
    '/opt',
    '/srv',
    '/media',
    '/var/lib/rpm',
    '/var/lib/systemd',
    '/var/log',
    '/var/cache/zypp',
    '/var/spool',
    '/run/systemd/system',
    '/run/lock',
    '/run/user',
    '/proc/sys/kernel/random',
    '/proc/self',
    '/sys/module',
    '/sys/class',
    '/sys/bus',
    '/dev/pts',
    '/dev/shm',
    '/boot',
  ]
  for (const path of plain) files.mkdirs(path, 0o755)
  for (const path of ['/tmp', '/var/tmp']) {
    files.mkdirs(path, 0o755)
    files.chmod(path, 0o1777)
  }
  for (const path of ['/root', '/etc/sudoers.d'])
    files.mkdir(path, path === '/root' ? 0o700 : 0o750)
  for (const [target, path] of [
    ['usr/bin', '/bin'],
    ['usr/sbin', '/sbin'],
    ['usr/lib', '/lib'],
    ['usr/lib64', '/lib64'],
    ['../run', '/var/run'],
  ] as const)
    files.symlink(target, path)
}

function system(files: View, machine: Machine): void {
  const { name, servicePack: sp, arch } = machine.spec
  const text: Readonly<Record<string, string>> = {
    '/etc/os-release':
      `NAME="SLES"\nVERSION="15-SP${sp}"\nVERSION_ID="15.${sp}"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP${sp}"\nID="sles"\nID_LIKE="suse"\nANSI_COLOR="0;32"\n` +
      `CPE_NAME="cpe:/o:suse:sles:15:sp${sp}"\nDOCUMENTATION_URL="https://documentation.suse.com/"\n`,
    '/etc/hostname': `${name}\n`,
    '/etc/hosts': `127.0.0.1 localhost\n::1 localhost ipv6-localhost\n`,
    '/etc/fstab': '',
    '/etc/profile': '# /etc/profile\n',
    '/etc/shells': '/bin/sh\n/bin/bash\n/usr/bin/bash\n/sbin/nologin\n',
    '/etc/sysctl.conf': '',
    '/etc/sysconfig/network/config':
      'NETCONFIG_DNS_POLICY="auto"\nNETCONFIG_DNS_FORWARDER="resolver"\nNETCONFIG_DNS_STATIC_SEARCHLIST=""\nNETCONFIG_DNS_STATIC_SERVERS=""\n',
    '/etc/ssh/sshd_config':
      'PermitRootLogin yes\nPubkeyAuthentication yes\nPasswordAuthentication yes\nStrictModes yes\nMaxSessions 10\n',
    '/etc/products.d/SLES.prod': `<?xml version="1.0" encoding="UTF-8"?>\n<product schemeversion="0">\n  <name>SLES</name>\n  <version>15.${sp}</version>\n  <arch>${arch}</arch>\n</product>\n`,
  }
  for (const [path, content] of Object.entries(text)) files.write(path, content, 0o644)
  files.mkdirs('/run/netconfig')
  files.write('/run/netconfig/resolv.conf', resolverText([], []), 0o644)
  files.symlink('/run/netconfig/resolv.conf', '/etc/resolv.conf')
  files.symlink('SLES.prod', '/etc/products.d/baseproduct')
  files.write('/etc/sudoers', sudoersText(machine.spec.users), 0o440)
  const device = (path: string, numbers: readonly [number, number]): void =>
    files.place(path, files.tree.make('character', 0o666, 0, 0, { device: numbers }))
  device('/dev/null', [1, 3])
  device('/dev/zero', [1, 5])
  device('/dev/random', [1, 8])
  device('/dev/urandom', [1, 9])
  device('/dev/tty', [5, 0])
}

function sudoersText(users: Machine['spec']['users']): string {
  const rules = users
    .filter((user) => user.sudo !== 'none' && user.name !== 'root')
    .map((user) => `${user.name} ALL=(ALL) ${user.sudo === 'nopasswd' ? 'NOPASSWD: ' : ''}ALL\n`)
  return `Defaults env_reset\nroot ALL=(ALL) ALL\n${rules.join('')}`
}

const parameters: Readonly<Record<string, string>> = {
  'kernel/ostype': 'Linux',
  'kernel/panic': '90',
  'kernel/panic_on_oops': '1',
  'kernel/pid_max': '4194304',
  'kernel/sysrq': '184',
  'kernel/randomize_va_space': '2',
  'kernel/threads-max': '2061543',
  'vm/swappiness': '60',
  'vm/overcommit_memory': '0',
  'vm/overcommit_ratio': '50',
  'vm/max_map_count': '65530',
  'vm/dirty_ratio': '20',
  'vm/dirty_background_ratio': '10',
  'vm/zone_reclaim_mode': '0',
  'vm/min_free_kbytes': '90112',
  'vm/nr_hugepages': '0',
  'vm/vfs_cache_pressure': '100',
  'net/ipv4/ip_forward': '0',
  'net/ipv4/tcp_syncookies': '1',
  'net/ipv4/tcp_rmem': '4096\t131072\t6291456',
  'net/ipv4/tcp_wmem': '4096\t16384\t4194304',
  'net/ipv4/ip_local_port_range': '32768\t60999',
  'net/ipv4/conf/all/rp_filter': '2',
  'net/ipv4/conf/default/rp_filter': '2',
  'net/ipv4/neigh/default/gc_thresh1': '128',
  'net/ipv4/neigh/default/gc_thresh2': '512',
  'net/ipv4/neigh/default/gc_thresh3': '1024',
  'net/ipv6/conf/all/disable_ipv6': '0',
  'net/ipv6/conf/all/forwarding': '0',
  'net/core/somaxconn': '4096',
  'net/core/rmem_max': '212992',
  'net/core/wmem_max': '212992',
  'net/core/netdev_max_backlog': '1000',
  'fs/file-max': '9223372036854775807',
  'fs/inotify/max_user_watches': '65536',
  'fs/inotify/max_user_instances': '128',
  'fs/aio-max-nr': '65536',
  'user/max_user_namespaces': '1030771',
}

function kernel(files: View, machine: Machine, bootParameters: string): void {
  const { tree, parameters: values } = machine
  const live = (path: string, content: () => string, mode = 0o444): void =>
    files.place(path, tree.make('file', mode, 0, 0, { live: content }))
  for (const [key, value] of Object.entries({
    ...parameters,
    'kernel/hostname': machine.spec.name,
    'kernel/osrelease': kernelRelease(machine.spec.servicePack),
  })) {
    values.set(key, value)
    files.mkdirs(`/proc/sys/${key.slice(0, key.lastIndexOf('/'))}`, 0o555)
    files.place(`/proc/sys/${key}`, parameterInode(tree, values, key))
  }
  live('/proc/sys/kernel/random/boot_id', () => `${machine.bootId}\n`)
  live('/proc/uptime', () => `${((Date.now() - machine.booted) / 1000).toFixed(2)} 0.00\n`)
  live('/proc/cmdline', () => `kernel ${bootParameters}\n`)
  live(
    '/proc/version',
    () => `Linux version ${kernelRelease(machine.spec.servicePack)} (geeko@buildhost)\n`,
  )
  live('/proc/modules', () =>
    [...machine.modules].map((name) => `${name} 16384 0 - Live 0x0000000000000000\n`).join(''),
  )
  live('/proc/mounts', () =>
    machine.mounts
      .map((each) => `${each.source} ${each.target} ${each.type} ${each.options} 0 0\n`)
      .join(''),
  )
  live('/proc/self/mountinfo', () =>
    machine.mounts
      .map(
        (each) =>
          `${each.id} ${each.parent} ${each.device.join(':')} ${escaped(each.root)} ${escaped(each.target)} ${each.options} - ${each.type} ${each.source} rw\n`,
      )
      .join(''),
  )
  live(
    '/proc/meminfo',
    () =>
      'MemTotal:       263872112 kB\nMemFree:        250014204 kB\nMemAvailable:   256231900 kB\n',
  )
  live('/proc/loadavg', () => '0.08 0.03 0.01 1/812 4242\n')
  for (const name of machine.modules) files.mkdirs(`/sys/module/${name}/parameters`, 0o755)
}

// As the kernel writes paths there.
function escaped(path: string): string {
  return path.replace(
    /[ \t\n\\]/g,
    (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}

// Numbers are taken as numbers: the kernel refuses other text, and shows what it understood.
function parameterInode(tree: Tree, values: Map<string, string>, key: string): Inode {
  const readOnly = key === 'kernel/ostype' || key === 'kernel/osrelease'
  return tree.make('file', readOnly ? 0o444 : 0o644, 0, 0, {
    live: () => `${values.get(key)}\n`,
    accept(text) {
      const wanted = text.trim()
      const numeric = /^[\d\s-]+$/.test(values.get(key)!)
      // A redirection empties the file first; the kernel makes nothing of it.
      if (wanted === '') return null
      if (readOnly) return 'EACCES'
      if (numeric && !/^-?\d+([\s]+-?\d+)*$/.test(wanted)) return 'EINVAL'
      values.set(key, numeric ? wanted.split(/\s+/).join('\t') : wanted)
      return null
    },
  })
}

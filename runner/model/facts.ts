import { ask, stat, text, type Probe, type Seen } from '../contract/probe.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import type { Value } from '../contract/value.ts'

/** A fact: what it is, the probes that it is read by, and what they mean. */
export interface Fact {
  readonly schema: ParamSchema
  readonly probes: Readonly<Record<string, Probe>>
  value(seen: Seen): Value
}

const osRelease = { os: text('/etc/os-release') }
const uname = { uname: ask(['uname', '-nrm']) }
const managers = {
  zypper: stat('/usr/bin/zypper', { follow: true }),
  dnf: stat('/usr/bin/dnf', { follow: true }),
  apt: stat('/usr/bin/apt-get', { follow: true }),
}

/** The facts that playbooks may name as `facts.NAME`; only those that a playbook uses are read. */
export const facts: Readonly<Record<string, Fact>> = {
  arch: {
    schema: {
      type: 'string',
      description: 'Architecture, as `uname -m` says it: `x86_64`, `aarch64`.',
    },
    probes: uname,
    value: (seen) => unameField(seen, 2),
  },
  hostname: {
    schema: { type: 'string', description: 'Host name, as `uname -n` says it.' },
    probes: uname,
    value: (seen) => unameField(seen, 0),
  },
  kernel: {
    schema: { type: 'string', description: 'Kernel release, as `uname -r` says it.' },
    probes: uname,
    value: (seen) => unameField(seen, 1),
  },
  os: {
    schema: { type: 'string', description: '`ID` of os-release: `sles`, `debian`.' },
    probes: osRelease,
    value: (seen) => osField(seen['os']?.text ?? '', 'ID') ?? 'unknown',
  },
  os_version: {
    schema: { type: 'string', description: '`VERSION_ID` of os-release: `15.5`.' },
    probes: osRelease,
    value: (seen) => osField(seen['os']?.text ?? '', 'VERSION_ID') ?? '',
  },
  sp: {
    schema: {
      type: 'integer',
      description: 'Service pack: 5 for SLES 15.5; 0 without one.',
    },
    probes: osRelease,
    value: (seen) =>
      Number(/^\d+\.(\d+)$/.exec(osField(seen['os']?.text ?? '', 'VERSION_ID') ?? '')?.[1] ?? 0),
  },
  package_manager: {
    schema: {
      type: 'string',
      description:
        '`zypper`, `dnf` or `apt`: the first that the host has; empty where it has none.',
    },
    probes: managers,
    value: (seen) => ['zypper', 'dnf', 'apt'].find((name) => seen[name]?.exists === true) ?? '',
  },
  init: {
    schema: { type: 'string', description: '`systemd` where it runs, else `other`.' },
    probes: { systemd: stat('/run/systemd/system') },
    value: (seen) => (seen['systemd']?.exists === true ? 'systemd' : 'other'),
  },
  boot_id: {
    schema: {
      type: 'string',
      description: 'Identifier of the running boot; another one means the host was rebooted.',
    },
    probes: { boot: text('/proc/sys/kernel/random/boot_id') },
    value: (seen) => (seen['boot']?.text ?? '').trim(),
  },
}

function unameField(seen: Seen, index: number): string {
  return (seen['uname']?.stdout ?? '').trim().split(/\s+/)[index] ?? ''
}

/** A field of a text as of /etc/os-release, without its quotes. */
export function osField(release: string, key: string): string | undefined {
  const line = release.split('\n').find((each) => each.startsWith(`${key}=`))
  return line
    ?.slice(key.length + 1)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
}

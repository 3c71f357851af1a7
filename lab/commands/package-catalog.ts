import type { NodeSpec, RepositoryPackage } from '../node/node-model.ts'

interface Known {
  readonly version: string
  readonly noarch?: true
  readonly summary: string
  readonly requires?: readonly string[]
  readonly files?: readonly string[]
  /** The SLE module whose pool carries it. */
  readonly module?: 'Basesystem' | 'Containers' | 'Server-Applications' | 'HPC'
}

// Versions that carry `%` differ per service pack: it becomes the 150500 of SP5.
const known: Readonly<Record<string, Known>> = {
  bash: { version: '4.4-%.25.22', summary: 'The GNU Bourne-Again Shell', module: 'Basesystem' },
  coreutils: { version: '8.32-%.9.1', summary: 'GNU Core Utilities', module: 'Basesystem' },
  'openssh-server': {
    version: '8.4p1-%.3.27.1',
    summary: 'SSH (Secure Shell) server',
    module: 'Basesystem',
  },
  rpm: {
    version: '4.14.3-%.59.16.1',
    summary: 'The RPM Package Manager',
    files: ['/usr/bin/rpm'],
    module: 'Basesystem',
  },
  'sles-release': { version: '15.$-%.61.2', summary: 'SUSE Linux Enterprise Server 15 SP$' },
  sudo: {
    version: '1.9.12p1-%.7.10.1',
    summary: 'Execute some commands as root',
    files: ['/usr/bin/sudo'],
    module: 'Basesystem',
  },
  systemd: {
    version: '249.17-%.8.40.1',
    summary: 'A System and Session Manager',
    files: ['/usr/bin/systemctl', '/usr/bin/hostnamectl'],
    module: 'Basesystem',
  },
  'util-linux': {
    version: '2.37.4-%.9.11.1',
    summary: 'A collection of basic system utilities',
    module: 'Basesystem',
  },
  zypper: {
    version: '1.14.68-%.6.9',
    summary: 'Command line software manager using libzypp',
    files: ['/usr/bin/zypper'],
    module: 'Basesystem',
  },
  iproute2: {
    version: '5.14-%.3.1',
    summary: 'Linux network configuration utilities',
    module: 'Basesystem',
  },
  iptables: {
    version: '1.8.7-1.1',
    summary: 'IP packet filter administration utilities',
    module: 'Basesystem',
  },
  grep: { version: '3.1-%.4.6.1', summary: 'Print lines matching a pattern', module: 'Basesystem' },
  sed: {
    version: '4.4-11.6',
    summary: 'A stream-oriented non-interactive text editor',
    module: 'Basesystem',
  },
  gawk: { version: '4.2.1-%.3.3.1', summary: 'GNU awk', module: 'Basesystem' },
  kmod: {
    version: '29-4.15.1',
    summary: 'Utilities to load modules into the kernel',
    module: 'Basesystem',
  },
  shadow: {
    version: '4.8.1-%.4.15.1',
    summary: 'Utilities to manage user and group accounts',
    module: 'Basesystem',
  },
  podman: {
    version: '4.4.4-%.3.5.1',
    summary: 'Daemon-less container engine for managing containers, pods and images',
    requires: ['conmon', 'libcontainers-common', 'runc', 'cni-plugins'],
    files: ['/usr/bin/podman', '/usr/lib/systemd/system/podman.service'],
    module: 'Containers',
  },
  conmon: {
    version: '2.1.7-%.9.4.1',
    summary: 'An OCI container runtime monitor',
    files: ['/usr/bin/conmon'],
    module: 'Containers',
  },
  runc: {
    version: '1.1.5-%.41.1',
    summary: 'Tool for spawning and running OCI containers',
    files: ['/usr/sbin/runc'],
    module: 'Containers',
  },
  'libcontainers-common': {
    version: '20230214-%.4.3.1',
    noarch: true,
    summary: 'Configuration files common to github.com/containers',
    files: ['/etc/containers/registries.conf'],
    module: 'Basesystem',
  },
  'cni-plugins': {
    version: '1.1.1-%.3.2.1',
    summary: 'Container Network Interface plugins',
    module: 'Containers',
  },
  'ceph-common': {
    version: '16.2.11.58-%.3.6.1',
    summary: 'Ceph Common',
    requires: ['librados2', 'librbd1'],
    files: ['/usr/bin/ceph', '/usr/bin/rbd', '/usr/bin/rados'],
    module: 'Basesystem',
  },
  librados2: {
    version: '16.2.11.58-%.3.6.1',
    summary: 'RADOS distributed object store client library',
    module: 'Basesystem',
  },
  librbd1: {
    version: '16.2.11.58-%.3.6.1',
    summary: 'RADOS block device client library',
    module: 'Basesystem',
  },
  jq: {
    version: '1.6-3.3.1',
    summary: 'A lightweight and flexible command-line JSON processor',
    files: ['/usr/bin/jq'],
    module: 'Basesystem',
  },
  curl: {
    version: '8.0.1-%.5.44.1',
    summary: 'A Tool for Transferring Data from URLs',
    files: ['/usr/bin/curl'],
    module: 'Basesystem',
  },
  openssl: {
    version: '1.1.1l-%.2.17',
    summary: 'Secure Sockets and Transport Layer Security',
    files: ['/usr/bin/openssl'],
    module: 'Basesystem',
  },
  'bind-utils': {
    version: '9.16.43-%.8.16.1',
    summary: 'Utilities to query and test DNS',
    files: ['/usr/bin/host'],
    module: 'Basesystem',
  },
  slurm: {
    version: '23.02.7-%.5.15.1',
    summary: 'Simple Linux Utility for Resource Management',
    files: ['scontrol', 'squeue', 'sinfo', 'sbatch', 'scancel'].map((name) => `/usr/bin/${name}`),
    module: 'HPC',
  },
  chrony: {
    version: '4.1-%.21.5',
    summary: 'System Clock Synchronization Client and Server',
    files: ['/usr/sbin/chronyd', '/usr/bin/chronyc', '/usr/lib/systemd/system/chronyd.service'],
    module: 'Basesystem',
  },
  tmux: {
    version: '3.1c-1.41',
    summary: 'Terminal multiplexer',
    files: ['/usr/bin/tmux'],
    module: 'Basesystem',
  },
  rsync: {
    version: '3.2.3-%.3.12.1',
    summary: 'Versatile tool for fast incremental file transfer',
    files: ['/usr/bin/rsync'],
    module: 'Basesystem',
  },
  'nfs-client': {
    version: '2.1.1-%.20.2',
    summary: 'Support Utilities for NFS',
    files: ['/usr/sbin/showmount'],
    module: 'Basesystem',
  },
  lldpd: {
    version: '1.0.13-%.3.3',
    summary: 'Implementation of IEEE 802.1ab (LLDP)',
    files: ['/usr/sbin/lldpd', '/usr/lib/systemd/system/lldpd.service'],
    module: 'Server-Applications',
  },
  'bos-reporter': {
    version: '2.24.1-1',
    noarch: true,
    summary: 'Cray Boot Orchestration Service state reporter',
    files: ['/usr/lib/systemd/system/bos-reporter.service'],
  },
  'cfs-state-reporter': {
    version: '1.10.2-1',
    noarch: true,
    summary: 'CFS state reporter',
    files: ['/usr/lib/systemd/system/cfs-state-reporter.service'],
  },
  kubectl: {
    version: '1.22.13-0',
    summary: 'Kubernetes command line',
    files: ['/usr/bin/kubectl'],
  },
}

/** The names of the packages that the lab knows. */
export const knownPackages: readonly string[] = Object.keys(known)

function filled(text: string, servicePack: number): string {
  return text
    .replaceAll('%', () => `150${servicePack}00`)
    .replaceAll('$', () => String(servicePack))
}

/** A package of an image: known ones in the version of the service pack, others as version 1.0. */
export function imagePackage(
  name: string,
  spec: Pick<NodeSpec, 'arch' | 'servicePack'>,
  added?: RepositoryPackage,
): {
  name: string
  version: string
  release: string
  arch: string
  summary: string
  requires: readonly string[]
  files: readonly string[]
} {
  const entry: Known = added
    ? { ...added, summary: added.summary ?? name, noarch: true }
    : (known[name] ?? { version: '1.0-1', summary: name })
  const [version = '', release = ''] = filled(entry.version, spec.servicePack).split('-')
  return {
    name,
    version,
    release,
    arch: entry.noarch ? 'noarch' : spec.arch,
    summary: filled(entry.summary, spec.servicePack),
    requires: entry.requires ?? [],
    files: entry.files ?? [],
  }
}

/** What the pool of a SLE module offers, as far as the lab knows it. */
export function poolPackages(
  module: string,
  servicePack: number,
  arch: 'x86_64' | 'aarch64',
): readonly RepositoryPackage[] {
  return Object.entries(known)
    .filter(([, entry]) => entry.module === module)
    .map(([name, entry]) => ({
      name,
      version: filled(entry.version, servicePack),
      arch: entry.noarch ? 'noarch' : arch,
      summary: filled(entry.summary, servicePack),
      requires: entry.requires ?? [],
      files: entry.files ?? [],
    }))
}

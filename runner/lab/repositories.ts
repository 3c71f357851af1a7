import type { RepositoryContent, RepositoryPackage } from './node/types.ts'

type Arch = 'x86_64' | 'aarch64'

/** What stands behind a repository's URL: the SUSE modules and CSM's own repositories on packages.local, and nothing else. */
export function repositoryAt(url: string): RepositoryContent {
  const path = /^https:\/\/packages\.local\/repository\/([^/]+)$/.exec(url)?.[1]
  if (!path) return { state: 'dead' }
  const suse = /^SUSE-SLE-Module-(Basesystem|Containers|HPC|Server-Applications|Development-Tools|Legacy)-15-SP([3-7])-(x86_64|aarch64)-(Pool|Updates)$/.exec(path)
  if (suse) {
    const [, module, servicePack, arch, channel] = suse
    const packages = channel === 'Pool' ? poolPackages(module!, Number(servicePack), arch as Arch) : []
    return { state: 'served', signature: 'trusted', packages }
  }
  // CSM's own repositories are not signed: installing from them takes a decision about that.
  if (path === 'csm-noos' || /^csm-sle-15sp[3-7]$/.test(path)) return { state: 'served', signature: 'none', packages: [craycli] }
  return { state: 'missing' }
}

const craycli: RepositoryPackage = { name: 'craycli', version: '0.89.0-1', arch: 'x86_64', summary: 'Command line of the CSM services', files: ['/usr/bin/cray'], signed: false }

function poolPackages(module: string, servicePack: number, arch: Arch): readonly RepositoryPackage[] {
  const release = `150${servicePack}00`
  const of = (name: string, version: string, more: Partial<RepositoryPackage> = {}): RepositoryPackage => ({ name, version: `${version}-${release}.3.5.1`, arch, signed: true, ...more })
  if (module === 'Basesystem') {
    return [
      of('curl', '8.0.1', { summary: 'A tool for transferring data from URLs', files: ['/usr/bin/curl'] }),
      of('iptables', '1.8.7', { summary: 'IP packet filter administration utilities', files: ['/usr/sbin/iptables', '/usr/sbin/iptables-save'], requires: ['libxtables12'] }),
      of('libxtables12', '1.8.7', { summary: 'iptables extension interface' }),
      of('jq', '1.6', { summary: 'A lightweight and flexible command-line JSON processor', files: ['/usr/bin/jq'] }),
      of('rsync', '3.2.3', { summary: 'Versatile tool for fast incremental file transfer', files: ['/usr/bin/rsync'] }),
      of('fuse3', '3.10.5', { summary: 'Reference implementation of the "Filesystem in Userspace"', files: ['/usr/bin/fusermount3'] }),
    ]
  }
  if (module === 'Containers') {
    return [
      of('podman', servicePack < 6 ? '4.4.4' : '4.9.5', {
        summary: 'Daemon-less container engine for managing containers, pods and images',
        files: ['/usr/bin/podman'],
        requires: ['conmon', 'runc', 'fuse-overlayfs', 'iptables', servicePack < 6 ? 'podman-cni-config' : 'netavark'],
      }),
      of('conmon', '2.1.7', { summary: 'An OCI container runtime monitor', files: ['/usr/bin/conmon'] }),
      of('runc', '1.1.8', { summary: 'Tool for spawning and running OCI containers', files: ['/usr/sbin/runc'] }),
      of('fuse-overlayfs', '1.1.2', { summary: 'FUSE implementation for overlayfs', files: ['/usr/bin/fuse-overlayfs'], requires: ['fuse3'] }),
      servicePack < 6
        ? of('podman-cni-config', '4.4.4', { arch: 'noarch', summary: 'Basic CNI configuration for podman', requires: ['cni-plugins'] })
        : of('netavark', '1.5.0', { summary: 'Container network stack' }),
      of('cni-plugins', '1.1.1', { summary: 'Container Network Interface plugins' }),
    ]
  }
  return []
}

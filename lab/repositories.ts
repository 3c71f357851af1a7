import { poolPackages } from './commands/package-catalog.ts'
import type { AddedPackage } from './added/additions.ts'
import type { RepositoryContent, RepositoryPackage } from './node/node-model.ts'

/** What stands behind a repository's URL: the SUSE modules and CSM's own repositories on packages.local, and nothing else. */
export function repositoryAt(url: string, added: readonly AddedPackage[] = []): RepositoryContent {
  const name = /^https:\/\/packages\.local\/repository\/([^/]+)$/.exec(url)?.[1]
  if (!name) return { state: 'dead' }
  const more = added.filter(({ repository }) => repository === name).map(({ offer }) => offer)
  const own = ownContent(name)
  if (more.length === 0) return own
  return own.state === 'served'
    ? { ...own, packages: [...own.packages, ...more] }
    : { state: 'served', signature: 'trusted', packages: more }
}

function ownContent(name: string): RepositoryContent {
  const suse =
    /^SUSE-SLE-Module-(Basesystem|Containers|HPC|Server-Applications|Development-Tools|Legacy)-15-SP([3-7])-(x86_64|aarch64)-(Pool|Updates)$/.exec(
      name,
    )
  if (suse) {
    const [, module = '', servicePack, arch, channel] = suse
    return {
      state: 'served',
      signature: 'trusted',
      packages:
        channel === 'Pool'
          ? poolPackages(module, Number(servicePack), arch as 'x86_64' | 'aarch64')
          : [],
    }
  }
  // CSM's own repositories are not signed: installing from them takes a decision about that.
  if (name === 'csm-noos' || /^csm-sle-15sp[3-7]$/.test(name))
    return { state: 'served', signature: 'none', packages: [craycli] }
  return { state: 'missing' }
}

const craycli: RepositoryPackage = {
  name: 'craycli',
  version: '0.89.0-1',
  arch: 'x86_64',
  summary: 'Command line of the CSM services',
  files: ['/usr/bin/cray'],
  signed: false,
}

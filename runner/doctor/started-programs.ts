import { typeNeeds } from './type-needs.generated.ts'

/** Programs that a type starts: each name must be there, of a list any one with all its programs. */
export type Program = string | readonly (readonly string[])[]

/** What every script starts, whatever the task. */
export const everyScript: readonly string[] = [
  'cat',
  'chmod',
  'chown',
  'cp',
  'dd',
  'find',
  'grep',
  'head',
  'id',
  'kill',
  'ln',
  'mkdir',
  'mv',
  'readlink',
  'rm',
  'sed',
  'sha256sum',
  'sleep',
  'stat',
  'sync',
  'uname',
  'wc',
]

const packages: readonly (readonly string[])[] = [
  ['zypper', 'rpm'],
  ['dnf', 'rpm'],
  ['apt-get', 'apt-cache', 'dpkg-query'],
]

/** Where the programs depend on the system of the host: any one of these sets. */
const alternatives: Readonly<Record<string, readonly Program[]>> = {
  package: [packages],
  package_repository: [packages],
}

/** Programs that a type starts only for some params: what is missing shows at the task. */
export const programsForSomeParams: Readonly<Record<string, readonly string[]>> = {
  filesystem: ['mkfs.ext2', 'mkfs.ext3', 'mkfs.ext4', 'mkfs.vfat', 'mkfs.xfs', 'rbd'],
  mount: ['findfs'],
}

const everywhere = new Set(['sh', 'test', ...everyScript])

/** The programs that a type starts on its host whatever its params are, beside those of every script. */
export function programsOf(type: string): readonly Program[] {
  const some = new Set([...everywhere, ...(programsForSomeParams[type] ?? [])])
  return (
    alternatives[type] ?? (typeNeeds[type]?.programs ?? []).filter((program) => !some.has(program))
  )
}

/** The services that a type asks. */
export function servicesOf(type: string): readonly string[] {
  return typeNeeds[type]?.services ?? []
}

/** The package that brings a program, by its name on SLES: where a playbook installs it, the program may still be missing. */
export const packagesOfPrograms: Readonly<Record<string, readonly string[]>> = {
  ceph: ['ceph-common'],
  git: ['git', 'git-core'],
  'mkfs.xfs': ['xfsprogs'],
  podman: ['podman'],
  rbd: ['ceph-common', 'rbd-nbd'],
}

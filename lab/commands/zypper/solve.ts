import { faultOf, type Installed, type Machine } from '../../node/machine.ts'
import type { RepositoryPackage } from '../../node/node-model.ts'
import type { View } from '../../node/view.ts'
import { flag, priorityOf, type Repository, repositoriesOf, urlOf } from './repository-files.ts'
import { compareEditions } from './version.ts'

/** How zypper looks at signatures, by its options. */
export interface Trust {
  readonly noChecks: boolean
  readonly importKeys: boolean
}

/** Why a repository is left out: its words on stderr, before them what the download said, and what was asked on stdout. */
export interface Unreached {
  readonly repository: Repository
  readonly problem: string
  readonly download: string
  readonly asked: string
  readonly signature: boolean
}
/** What a repository gave: packages, or why it is left out. */
export type Reached =
  | {
      readonly repository: Repository
      readonly packages: readonly RepositoryPackage[]
      readonly unsignedAllowed: boolean
    }
  | Unreached

/** Looks at a repository as a refresh does. */
export function reach(machine: Machine, repository: Repository, trust: Trust): Reached {
  const url = urlOf(repository, machine)
  const fault = faultOf(machine, 'repository-dead')
  const content =
    fault && url.includes(fault.url ?? '')
      ? ({ state: 'dead' } as const)
      : machine.world.repository(url)
  const { alias } = repository
  const invalid = `[${alias}|${url}] Valid metadata not found at specified URL\nHistory:\n`
  if (content.state === 'dead') return deadRepository(repository, url, invalid)
  if (content.state === 'missing')
    return {
      repository,
      signature: false,
      download: '',
      asked: '',
      problem: `${invalid} - [${alias}|${url}] Repository type can't be determined.\n\n`,
    }
  const checks = flag(repository, 'gpgcheck', true) && !trust.noChecks
  const asked = checks ? signatureQuestion(machine, repository, content.signature, trust) : null
  if (asked !== null)
    return {
      repository,
      signature: true,
      download: '',
      problem: `${invalid} - Signature verification failed for repomd.xml\n - Can't provide /repodata/repomd.xml\n\n`,
      asked,
    }
  // After one run without checks the cache is used silently; an imported key stays imported.
  if (trust.noChecks) machine.refreshed.add(`unchecked ${alias}`)
  if (content.signature === 'untrusted') machine.refreshed.add(`imported ${alias}`)
  machine.refreshed.add(alias)
  const checksPackages =
    checks &&
    (flag(repository, 'pkg_gpgcheck', false) ||
      (content.signature === 'none' && !flag(repository, 'repo_gpgcheck', true)))
  return {
    repository,
    packages: content.packages.map((each) => ({ signed: content.signature !== 'none', ...each })),
    unsignedAllowed: !checksPackages,
  }
}

function deadRepository(repository: Repository, url: string, invalid: string): Unreached {
  const port = /^\w+:\/\/[^/]*?:(\d+)/.exec(url)?.[1] ?? (url.startsWith('http:') ? '80' : '443')
  const download = `Download (curl) error for '${url}/repodata/repomd.xml':\nError code: Connection failed\nError message: Failed to connect to ${host(url)} port ${port} after 0 ms: Couldn't connect to server\n\n`
  return {
    repository,
    signature: false,
    download,
    asked: 'Abort, retry, ignore? [a/r/i/...? shows all options] (a): a\n',
    problem: `${invalid} - Unknown error reading from '${url}'\n - ABORT request: Aborting requested by user\n - ${download}`,
  }
}

/** What zypper asks about the signature of a repository, which it answers with no; null: nothing. */
function signatureQuestion(
  { refreshed }: Machine,
  repository: Repository,
  signature: 'none' | 'trusted' | 'untrusted',
  trust: Trust,
): string | null {
  const { alias } = repository
  const mustBeSigned = flag(repository, 'repo_gpgcheck', true)
  if (signature === 'none' && mustBeSigned && !refreshed.has(`unchecked ${alias}`)) {
    const name = repository.values.get('name') ?? alias
    return `Warning: File 'repomd.xml' from repository '${name}' is unsigned.\nFile 'repomd.xml' from repository '${name}' is unsigned, continue? [yes/no] (no): no\n`
  }
  if (signature === 'untrusted' && !trust.importKeys && !refreshed.has(`imported ${alias}`))
    return 'New repository or package signing key received:\nDo you want to reject the key, trust temporarily, or trust always? [r/t/a/?] (r): r\n'
  return null
}

function host(url: string): string {
  return /^\w+:\/\/([^/:]+)/.exec(url)?.[1] ?? url
}

/** A package that may be installed, and where from. */
export interface Candidate {
  readonly package: RepositoryPackage
  readonly repository: Repository
  readonly unsignedAllowed: boolean
}

/** The pool that install works with. */
export interface Pool {
  readonly candidates: readonly Candidate[]
  /** Repositories that were left out, and why. */
  readonly skipped: readonly Extract<Reached, { problem: string }>[]
}

/** Everything that the enabled repositories offer this machine. */
export function poolOf(machine: Machine, files: View, trust: Trust, only: readonly string[]): Pool {
  const enabled = repositoriesOf(files).filter(
    (each) => flag(each, 'enabled', true) && (only.length === 0 || only.includes(each.alias)),
  )
  const reached = enabled.map((repository) => reach(machine, repository, trust))
  const candidates = reached.flatMap((each) =>
    'packages' in each
      ? each.packages
          .filter((offer) => offer.arch === 'noarch' || offer.arch === machine.spec.arch)
          .map((offer) => ({
            package: offer,
            repository: each.repository,
            unsignedAllowed: each.unsignedAllowed,
          }))
      : [],
  )
  return { candidates, skipped: reached.flatMap((each) => ('problem' in each ? [each] : [])) }
}

/** A capability as the command line names it: `podman`, `podman=4.4.4-1`, `podman >= 4`. */
export interface Wish {
  readonly name: string
  readonly relation: string | null
  readonly edition: string | null
}

/** Reads a capability. */
export function wishOf(text: string): Wish {
  const match = /^(.+?)\s*(<=|>=|==|=|<|>)\s*(\S+)$/.exec(text)
  return match
    ? { name: match[1]!, relation: match[2]!.replace('==', '='), edition: match[3]! }
    : { name: text, relation: null, edition: null }
}

/** Whether an edition fulfils a wish. */
export function fulfils(wish: Wish, edition: string): boolean {
  if (wish.relation === null || wish.edition === null) return true
  const order = compareEditions(edition, wish.edition)
  return (
    (wish.relation.includes('=') && order === 0) ||
    (wish.relation.startsWith('<') && order < 0) ||
    (wish.relation.startsWith('>') && order > 0)
  )
}

/** The best candidate for a wish: lowest priority number, then newest; a path is provided by the package that has it. */
export function best(pool: Pool, wish: Wish): Candidate | undefined {
  const fits = pool.candidates.filter(
    ({ package: offer }) =>
      (offer.name === wish.name ||
        `${offer.name}-${offer.version}` === wish.name ||
        (wish.name.startsWith('/') && (offer.files ?? []).includes(wish.name))) &&
      fulfils(wish, offer.version),
  )
  return [...fits].sort(
    (a, b) =>
      priorityOf(a.repository) - priorityOf(b.repository) ||
      compareEditions(b.package.version, a.package.version),
  )[0]
}

/** `version-release` of an installed package. */
export function editionOf(installed: Installed): string {
  return `${installed.version}-${installed.release}`
}

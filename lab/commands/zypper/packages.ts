import type { Machine } from '../../node/machine.ts'
import { placeFiles } from '../../node/package-files.ts'
import { FileError, root } from '../../node/file-tree.ts'
import { viewOf } from '../../node/view.ts'
import { type Call, fail, ok, type Output, type Parsed } from '../command.ts'
import {
  best,
  type Candidate,
  editionOf,
  fulfils,
  type Pool,
  poolOf,
  type Trust,
  type Wish,
  wishOf,
} from './solve.ts'
import { urlOf } from './repository-files.ts'
import { compareEditions } from './version.ts'

/** Locked names, in /etc/zypp/locks. */
export function locksOf(call: Call): readonly string[] {
  if (!call.files.exists('/etc/zypp/locks')) return []
  return [...call.files.readText('/etc/zypp/locks').matchAll(/^solvable_name:\s*(\S+)/gm)].map(
    (match) => match[1]!,
  )
}

function notes(pool: Pool): string {
  const reported = pool.skipped
    .map(({ download, problem }) => `${download}Error building the cache:\n${problem}`)
    .join('')
  return reported === ''
    ? ''
    : `${reported}\nSome of the repositories have not been refreshed because of an error.\n`
}

function headOf(pool: Pool): string {
  const asked = pool.skipped
    .map(
      ({ repository, asked }) =>
        `${asked}Warning: Skipping repository '${repository.values.get('name') ?? repository.alias}' because of the above error.\n`,
    )
    .join('')
  return `${asked}Loading repository data...\nReading installed packages...\n`
}

/** The end of an installation that was given up. */
const aborted =
  'Problem occurred during or after installation or removal of packages:\nInstallation has been aborted as directed.\nPlease see the above error message for a hint.\n'

function finish(pool: Pool, stdout: string): Output {
  return pool.skipped.length === 0 ? ok(stdout) : { stdout, stderr: notes(pool), exitCode: 106 }
}

/** zypper install and update. */
export function install(call: Call, options: Parsed, trust: Trust): Output {
  const { machine } = call
  const pool = poolOf(machine, call.files, trust, options.all('from', 'r', 'repo'))
  const names = options.operands
  const head = headOf(pool)
  const chosen = new Map<string, Candidate>()
  let said = ''
  const locks = locksOf(call)
  for (const wish of names.map(wishOf)) {
    const installed =
      machine.packages.get(wish.name) ??
      [...machine.packages.values()].find((each) => each.files.includes(wish.name))
    const candidate = best(pool, wish)
    if (
      installed &&
      fulfils(wish, editionOf(installed)) &&
      (!candidate || wish.relation === null || !options.has('force', 'f')) &&
      !isNewer(candidate, editionOf(installed), wish) &&
      !options.has('force', 'f')
    ) {
      said += `'${installed.name}' is already installed.\n${candidate ? `No update candidate for '${installed.name}-${editionOf(installed)}.${installed.arch}'. The highest available version is already installed.\n` : ''}`
    } else if (!candidate) {
      const text = `'${wish.name}' not found in package names. Trying capabilities.\n`
      return {
        stdout: `${head}${text}`,
        stderr: `${notes(pool)}No provider of '${names.find((each) => wishOf(each).name === wish.name)}' found.\n`,
        exitCode: 104,
      }
    } else if (locks.includes(candidate.package.name)) {
      return fail(
        4,
        '',
        `${head}Resolving package dependencies...\n\nProblem: the installed or offered package ${candidate.package.name} is locked\n Solution 1: remove lock to allow installation of ${candidate.package.name}-${candidate.package.version}.${candidate.package.arch}\n\nChoose the above solution using '1' or skip, retry or cancel [1/s/r/c/d/?] (c): c\n`,
      )
    } else chosen.set(candidate.package.name, candidate)
  }
  const missing = addRequired(machine, pool, chosen)
  if (missing !== null) {
    return fail(
      4,
      notes(pool),
      `${head}${said}Resolving package dependencies...\n\nProblem: nothing provides ${missing.what} needed by ${missing.by}\n Solution 1: do not install ${missing.by}\n Solution 2: break ${missing.by} by ignoring some of its dependencies\n\nChoose from above solutions by number or cancel [1/2/c/d/?] (c): c\n`,
    )
  }
  if (chosen.size === 0)
    return finish(pool, `${head}${said}Resolving package dependencies...\nNothing to do.\n`)
  const list = [...chosen.keys()].sort()
  const plan = `${head}${said}Resolving package dependencies...\n\nThe following ${list.length === 1 ? 'NEW package is' : `${list.length} NEW packages are`} going to be installed:\n  ${list.join(' ')}\n\n${list.length} new package${list.length === 1 ? '' : 's'} to install.\nContinue? [y/n/v/...? shows all options] (y): y\n`
  if (options.has('dry-run', 'D', 'download-only', 'd')) return finish(pool, plan)
  return commit(machine, pool, [...chosen.values()], plan)
}

function isNewer(candidate: Candidate | undefined, edition: string, wish: Wish): boolean {
  return (
    candidate !== undefined &&
    compareEditions(candidate.package.version, edition) > 0 &&
    fulfils(wish, candidate.package.version)
  )
}

function addRequired(
  machine: Machine,
  pool: Pool,
  chosen: Map<string, Candidate>,
): { what: string; by: string } | null {
  const todo = [...chosen.values()]
  for (let next = todo.shift(); next; next = todo.shift()) {
    for (const need of next.package.requires ?? []) {
      const wish = wishOf(need)
      const installed = machine.packages.get(wish.name)
      if (chosen.has(wish.name) || (installed && fulfils(wish, editionOf(installed)))) continue
      const candidate = best(pool, wish)
      if (!candidate)
        return {
          what: need,
          by: `${next.package.name}-${next.package.version}.${next.package.arch}`,
        }
      chosen.set(candidate.package.name, candidate)
      todo.push(candidate)
    }
  }
  return null
}

function commit(machine: Machine, pool: Pool, chosen: readonly Candidate[], plan: string): Output {
  let out = plan
  let scriptFailed = false
  // What others need is installed before them.
  const ordered = [...chosen].reverse()
  for (const [index, { package: offer, repository, unsignedAllowed }] of ordered.entries()) {
    const full = `${offer.name}-${offer.version}.${offer.arch}`
    out += `Retrieving: ${full} (${repository.values.get('name') ?? repository.alias}) (${index + 1}/${ordered.length})\n`
    if (offer.broken === 'download')
      return fail(
        8,
        `${notes(pool)}File './${full}.rpm' not found on medium '${urlOf(repository, machine)}'\n${aborted}`,
        `${out}Retrieving: ${full}.rpm [not found]\nAbort, retry, ignore? [a/r/i/...? shows all options] (a): a\n`,
      )
    if (offer.signed === false && !unsignedAllowed) {
      return fail(
        8,
        `${full}.rpm (${repository.alias}): Package header is not signed!\n${aborted}`,
        `${out}Abort, retry, ignore? [a/r/i] (a): a\n`,
      )
    }
    if (offer.broken === 'pre')
      return fail(
        8,
        `Installation of ${full} failed:\nError: Subprocess failed. Error: RPM failed: error: %prein(${full}) scriptlet failed, exit status 1\nerror: ${full}: install failed\n\n${aborted}`,
        `${out}(${index + 1}/${ordered.length}) Installing: ${full} [error]\nAbort, retry, ignore? [a/r/i] (a): a\n`,
      )
    const [version = '', release = ''] = offer.version.split('-')
    try {
      placeFiles(machine, offer.files ?? [], offer.contents)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return fail(
        8,
        `Installation of ${full} failed:\nError: Subprocess failed. Error: RPM failed: error: unpacking of archive failed: cpio: write failed - ${error.code === 'ENOSPC' ? 'No space left on device' : 'Read-only file system'}\n\n${aborted}`,
        `${out}Abort, retry, ignore? [a/r/i] (a): a\n`,
      )
    }
    machine.packages.set(offer.name, {
      name: offer.name,
      version,
      release,
      arch: offer.arch,
      summary: offer.summary ?? offer.name,
      requires: offer.requires ?? [],
      files: offer.files ?? [],
      from: repository.alias,
      installed: Date.now(),
    })
    if (offer.broken === 'post') scriptFailed = true
    out += `(${index + 1}/${ordered.length}) Installing: ${full} [..${offer.broken === 'post' ? `\nwarning: %post(${full}) scriptlet failed, exit status 1\n` : ''}done]\n`
  }
  if (scriptFailed) return { stdout: out, stderr: notes(pool), exitCode: 107 }
  return finish(pool, out)
}

/** zypper remove: what needs the package goes with it. */
export function remove(call: Call, options: Parsed): Output {
  const { machine } = call
  const head = 'Reading installed packages...\n'
  const gone = new Set<string>()
  for (const name of options.operands) {
    if (!machine.packages.has(name))
      return {
        stdout: `${head}'${name}' not found in package names. Trying capabilities.\n`,
        stderr: `No provider of '${name}' found.\n`,
        exitCode: 104,
      }
    gone.add(name)
  }
  for (let size = 0; size !== gone.size;) {
    size = gone.size
    for (const each of machine.packages.values())
      if (each.requires.some((need) => gone.has(wishOf(need).name))) gone.add(each.name)
  }
  const list = [...gone].sort()
  const files = viewOf(machine.tree, root)
  for (const name of list) {
    for (const path of machine.packages.get(name)!.files) if (files.exists(path)) files.unlink(path)
    machine.packages.delete(name)
  }
  return ok(
    `${head}Resolving package dependencies...\n\nThe following ${list.length === 1 ? 'package is' : `${list.length} packages are`} going to be REMOVED:\n  ${list.join(' ')}\n\n${list.length} package${list.length === 1 ? '' : 's'} to remove.\nContinue? [y/n/v/...? shows all options] (y): y\n${list.map((name, i) => `(${i + 1}/${list.length}) Removing ${name} [..done]\n`).join('')}`,
  )
}

/** A row of what zypper search finds. */
interface SearchRow {
  readonly name: string
  readonly edition: string
  readonly arch: string
  readonly summary: string
  readonly from: string
  readonly status: 'installed' | 'other-version' | 'not-installed'
}

/** zypper search. */
export function search(call: Call, options: Parsed, trust: Trust, xml: boolean): Output {
  const pool = poolOf(call.machine, call.files, trust, options.all('r', 'repo'))
  const found = searchRows(call.machine, pool)
    .filter(
      (row) =>
        isSearched(row.name, options) &&
        (!options.has('i', 'installed-only') || row.status === 'installed') &&
        (!options.has('u', 'not-installed-only') || row.status === 'not-installed'),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  if (found.length === 0)
    return {
      stdout: xml
        ? '<?xml version=\'1.0\'?>\n<stream>\n<message type="info">No matching items found.</message>\n</stream>\n'
        : 'Loading repository data...\nReading installed packages...\nNo matching items found.\n',
      stderr: notes(pool),
      exitCode: 104,
    }
  const detailed = options.has('s', 'details')
  return ok(xml ? searchXml(found, detailed) : searchTable(found, detailed))
}

/** Every package that is offered or installed. */
function searchRows({ packages }: Machine, pool: ReturnType<typeof poolOf>): SearchRow[] {
  const rows = new Map<string, SearchRow>()
  for (const { package: offer, repository } of pool.candidates) {
    const installed = packages.get(offer.name)
    const same = installed !== undefined && editionOf(installed) === offer.version
    rows.set(`${offer.name} ${offer.version} ${repository.alias}`, {
      name: offer.name,
      edition: offer.version,
      arch: offer.arch,
      summary: offer.summary ?? offer.name,
      from: repository.alias,
      status: same ? 'installed' : installed ? 'other-version' : 'not-installed',
    })
  }
  for (const each of packages.values()) {
    if (![...rows.values()].some((row) => row.name === each.name && row.status === 'installed'))
      rows.set(`${each.name} @System`, {
        name: each.name,
        edition: editionOf(each),
        arch: each.arch,
        summary: each.summary,
        from: '(System Packages)',
        status: 'installed',
      })
  }
  return [...rows.values()]
}

function isSearched(name: string, options: Parsed): boolean {
  if (options.operands.length === 0) return true
  const exact = options.has('x', 'match-exact')
  return options.operands.some((text) =>
    exact
      ? name === text
      : text.includes('*')
        ? new RegExp(`^${text.replaceAll('*', '.*')}$`).test(name)
        : name.includes(text),
  )
}

function searchXml(found: readonly SearchRow[], detailed: boolean): string {
  const lines = found.map(
    (row) =>
      `<solvable status="${row.status}" name="${row.name}" ${detailed ? `kind="package" edition="${row.edition}" arch="${row.arch}" repository="${row.from}"` : `summary="${row.summary}" kind="package"`}/>\n`,
  )
  return `<?xml version='1.0'?>\n<stream>\n<search-result version="0.0">\n<solvable-list>\n${lines.join('')}</solvable-list>\n</search-result>\n</stream>\n`
}

const marks = { installed: 'i', 'other-version': 'v', 'not-installed': ' ' } as const

function searchTable(found: readonly SearchRow[], detailed: boolean): string {
  const lines = found.map((row) =>
    detailed
      ? `${marks[row.status]} | ${row.name} | package | ${row.edition} | ${row.arch} | ${row.from}\n`
      : `${marks[row.status]} | ${row.name} | ${row.summary} | package\n`,
  )
  return `Loading repository data...\nReading installed packages...\n\nS | Name | ${detailed ? 'Type | Version | Arch | Repository' : 'Summary | Type'}\n--+------+---------+--------\n${lines.join('')}`
}

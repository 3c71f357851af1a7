import { fail, ok, type Output } from '../command.ts'
import {
  flag,
  priorityOf,
  repositoriesOf,
  repositoryNamed,
  storeRepository,
  type Repository,
  withOptions,
} from './repository-files.ts'
import { reach } from './solve.ts'
import type { Asked } from './zypper-call.ts'

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Lists the repositories, as text or as XML. */
export function repos({ call, options, xml }: Asked): Output {
  const all = repositoriesOf(call.files)
  const asked = options.operands.map((operand) => [operand, repositoryNamed(all, operand)] as const)
  const unknown = asked.find(([, repository]) => !repository)
  if (unknown)
    return fail(
      3,
      `Repository '${unknown[0]}' not found by its alias, number, or URI.\n`,
      xml ? '' : "Use 'zypper repos' to get the list of defined repositories.\n",
    )
  if (all.length === 0) {
    return fail(
      6,
      '',
      xml
        ? "<?xml version='1.0'?>\n<stream>\n<repo-list>\n</repo-list>\n</stream>\n"
        : "Warning: No repositories defined.\nUse the 'zypper addrepo' command to add one or more repositories.\n",
    )
  }
  const shown = options.has('E', 'show-enabled-only')
    ? all.filter((each) => flag(each, 'enabled', true))
    : asked.length > 0
      ? asked.map(([, repository]) => repository!)
      : all
  if (xml)
    return ok(
      `<?xml version='1.0'?>\n<stream>\n<repo-list>\n${shown.map(xmlOf).join('')}</repo-list>\n</stream>\n`,
    )
  const yes = (value: boolean): string => (value ? 'Yes' : 'No')
  const rows = shown.map(
    (each) =>
      `${String(all.indexOf(each) + 1)} | ${each.alias} | ${each.values.get('name') ?? each.alias} | ${yes(flag(each, 'enabled', true))} | (r ) ${yes(flag(each, 'gpgcheck', true))} | ${yes(flag(each, 'autorefresh', false))}${options.has('p', 'priority', 'd', 'details') ? ` | ${String(priorityOf(each)).padStart(4)}` : ''}${options.has('u', 'uri', 'd', 'details') ? ` | ${each.values.get('baseurl') ?? ''}` : ''}\n`,
  )
  return ok(
    `Repository priorities are without effect. All enabled repositories share the same priority.\n\n# | Alias | Name | Enabled | GPG Check | Refresh${options.has('p', 'priority', 'd', 'details') ? ' | Priority' : ''}${options.has('u', 'uri', 'd', 'details') ? ' | URI' : ''}\n--+-------+------+---------+-----------+--------\n${rows.join('')}`,
  )
}

function xmlOf(repository: Repository): string {
  const bit = (value: boolean): string => (value ? '1' : '0')
  const check = flag(repository, 'gpgcheck', true)
  const attributes = {
    alias: repository.alias,
    name: repository.values.get('name') ?? repository.alias,
    priority: String(priorityOf(repository)),
    enabled: bit(flag(repository, 'enabled', true)),
    autorefresh: bit(flag(repository, 'autorefresh', false)),
    gpgcheck: bit(check),
    repo_gpgcheck: bit(flag(repository, 'repo_gpgcheck', check)),
    pkg_gpgcheck: bit(flag(repository, 'pkg_gpgcheck', check)),
  }
  return `<repo ${Object.entries(attributes)
    .map(([key, value]) => `${key}="${escaped(value)}"`)
    .join(' ')}>\n<url>${escaped(repository.values.get('baseurl') ?? '')}</url>\n</repo>\n`
}

/** Adds a repository. */
export function addrepo({ call, options, within }: Asked): Output {
  const [url, alias] = options.operands
  if (url === undefined || alias === undefined)
    return fail(
      3,
      'Too few arguments.\nAt least URI and alias are required, or .repo file must be specified.\n',
    )
  if (options.operands.length > 2) return fail(3, 'Too many arguments.\n')
  if (
    !/^(?:https?|ftp|dir|file|iso|hd|cd|dvd|nfs|smb|obs|plugin):/.test(url) &&
    !url.startsWith('/')
  )
    return fail(3, `Specified URI is invalid: ${url}\n`)
  if (!/^-?\d+$/.test(options.value('p', 'priority') ?? '99'))
    return fail(
      3,
      `Invalid priority '${options.value('p', 'priority')}'. Use a positive integer number. The greater the number, the lower the priority.\n`,
    )
  if (/^(?:https?|ftp|nfs|smb):(?!\/\/[^/])/.test(url))
    return fail(
      3,
      `Specified URI is invalid: ${url}\nInvalid ${url.split(':')[0]!} Url: scheme requires a host component\n`,
    )
  if (repositoriesOf(call.files, within).some((each) => each.alias === alias))
    return fail(
      4,
      `Repository named '${alias}' already exists. Please use another alias.\n`,
      `Adding repository '${alias}' [error]\n`,
    )
  const bare = new Map([
    ['enabled', '1'],
    ['autorefresh', '0'],
    ['baseurl', url],
  ])
  const values = withOptions(bare, options, { refresh: 'f', noRefresh: 'F' })
  storeRepository(call.files, alias, values, `${within}/${alias.replaceAll('/', '_')}.repo`)
  return ok(
    `Adding repository '${alias}' [....done]\nRepository '${alias}' successfully added\n\nURI         : ${url}\nEnabled     : ${values.get('enabled') === '1' ? 'Yes' : 'No'}\nGPG Check   : ${values.get('gpgcheck') === '0' ? 'No' : 'Yes'}\nAutorefresh : ${values.get('autorefresh') === '1' ? 'Yes' : 'No'}\nPriority    : ${priorityText(Number(values.get('priority') ?? 99))}\n\n${prioritiesText(repositoriesOf(call.files))}`,
  )
}

function priorityText(priority: number): string {
  return `${priority} (${priority < 99 ? 'raised' : priority > 99 ? 'lowered' : 'default'} priority)`
}

// What zypper says of all priorities behind a new repository.
function prioritiesText(repositories: readonly Repository[]): string {
  const counts = new Map<number, number>()
  for (const each of repositories.filter((one) => flag(one, 'enabled', true)))
    counts.set(priorityOf(each), (counts.get(priorityOf(each)) ?? 0) + 1)
  if (counts.size < 2)
    return 'Repository priorities are without effect. All enabled repositories share the same priority.\n'
  const rows = [...counts]
    .sort(([a], [b]) => a - b)
    .map(
      ([priority, count]) =>
        `${String(priority).padStart(8)}${priorityText(priority).slice(String(priority).length).padEnd(19)} :  ${count} ${count === 1 ? 'repository' : 'repositories'}`,
    )
  return `Repository priorities in effect: (See 'zypper lr -P' for details)\n${rows.join('\n')}\n`
}

// One sentence for each property; for what was not seen of the real one, one for all.
function changesText(
  alias: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string {
  const known: Readonly<Record<string, (value: string | undefined) => string>> = {
    autorefresh: (value) =>
      `Autorefresh has been ${value === '1' ? 'enabled' : 'disabled'} for repository '${alias}'.`,
    gpgcheck: (value) =>
      `GPG check has been ${value === '0' ? 'disabled' : 'enabled'} for repository '${alias}'.`,
    priority: (value) => `Repository '${alias}' priority has been set to ${value ?? '99'}.`,
  }
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => before.get(key) !== after.get(key),
  )
  if (changed.some((key) => !(key in known))) return `Repository '${alias}' has been changed.\n`
  return Object.keys(known)
    .filter((key) => changed.includes(key))
    .map((key) => `${known[key]!(after.get(key))}\n`)
    .join('')
}

/** Changes settings of repositories. */
export function modifyrepo({ call, options }: Asked): Output {
  const all = repositoriesOf(call.files)
  const targets = options.has('a', 'all')
    ? all
    : options.operands.map((operand) => repositoryNamed(all, operand) ?? operand)
  if (targets.length === 0) return fail(3, 'Alias or an aggregate option is required.\n')
  let stdout = ''
  for (const target of targets) {
    if (typeof target === 'string') return fail(3, `Repository ${target} not found.\n`, stdout)
    const values = withOptions(target.values, options, { refresh: 'r', noRefresh: 'R' })
    const same = [...values].join('\n') === [...target.values].join('\n')
    if (!same) storeRepository(call.files, target.alias, values, target.file)
    stdout += same
      ? `Nothing to change for repository '${target.alias}'.\n`
      : changesText(target.alias, target.values, values)
  }
  return ok(stdout)
}

/** Removes repositories. */
export function removerepo({ call, options }: Asked): Output {
  let stdout = ''
  let stderr = ''
  for (const operand of options.operands) {
    const target = repositoryNamed(repositoriesOf(call.files), operand)
    if (target) storeRepository(call.files, target.alias, null, target.file)
    if (target)
      stdout += `Removing repository '${target.alias}' [....done]\nRepository '${target.alias}' has been removed.\n`
    else stderr += `Repository '${operand}' not found by alias, number or URI.\n`
  }
  return ok(stdout, stderr)
}

/** Gives a repository another alias. */
export function renamerepo({ call, options }: Asked): Output {
  const [from = '', to = ''] = options.operands
  const all = repositoriesOf(call.files)
  const target = repositoryNamed(all, from)
  if (!target) return fail(3, `Repository '${from}' not found by its alias, number, or URI.\n`)
  if (all.some((each) => each.alias === to))
    return fail(4, `Repository named '${to}' already exists. Please use another alias.\n`)
  storeRepository(call.files, target.alias, null, target.file)
  storeRepository(call.files, to, target.values)
  return ok(`Repository '${from}' renamed to '${to}'.\n`)
}

/** Reads the metadata of repositories, and may import their keys. */
export function refresh({ call, options, trust }: Asked): Output {
  const all = repositoriesOf(call.files)
  const wanted = options.operands.map((operand) => repositoryNamed(all, operand) ?? operand)
  const unknown = wanted.find((each) => typeof each === 'string')
  if (unknown !== undefined)
    return fail(
      3,
      `Repository '${unknown as string}' not found by its alias, number, or URI.\nSome of the repositories have not been refreshed because they were not known.\n`,
      "Use 'zypper repos' to get the list of defined repositories.\n",
    )
  const targets =
    wanted.length > 0 ? (wanted as Repository[]) : all.filter((each) => flag(each, 'enabled', true))
  if (targets.length === 0)
    return fail(
      6,
      "Warning: There are no enabled repositories defined.\nUse 'zypper addrepo' or 'zypper modifyrepo' commands to add or enable repositories.\n",
    )
  let stdout = ''
  let stderr = ''
  for (const target of targets) {
    const name = target.values.get('name') ?? target.alias
    const reached = reach(call.machine, target, trust)
    if ('problem' in reached) {
      stdout += `Retrieving repository '${name}' metadata [${reached.asked === '' ? '...' : `.\n${reached.asked}`}error]\n`
      stderr += `${reached.download}Repository '${name}' is invalid.\n${reached.problem}Please check if the URIs defined for this repository are pointing to a valid repository.\nSkipping repository '${name}' because of the above error.\n`
    } else
      stdout += `Retrieving repository '${name}' metadata [...done]\nBuilding repository '${name}' cache [...done]\n`
  }
  if (stderr === '')
    return ok(
      `${stdout}${wanted.length > 0 ? 'Specified' : 'All'} repositories have been refreshed.\n`,
    )
  return fail(
    4,
    `${stderr}${targets.length === 1 ? 'Could not refresh the repositories because of errors.' : 'Some of the repositories have not been refreshed because of an error.'}\n`,
    stdout,
  )
}

import { faultOf } from '../../node/machine.ts'
import {
  type Call,
  fail,
  type LabCommand,
  ok,
  type Output,
  parse,
  type Parsed,
} from '../command.ts'
import { install, locksOf, remove, search } from './packages.ts'
import {
  flag,
  folder,
  priorityOf,
  repositoriesOf,
  repositoryNamed,
  repositoryOptions,
  storeRepository,
  type Repository,
  withOptions,
} from './repository-files.ts'
import { reach, type Trust } from './solve.ts'

const globals =
  'n non-interactive x xmlout q quiet v verbose h help V version A no-abbrev s= table-style= no-refresh no-gpg-checks gpg-auto-import-keys no-color color no-cd no-remote releasever= ignore-unknown i terse t C= D= R= root= reposd-dir= non-interactive-include-reboot-patches userdata= p= plus-repo='
const aliases: Readonly<Record<string, string>> = {
  ar: 'addrepo',
  rr: 'removerepo',
  mr: 'modifyrepo',
  nr: 'renamerepo',
  lr: 'repos',
  ref: 'refresh',
  in: 'install',
  rm: 'remove',
  up: 'update',
  se: 'search',
  al: 'addlock',
  rl: 'removelock',
  ll: 'locks',
  if: 'info',
  cc: 'clean',
  ve: 'verify',
  lu: 'list-updates',
}
const changes = new Set([
  'addrepo',
  'removerepo',
  'modifyrepo',
  'renamerepo',
  'refresh',
  'install',
  'remove',
  'update',
  'addlock',
  'removelock',
  'clean',
])
const packageOptions =
  'y no-confirm l auto-agree-with-licenses agree-with-third-party-licenses f force r= repo= from= t= type= n name C capability recommends no-recommends oldpackage replacefiles download= d download-only D dry-run details allow-unsigned-rpm force-resolution no-force-resolution u clean-deps no-clean-deps U no-allow-vendor-change allow-vendor-change allow-downgrade auto-agree-with-product-licenses'

interface Asked {
  readonly call: Call
  readonly options: Parsed
  readonly trust: Trust
  readonly xml: boolean
  /** The folder of the definitions. */
  readonly within: string
}

function run(call: Call): Output {
  const at = call.args.findIndex(
    (arg, i) =>
      !arg.startsWith('-') &&
      !/^(?:--(?:root|releasever|table-style|userdata|reposd-dir|plus-repo)|-[RsCDp])$/.test(
        call.args[i - 1] ?? '',
      ),
  )
  const global = parse(at < 0 ? call.args : call.args.slice(0, at), globals)
  if (global.has('version', 'V')) return ok('zypper 1.14.68\n')
  if (global.wrong) return fail(2, `Unknown global option: ${global.wrong}\n`)
  if (at < 0)
    return global.has('help', 'h')
      ? ok(
          '  Usage:\n        zypper [--GLOBAL-OPTIONS] <COMMAND> [--COMMAND-OPTIONS] [ARGUMENTS]\n',
        )
      : fail(
          2,
          '',
          '  Usage:\n        zypper [--GLOBAL-OPTIONS] <COMMAND> [--COMMAND-OPTIONS] [ARGUMENTS]\n',
        )
  const typed = call.args[at]!
  const verb = aliases[typed] ?? typed
  const handler = handlers[verb]
  if (!handler)
    return fail(
      2,
      `Unknown command '${typed}'\n`,
      `Type 'zypper help' to get a list of global options and commands.\n\nIn case '${typed}' is not a typo it's probably not a built-in command, but provided as a subcommand or plug-in (see 'zypper help subcommand').\nIn this case a specific package providing the subcommand needs to be installed first. Those packages are often named 'zypper-${typed}' or 'zypper-${typed}-plugin'.\n`,
    )
  const options = parse(call.args.slice(at + 1), handler.options)
  if (options.wrong) return fail(2, `Unknown option '${options.wrong}'\n`)
  if (changes.has(verb) && call.files.who.uid !== 0)
    return fail(5, 'Root privileges are required to run this command.\n')
  if (verb !== 'repos' && faultOf(call.machine, 'zypper-lock'))
    return fail(
      7,
      'System management is locked by the application with pid 840 (zypper).\nClose this application before trying again.\n',
    )
  if (options.operands.length < handler.least) return fail(3, handler.tooFew)
  return handler.run({
    call,
    options,
    trust: {
      noChecks: global.has('no-gpg-checks'),
      importKeys: global.has('gpg-auto-import-keys'),
    },
    xml: global.has('x', 'xmlout'),
    within: global.value('D', 'reposd-dir') ?? folder,
  })
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function repos({ call, options, xml }: Asked): Output {
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

function addrepo({ call, options, within }: Asked): Output {
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

function modifyrepo({ call, options }: Asked): Output {
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

function removerepo({ call, options }: Asked): Output {
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

function renamerepo({ call, options }: Asked): Output {
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

function refresh({ call, options, trust }: Asked): Output {
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

function locks({ call, options }: Asked, change: 'add' | 'remove' | 'list'): Output {
  const now = locksOf(call)
  if (change === 'list')
    return ok(
      now.length === 0
        ? '\nThere are no package locks defined.\n'
        : `\n# | Name | Type | Repository\n--+------+------+-----------\n${now.map((name, i) => `${i + 1} | ${name} | package | (any)\n`).join('')}`,
    )
  const next =
    change === 'add'
      ? [...new Set([...now, ...options.operands])]
      : now.filter((name) => !options.operands.includes(name))
  call.files.write(
    '/etc/zypp/locks',
    next
      .map(
        (name) => `\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: ${name}\n`,
      )
      .join(''),
    0o644,
  )
  return ok(
    next.length === now.length
      ? `No lock has been ${change === 'add' ? 'added' : 'removed'}.\n`
      : `Specified lock${options.operands.length === 1 ? ' has' : 's have'} been successfully ${change === 'add' ? 'added' : 'removed'}.\n`,
  )
}

function info({ call, options }: Asked): Output {
  const parts = options.operands.map((name) => {
    const each = call.machine.packages.get(name)
    return each
      ? `Information for package ${name}:\n-----------------------------\nRepository     : ${each.from ?? '@System'}\nName           : ${name}\nVersion        : ${each.version}-${each.release}\nArch           : ${each.arch}\nInstalled      : Yes\nSummary        : ${each.summary}\n`
      : `\npackage '${name}' not found.\n`
  })
  return ok(parts.join('\n'))
}

interface Handler {
  readonly options: string
  readonly least: number
  readonly tooFew: string
  run(asked: Asked): Output
}

const fewNames = 'Too few arguments.\nAt least one package name is required.\n'
const handlers: Readonly<Record<string, Handler>> = {
  repos: {
    options:
      'e= export= a alias n name p priority r refresh u uri d details E show-enabled-only N A sort-by-name P sort-by-priority U sort-by-uri',
    least: 0,
    tooFew: '',
    run: repos,
  },
  addrepo: {
    options: `${repositoryOptions} c check C no-check r= repo=`
      .replace(' r F', ' F')
      .replace(' R g', ' g'),
    least: 1,
    tooFew:
      'Too few arguments.\nAt least URI and alias are required, or .repo file must be specified.\n',
    run: addrepo,
  },
  modifyrepo: {
    options: `${repositoryOptions} a all l local t remote m= medium-type=`,
    least: 0,
    tooFew: '',
    run: modifyrepo,
  },
  removerepo: {
    options: 'loose-auth loose-query a all',
    least: 1,
    tooFew: 'Required argument missing.\n',
    run: removerepo,
  },
  renamerepo: {
    options: '',
    least: 2,
    tooFew: 'Too few arguments. At least URI and alias are required.\n',
    run: renamerepo,
  },
  refresh: {
    options:
      'f force b force-build d force-download B build-only D download-only r= repo= s services include-all-archs',
    least: 0,
    tooFew: '',
    run: refresh,
  },
  install: {
    options: packageOptions,
    least: 1,
    tooFew: fewNames,
    run: ({ call, options, trust }) => install(call, options, trust),
  },
  update: {
    options: packageOptions,
    least: 0,
    tooFew: '',
    run({ call, options, trust }) {
      const operands =
        options.operands.length > 0
          ? options.operands.filter((name) => call.machine.packages.has(name))
          : [...call.machine.packages.values()]
              .filter((each) => each.from !== null)
              .map((each) => each.name)
      return operands.length === 0
        ? ok('Loading repository data...\nReading installed packages...\nNothing to do.\n')
        : install(call, { ...options, operands }, trust)
    },
  },
  remove: {
    options: packageOptions,
    least: 1,
    tooFew: fewNames,
    run: ({ call, options }) => remove(call, options),
  },
  search: {
    options:
      'x match-exact match-substrings match-words s details v verbose i installed-only u not-installed-only uninstalled-only r= repo= t= type= n name d search-descriptions provides requires C case-sensitive sort-by-name sort-by-repo f file-list',
    least: 0,
    tooFew: '',
    run: ({ call, options, trust, xml }) => search(call, options, trust, xml),
  },
  info: {
    options: 'r= repo= t= type= provides requires s match-substrings',
    least: 1,
    tooFew: fewNames,
    run: info,
  },
  addlock: {
    options: 'r= repo= t= type= m= comment=',
    least: 1,
    tooFew: fewNames,
    run: (asked) => locks(asked, 'add'),
  },
  removelock: {
    options: 'r= repo= t= type=',
    least: 1,
    tooFew: fewNames,
    run: (asked) => locks(asked, 'remove'),
  },
  locks: {
    options: 'm matches s solvables',
    least: 0,
    tooFew: '',
    run: (asked) => locks(asked, 'list'),
  },
  clean: {
    options: 'a all m metadata M raw-metadata r= repo=',
    least: 0,
    tooFew: '',
    run({ call }) {
      call.machine.refreshed.clear()
      return ok('All repositories have been cleaned up.\n')
    },
  },
}

/** zypper over the files of /etc/zypp and the node's rpm database. */
export const zypperCommands: readonly LabCommand[] = [{ names: ['zypper'], run }]

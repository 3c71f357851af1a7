import { faultOf } from '../../node/machine.ts'
import { type Call, fail, type LabCommand, ok, type Output, parse } from '../command.ts'
import { install, locksOf, remove, search } from './packages.ts'
import { folder, repositoryOptions } from './repository-files.ts'
import {
  addrepo,
  modifyrepo,
  refresh,
  removerepo,
  renamerepo,
  repos,
} from './repository-commands.ts'
import type { Asked } from './zypper-call.ts'

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

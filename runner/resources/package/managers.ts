import { exec, type ExecAction } from '../../contract/change.ts'
import { ask, type ExecProbe, type ExecReading } from '../../contract/probe.ts'
import type { PackageWish } from './editions.ts'
import { unclear } from '../unclear.ts'
import { elementsOf } from '../xml.ts'

/** What a task says about how packages are installed. */
export interface InstallOptions {
  readonly disable_recommends?: boolean | undefined
  readonly disable_gpg_check: boolean
}
/** Versions by package name; a package that is not there is not in it. */
export type Versions = Readonly<Record<string, string>>

/** A package manager: its commands for reading and changing, as data. */
export interface Manager {
  installed(names: readonly string[]): ExecProbe
  installedOf(reading: ExecReading): Versions
  /** Versions newer than the installed ones, as the repositories' last known metadata has them. */
  newer(names: readonly string[]): ExecProbe
  newerOf(reading: ExecReading, installed: Versions): Versions
  refresh: ExecAction
  /** `isOlder`: an older version may take the place of a newer one. */
  install(wishes: readonly PackageWish[], options: InstallOptions, isOlder: boolean): ExecAction
  upgrade(wishes: readonly PackageWish[], options: InstallOptions): ExecAction
  remove(wishes: readonly PackageWish[]): ExecAction
}

const minutes = { ten: 600, thirty: 1800 }

function rpmQuery(names: readonly string[]): ExecProbe {
  // Its exit is the number of packages that are missing.
  return ask(
    ['rpm', '-q', '--qf', '%{NAME} %{VERSION}-%{RELEASE}\\n', '--', ...names],
    [0, ...names.map((_, i) => i + 1)],
  )
}

function rpmVersions({ stdout, stderr }: ExecReading): Versions {
  const broken = /^error: (.*)$/m.exec(stderr)
  if (broken)
    unclear(`rpm cannot read its database: ${broken[1]}`, 'look at it with `rpm --verifydb`')
  const lines = stdout.split('\n').filter((line) => !line.endsWith('is not installed'))
  return pairs(lines.map((line) => line.split(' ')))
}

function pairs(rows: readonly (readonly (string | undefined)[])[]): Versions {
  return Object.fromEntries(rows.filter((row) => row[0] && row[1]).map((row) => [row[0], row[1]]))
}

// trueup waits for the lock: while a node boots, another zypper often runs. Exit codes that do not mean failure: reboot
// needed, restart of zypper needed, a repository skipped, a scriptlet failed; whether it worked is what rpm says afterwards.
// A repository that was skipped and a scriptlet that failed do not fail the task, and would go unnoticed.
const troubles = { 106: 'a repository was skipped', 107: 'a script of a package failed' }
function zypper(words: readonly string[], options: Partial<InstallOptions> = {}): ExecAction {
  const unchecked = options.disable_gpg_check ? ['--no-gpg-checks'] : []
  return exec(['zypper', '--non-interactive', ...unchecked, ...words], {
    exits: [0, 102, 103, 106, 107],
    warns: troubles,
    environment: { ZYPP_LOCK_TIMEOUT: '60' },
    timeout: minutes.thirty,
  })
}

function zypperInstall(
  wishes: readonly PackageWish[],
  options: InstallOptions,
  isOlder = false,
): ExecAction {
  const recommends =
    options.disable_recommends === undefined
      ? []
      : [options.disable_recommends ? '--no-recommends' : '--recommends']
  return zypper(
    [
      'install',
      '--auto-agree-with-licenses',
      ...recommends,
      ...(isOlder ? ['--oldpackage'] : []),
      '--',
      ...wishes.map(({ written }) => written),
    ],
    options,
  )
}

// `podman-4.4.4` and `podman >= 4.4` are how dnf writes them.
function dnfName({ written, name, relation, version }: PackageWish): string {
  if (relation === '>=') return `${name} >= ${version}`
  return relation === '=' ? `${name}-${version}` : written
}

function dnf(
  words: readonly string[],
  wishes: readonly PackageWish[],
  options: Partial<InstallOptions> = {},
): ExecAction {
  const weak =
    options.disable_recommends === undefined
      ? []
      : [`--setopt=install_weak_deps=${options.disable_recommends ? 'False' : 'True'}`]
  return exec(
    [
      'dnf',
      '--assumeyes',
      ...weak,
      ...(options.disable_gpg_check ? ['--nogpgcheck'] : []),
      ...words,
      '--',
      ...wishes.map(dnfName),
    ],
    { timeout: minutes.thirty },
  )
}

function apt(words: readonly string[], timeout = minutes.thirty): ExecAction {
  return exec(['apt-get', '--assume-yes', '-o', 'DPkg::Lock::Timeout=60', ...words], {
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
    timeout,
  })
}

// apt takes one version, and a pattern where the release is left open; the newest is what `>=` gets.
function aptName({ name, relation, version }: PackageWish): string {
  if (relation !== '=') return name
  return `${name}=${version}${version.includes('-') ? '' : '*'}`
}

function aptInstall(
  wishes: readonly PackageWish[],
  options: InstallOptions,
  isOlder = false,
): ExecAction {
  const recommends =
    options.disable_recommends === undefined
      ? []
      : [options.disable_recommends ? '--no-install-recommends' : '--install-recommends']
  // Configuration that an admin has changed stays.
  const keep = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold']
  return apt([
    ...keep,
    ...(options.disable_gpg_check ? ['--allow-unauthenticated'] : []),
    'install',
    ...recommends,
    ...(isOlder ? ['--allow-downgrades'] : []),
    '--',
    ...wishes.map(aptName),
  ])
}

/** The package managers that are known, by the name of their program. */
export const managers = {
  zypper: {
    installed: rpmQuery,
    installedOf: rpmVersions,
    newer: () =>
      ask(['zypper', '--non-interactive', '--no-refresh', '--xmlout', 'list-updates'], [0, 6], {
        ahead: false,
        timeout: 120,
      }),
    newerOf: ({ stdout }) =>
      pairs(
        elementsOf(stdout)
          .filter(({ name, attributes }) => name === 'update' && attributes['kind'] === 'package')
          .map(({ attributes }) => [attributes['name'], attributes['edition']]),
      ),
    refresh: zypper(['refresh']),
    install: zypperInstall,
    upgrade: zypperInstall,
    remove: (wishes) => zypper(['remove', '--', ...wishes.map(({ written }) => written)]),
  },
  dnf: {
    installed: rpmQuery,
    installedOf: rpmVersions,
    newer: (names) =>
      ask(['dnf', '--quiet', '--cacheonly', 'check-update', '--', ...names], [0, 100], {
        ahead: false,
        timeout: 120,
      }),
    newerOf: ({ stdout }) =>
      pairs(
        stdout
          .split('\n')
          .map((line) => line.trim().split(/\s+/))
          .map(([name, version]) => [name?.replace(/\.[^.]+$/, ''), version]),
      ),
    refresh: exec(['dnf', 'makecache'], { timeout: minutes.ten }),
    install: (wishes, options) => dnf(['install'], wishes, options),
    upgrade: (wishes, options) => dnf(['upgrade'], wishes, options),
    remove: (wishes) => dnf(['remove'], wishes),
  },
  apt: {
    installed: (names) =>
      ask(
        [
          'dpkg-query',
          '--show',
          '--showformat',
          '${Package} ${Version} ${db:Status-Status}\\n',
          '--',
          ...names,
        ],
        [0, 1],
      ),
    installedOf: ({ stdout }) =>
      pairs(
        stdout
          .split('\n')
          .map((line) => line.split(' '))
          .filter((row) => row[2] === 'installed'),
      ),
    newer: (names) => ask(['apt-cache', 'policy', '--', ...names], [0], { ahead: false }),
    newerOf: ({ stdout }, installed) =>
      pairs(candidates(stdout).filter(([name, version]) => installed[name] !== version)),
    refresh: apt(['update'], minutes.ten),
    install: aptInstall,
    upgrade: aptInstall,
    remove: (wishes) => apt(['remove', '--', ...wishes.map(({ name }) => name)]),
  },
} as const satisfies Record<string, Manager>

/** Each package's lines: its name and a colon first. */
function blocksOf(policy: string): readonly string[] {
  const blocks: string[] = []
  for (const line of policy.split('\n')) {
    if (/^\S.*:$/.test(line)) blocks.push(line)
    else if (blocks.length > 0) blocks[blocks.length - 1] += `\n${line}`
  }
  return blocks
}

function candidates(policy: string): [string, string][] {
  const blocks = blocksOf(policy)
  return blocks.flatMap((block): [string, string][] => {
    const [name, version] = [
      /^(\S+):$/.exec(block.split('\n', 1)[0]!)?.[1],
      /^[ \t]+Candidate: (\S+)$/m.exec(block)?.[1],
    ]
    return name && version && version !== '(none)' ? [[name, version]] : []
  })
}

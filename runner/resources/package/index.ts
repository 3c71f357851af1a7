import { stat, type Seen } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'
import { fulfils, namesToAsk, refuseSenseless, wishOf } from './editions.ts'
import { managers, type Manager, type Versions } from './managers.ts'
import { packageChanges } from './package-changes.ts'

const order = ['zypper', 'dnf', 'apt'] as const

/** Packages are installed, or not, by the package manager that the host has. */
export const softwarePackage = defineResource({
  name: 'package',
  summary: 'Packages are installed, or not, by the package manager that the host has.',
  source: "Ansible's package and community.general.zypper; zypper(8) for its exits",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'array',
        orOne: true,
        minItems: 1,
        identity: true,
        description:
          'Names, with a version where one is meant: `podman=4.4.4`, `podman>=4.4`, or as rpm writes it `podman-4.4.4-1`. Several are one transaction.',
        examples: ['podman', 'podman>=4.4'],
        items: {
          type: 'string',
          pattern: '^[A-Za-z0-9][A-Za-z0-9+._-]*(?:>?=[A-Za-z0-9][A-Za-z0-9+.:~^_-]*)?$',
          description: 'Name of a package, maybe with a version.',
        },
      },
      state: {
        type: 'string',
        enum: ['present', 'absent', 'latest'],
        default: 'present',
        description: '`latest`: installed, and the newest that the repositories have.',
      },
      update_cache: {
        onlyWith: { state: ['present', 'latest'] },
        type: 'boolean',
        default: false,
        description: 'Refresh the repositories first, when something is to be installed.',
      },
      disable_recommends: {
        onlyWith: { state: ['present', 'latest'] },
        type: 'boolean',
        description:
          'Leave recommended packages out (`true`) or take them (`false`). Left out: as the host is configured.',
      },
      allow_downgrade: {
        onlyWith: { state: ['present'] },
        type: 'boolean',
        default: false,
        description: 'Put an older version in the place of a newer one, where the task names one.',
      },
      disable_gpg_check: {
        onlyWith: { state: ['present', 'latest'] },
        type: 'boolean',
        default: false,
        risk: {
          values: [true],
          why: 'packages are installed without a proof of who made them',
          hint: 'remove it, and import the key of the repository',
        },
        description: 'Install without checking signatures.',
      },
    },
  },
  state: {
    installed: {
      type: 'object',
      additionalProperties: { type: 'boolean', description: 'Installed.' },
      description: 'Per package, whether it is installed, in a version that will do.',
    },
    newest: {
      type: 'object',
      additionalProperties: { type: 'boolean', description: 'Newest.' },
      description: 'Per package, whether no repository has a newer one; read for `latest` only.',
    },
    version: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Version.' },
      information: true,
      description: 'Per package, the installed version.',
    },
    available: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Version.' },
      information: true,
      description: 'Per package, the newer version that a repository has; read for `latest` only.',
    },
    manager: { type: 'string', information: true, description: '`zypper`, `dnf` or `apt`.' },
  },
  probe: (params, seen) => {
    const manager = managerOf(seen)
    return {
      zypper: stat('/usr/bin/zypper', { follow: true }),
      dnf: stat('/usr/bin/dnf', { follow: true }),
      apt: stat('/usr/bin/apt-get', { follow: true }),
      installed: manager?.installed(namesToAsk(params.name, isRpm(manager))),
      newer: manager && params.state === 'latest' ? manager.newer(params.name) : undefined,
    }
  },
  observe: (readings, { name, state }) => {
    const manager = managerOf({ zypper: readings.zypper, dnf: readings.dnf, apt: readings.apt })
    if (!manager || !readings.installed)
      return unclear(
        '/usr/bin has none of zypper, dnf and apt-get',
        'use `run:` with `command` for another package manager',
      )
    const found = manager.installedOf(readings.installed)
    const wishes = name.map((one) => wishOf(one, isRpm(manager), found))
    refuseSenseless(wishes, state)
    const version = Object.fromEntries(
      wishes.flatMap(({ written, name: its }) =>
        found[its] === undefined ? [] : [[written, found[its]]],
      ),
    )
    const available = readings.newer && manager.newerOf(readings.newer, version)
    return {
      installed: Object.fromEntries(
        wishes.map((wish) => {
          const its = version[wish.written]
          return [wish.written, its !== undefined && fulfils(wish, its)]
        }),
      ),
      newest: available
        ? each(name, (one) => version[one] !== undefined && available[one] === undefined)
        : null,
      version: picked(name, version),
      available: available ? picked(name, available) : null,
      manager: order.find((one) => managers[one] === manager)!,
    }
  },
  desire: ({ name, state }) => ({
    installed: each(name, () => state !== 'absent'),
    newest: state === 'latest' ? each(name, () => true) : undefined,
  }),
  change: packageChanges,
})

function managerOf(seen: Seen): Manager | undefined {
  const name = order.find((one) => seen[one]?.exists)
  return name && managers[name]
}

function isRpm(manager: Manager): boolean {
  return manager !== managers.apt
}

function each(
  names: readonly string[],
  holds: (name: string) => boolean,
): Readonly<Record<string, boolean>> {
  return Object.fromEntries(names.map((name) => [name, holds(name)]))
}

function picked(names: readonly string[], versions: Versions): Versions {
  return Object.fromEntries(
    names.flatMap((name) => (versions[name] === undefined ? [] : [[name, versions[name]]])),
  )
}

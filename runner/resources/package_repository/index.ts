import { stat, text, type ProbeMap } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { addressFault } from '../repository-address.ts'
import { repositoryFileChanges } from './repository-file-changes.ts'
import { aptText, dnfText, pathOf } from './texts.ts'

/** A package repository of apt or dnf is defined by a file of its own; or is not. */
export const packageRepository = defineResource({
  name: 'package_repository',
  summary: 'A package repository of apt or dnf is defined by a file of its own; or is not.',
  source: "Ansible's deb822_repository and yum_repository; sources.list(5), dnf.conf(5)",
  params: {
    type: 'object',
    required: ['name'],
    needs: { components: ['suites'] },
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
        description: 'Name of the repository, and of its file.',
      },
      url: {
        onlyWith: { state: ['present'] },
        neededWith: { state: ['present'] },
        type: 'string',
        pattern: '^[a-z+]+:/[^\\s]+$',
        description: 'Where it is.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Defined, or not.',
      },
      enabled: {
        onlyWith: { state: ['present'] },
        type: 'boolean',
        default: true,
        description: 'Used, or not.',
      },
      key: {
        onlyWith: { state: ['present'] },
        type: 'string',
        pattern: '^(?:/|(?:file|https?)://)[^\\s]*$',
        description:
          'The key that it is signed with: the path of a file on the host; for dnf also a URL.',
      },
      gpgcheck: {
        onlyWith: { state: ['present'] },
        type: 'boolean',
        default: true,
        risk: {
          values: [false],
          why: 'packages of anybody who can answer for this repository are installed',
          hint: 'give `key:`, and remove it',
        },
        description: '`false`: signatures are not checked (`Trusted: yes` for apt).',
      },
      suites: {
        onlyWith: { state: ['present'] },
        type: 'array',
        orOne: true,
        minItems: 1,
        items: { type: 'string', pattern: '^[^\\s]+$', description: 'A suite.' },
        description: 'apt: suites, `bookworm`; one that ends with `/` is a flat repository.',
      },
      components: {
        onlyWith: { state: ['present'] },
        type: 'array',
        orOne: true,
        minItems: 1,
        items: { type: 'string', pattern: '^[^\\s]+$', description: 'A component.' },
        description: 'apt: components, `main`. None for a flat repository.',
      },
      description: {
        onlyWith: { state: ['present'] },
        type: 'string',
        format: 'line',
        pattern: '^[^\\n]+$',
        description: 'dnf: name in words. Left out: the name.',
      },
      update_cache: {
        type: 'boolean',
        default: true,
        description: 'apt: its lists are fetched after a change. dnf does so itself.',
      },
    },
  },
  checks: { url: ({ url }) => (url === undefined ? null : addressFault(url)) },
  state: {
    content: { type: 'string', description: 'The file that defines it.' },
    manager: { type: 'string', information: true, description: '`apt`, `dnf`, or null.' },
    kind: { type: 'string', information: true, description: 'What the file is: `file`, `link` …' },
    path: { type: 'string', information: true, description: 'Path of the file.' },
  },
  probe: (
    { name },
    seen,
  ): ProbeMap & {
    readonly apt: ReturnType<typeof stat>
    readonly dnf: ReturnType<typeof stat>
  } => {
    const manager = managerOf(seen['apt']?.exists, seen['dnf']?.exists)
    return {
      apt: stat('/usr/bin/apt-get', { follow: true }),
      dnf: stat('/usr/bin/dnf', { follow: true }),
      at: manager === null ? undefined : stat(pathOf(manager, name)),
      file: manager === null ? undefined : text(pathOf(manager, name)),
    }
  },
  observe: (readings, { name }) => {
    const manager = managerOf(readings.apt.exists, readings.dnf.exists)
    const at = readings['at'] as { readonly exists: boolean; readonly kind?: string } | undefined
    const file = readings['file'] as
      { readonly exists: boolean; readonly text?: string } | undefined
    return {
      content: file?.text ?? null,
      manager,
      kind: at?.kind ?? null,
      path: manager === null ? null : pathOf(manager, name),
    }
  },
  desire: (params, { manager }) => {
    if (params.state === 'absent') return { content: null }
    return {
      content:
        manager === 'dnf'
          ? dnfText({ ...identityOf(params), description: params.description })
          : aptText({
              ...identityOf(params),
              suites: params.suites,
              components: params.components,
            }),
    }
  },
  change: repositoryFileChanges,
})

function managerOf(apt: boolean | undefined, dnf: boolean | undefined): 'apt' | 'dnf' | null {
  return apt === true ? 'apt' : dnf === true ? 'dnf' : null
}

function identityOf({
  name,
  url,
  enabled,
  key,
  gpgcheck,
}: {
  readonly name: string
  readonly url?: string | undefined
  readonly enabled: boolean
  readonly key?: string | undefined
  readonly gpgcheck: boolean
}) {
  return { name, url: url!, enabled, key, gpgcheck }
}

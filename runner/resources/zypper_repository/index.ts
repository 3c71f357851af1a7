import { withoutEnd } from '../../text/trim-end.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { elementsOf } from '../xml.ts'
import { listing } from './repo-file.ts'
import { repositoryChanges } from './repository-changes.ts'
import { urlFault } from './url.ts'

/** A package repository of zypper is defined, with this URL and these settings; or is not. */
export const zypperRepository = defineResource({
  name: 'zypper_repository',
  summary:
    'A package repository of zypper is defined, with this URL and these settings; or is not.',
  source: 'Configure a Remote Build Node, "Use an existing compute node" step 1; zypper(8)',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.:+@-]*$',
        description: 'Alias of the repository.',
      },
      repo: {
        type: 'string',
        format: 'line',
        pattern: '^[a-z]+:\\S+$',
        onlyWith: { state: ['present'] },
        description:
          'URL. A slash at its end makes no difference. Needed unless the repository is there, or `absent`.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Defined, or not.',
      },
      description: {
        type: 'string',
        format: 'line',
        minLength: 1,
        onlyWith: { state: ['present'] },
        description: 'Name in words. Left out: left alone.',
      },
      priority: {
        type: 'integer',
        minimum: 1,
        maximum: 99,
        onlyWith: { state: ['present'] },
        description:
          'The lower number wins; zypper takes 99 for a new repository. Left out: left alone.',
      },
      enabled: {
        type: 'boolean',
        default: true,
        onlyWith: { state: ['present'] },
        description: 'Used, or not.',
      },
      autorefresh: {
        type: 'boolean',
        onlyWith: { state: ['present'] },
        description:
          'Refreshed by zypper when its metadata is old. Left out: left alone; zypper does not for a new repository.',
      },
      disable_gpg_check: {
        type: 'boolean',
        onlyWith: { state: ['present'] },
        risk: {
          values: [true],
          why: 'packages of anybody who can answer for this repository are installed',
          hint: 'remove it, and import the key of the repository',
        },
        description: 'Signatures are not checked. Left out: left alone.',
      },
      auto_import_keys: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description:
          'Trust the keys that the repository brings, when it is refreshed after a change.',
      },
      runrefresh: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['present'] },
        description: 'Refresh it after a change.',
      },
    },
  },
  checks: { repo: ({ repo }) => (repo === undefined ? null : urlFault(repo)) },
  state: {
    present: { type: 'boolean', description: 'Whether zypper knows the alias.' },
    url: { type: 'string', description: 'URL, without a slash at its end.' },
    description: { type: 'string', description: 'Name in words.' },
    priority: { type: 'integer', description: 'Priority; the lower number wins.' },
    enabled: { type: 'boolean', description: 'Used, or not.' },
    autorefresh: { type: 'boolean', description: 'Refreshed by zypper when its metadata is old.' },
    gpgcheck: { type: 'boolean', description: 'Signatures are checked.' },
    files: {
      type: 'string',
      information: true,
      description: 'The files of /etc/zypp/repos.d, as grep prints them.',
    },
  },
  // One listing serves every repository of the host; exit 6 means that the host has no repository. The files hold what it leaves out.
  probe: () => ({
    repos: ask(['zypper', '--non-interactive', '--no-refresh', '--xmlout', 'repos'], [0, 6]),
    files: ask(listing, [0, 1, 2]),
  }),
  observe: ({ repos, files }, { name }) => {
    const listed = elementsOf(repos.stdout)
    const at = listed.findIndex(
      (element) => element.name === 'repo' && element.attributes['alias'] === name,
    )
    if (at < 0)
      return {
        present: false,
        url: null,
        description: null,
        priority: null,
        enabled: null,
        autorefresh: null,
        gpgcheck: null,
        files: files.stdout,
      }
    const is = listed[at]!.attributes
    return {
      present: true,
      url: bare(listed.slice(at).find((element) => element.name === 'url')?.text ?? ''),
      description: is['name'] ?? '',
      priority: Number(is['priority'] ?? 99),
      enabled: is['enabled'] === '1',
      autorefresh: is['autorefresh'] === '1',
      gpgcheck: is['gpgcheck'] === '1',
      files: files.stdout,
    }
  },
  desire: (params) =>
    params.state === 'absent'
      ? { present: false }
      : {
          present: true,
          url: params.repo === undefined ? undefined : bare(params.repo),
          description: params.description,
          priority: params.priority,
          enabled: params.enabled,
          autorefresh: params.autorefresh,
          gpgcheck: params.disable_gpg_check === undefined ? undefined : !params.disable_gpg_check,
        },
  change: repositoryChanges,
})

function bare(url: string): string {
  return withoutEnd(url, '/')
}

import { exec, type ExecAction } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { elementsOf } from '../xml.ts'

const fields = [
  'present',
  'url',
  'description',
  'priority',
  'enabled',
  'autorefresh',
  'gpgcheck',
] as const

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
        pattern: '^[a-z]+:/[^\\s$]+$',
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
        minLength: 1,
        description: 'Name in words. Left out: left alone.',
      },
      priority: {
        type: 'integer',
        minimum: 1,
        maximum: 99,
        description:
          'The lower number wins; zypper takes 99 for a new repository. Left out: left alone.',
      },
      enabled: { type: 'boolean', default: true, description: 'Used, or not.' },
      autorefresh: {
        type: 'boolean',
        description:
          'Refreshed by zypper when its metadata is old. Left out: left alone; zypper does not for a new repository.',
      },
      disable_gpg_check: {
        type: 'boolean',
        description: 'Signatures are not checked. Left out: left alone.',
      },
      auto_import_keys: {
        type: 'boolean',
        default: false,
        description:
          'Trust the keys that the repository brings, when it is refreshed after a change.',
      },
      runrefresh: { type: 'boolean', default: false, description: 'Refresh it after a change.' },
    },
  },
  state: {
    present: { type: 'boolean', description: 'Whether zypper knows the alias.' },
    url: { type: 'string', description: 'URL, without a slash at its end.' },
    description: { type: 'string', description: 'Name in words.' },
    priority: { type: 'integer', description: 'Priority; the lower number wins.' },
    enabled: { type: 'boolean', description: 'Used, or not.' },
    autorefresh: { type: 'boolean', description: 'Refreshed by zypper when its metadata is old.' },
    gpgcheck: { type: 'boolean', description: 'Signatures are checked.' },
  },
  // One listing serves every repository of the host; exit 6 says that there is none at all.
  probe: () => ({
    repos: ask(['zypper', '--non-interactive', '--no-refresh', '--xmlout', 'repos'], [0, 6]),
  }),
  observe: ({ repos }, { name }) => {
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
  change: (diff, params, current) => {
    const { name, repo } = params
    const repairs = drifted(diff, fields)
    const remove = zypper(['removerepo', '--', name])
    if (params.state === 'absent')
      return [
        {
          title: `remove the repository ${name}`,
          repairs,
          effect: 'replaces',
          guard: ['repos'],
          actions: [remove],
        },
      ]
    const refresh =
      params.runrefresh || params.auto_import_keys
        ? [
            zypper([
              ...(params.auto_import_keys ? ['--gpg-auto-import-keys'] : []),
              'refresh',
              '--',
              name,
            ]),
          ]
        : []
    if (!diff.present && !diff.url) {
      const drift = {
        description: diff.description?.to,
        priority: diff.priority?.to,
        enabled: diff.enabled?.to,
        autorefresh: diff.autorefresh?.to,
        gpgcheck: diff.gpgcheck?.to,
      }
      return [
        {
          title: `change the repository ${name}`,
          repairs,
          actions: [zypper(['modifyrepo', ...flags(drift), '--', name]), ...refresh],
        },
      ]
    }
    if (repo === undefined)
      return [
        {
          title: `add the repository ${name}`,
          repairs,
          actions: [
            {
              do: 'refuse',
              because: `there is no repository ${name}, and the task gives no URL`,
              instead: 'add `repo:` to the task',
            },
          ],
        },
      ]
    // A repository that is added anew keeps what it had; of what addrepo does anyway nothing is said, and for some it has no words.
    const settings = {
      description: params.description ?? current.description,
      priority: params.priority ?? current.priority,
      enabled: params.enabled ? null : false,
      autorefresh: (params.autorefresh ?? current.autorefresh) || null,
      gpgcheck:
        params.disable_gpg_check === undefined
          ? current.gpgcheck === false
            ? false
            : null
          : !params.disable_gpg_check,
    }
    const add = zypper(['addrepo', ...flags(settings), '--', repo, name])
    if (diff.present)
      return [{ title: `add the repository ${name}`, repairs, actions: [add, ...refresh] }]
    // zypper cannot change a URL, and refuses to add an alias that is there.
    return [
      {
        title: `replace the repository ${name}, which is at ${current.url}`,
        repairs,
        effect: 'replaces',
        guard: ['repos'],
        actions: [remove, add, ...refresh],
      },
    ]
  },
})

/** Another zypper often runs on a node that boots: its lock is waited for. */
function zypper(words: readonly string[]): ExecAction {
  return exec(['zypper', '--non-interactive', ...words], {
    environment: { ZYPP_LOCK_TIMEOUT: '60' },
  })
}

interface Settings {
  readonly description: unknown
  readonly priority: unknown
  readonly enabled: unknown
  readonly autorefresh: unknown
  readonly gpgcheck: unknown
}

/** The options that set what is known; null and undefined say nothing. */
function flags({ description, priority, enabled, autorefresh, gpgcheck }: Settings): string[] {
  const either = (value: unknown, yes: string, no: string): string[] =>
    typeof value === 'boolean' ? [value ? yes : no] : []
  return [
    ...(typeof description === 'string' ? ['--name', description] : []),
    ...(typeof priority === 'number' ? ['--priority', String(priority)] : []),
    ...either(enabled, '--enable', '--disable'),
    ...either(autorefresh, '--refresh', '--no-refresh'),
    ...either(gpgcheck, '--gpgcheck', '--no-gpgcheck'),
  ]
}

function bare(url: string): string {
  return url.replace(/\/+$/, '')
}

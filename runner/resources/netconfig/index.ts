import { stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { settingsOf } from '../shell-settings.ts'
import { resolverChanges } from './resolver-changes.ts'
import { once, resolverLines } from './resolver-lines.ts'

const made = '/run/netconfig/resolv.conf'
/** As many name servers as a resolver looks at. */
const most = 3

/** resolv.conf says what the file of netconfig says. */
export const netconfig = defineResource({
  name: 'netconfig',
  summary: 'resolv.conf says what the file of netconfig says.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (netconfig update -f); netconfig(8)',
  params: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        default: '/etc/resolv.conf',
        description: 'The file that resolvers read.',
      },
      config: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        default: '/etc/sysconfig/network/config',
        description: 'The file that netconfig reads.',
      },
      servers: {
        type: 'string',
        format: 'line',
        description:
          'The name servers that must come of it, separated by blanks. Left out: those that the file of netconfig names. A plan knows of a change with it, where a task before this one has yet to write the file.',
      },
      search: {
        type: 'string',
        format: 'line',
        description: 'The search domains that must come of it, in the same way.',
      },
      replace: {
        type: 'boolean',
        default: false,
        description:
          'Replace a resolv.conf that was made by hand (`netconfig update -f`); it is kept as resolv.conf.by-hand.',
      },
    },
  },
  state: {
    servers: {
      type: 'array',
      items: { type: 'string', description: 'Address.' },
      description: 'The first name servers of resolv.conf, as many as the file of netconfig names.',
    },
    search: {
      type: 'array',
      items: { type: 'string', description: 'Domain.' },
      description: 'The first search domains, as many as the file of netconfig names.',
    },
    is_link: {
      type: 'boolean',
      description: 'Whether resolv.conf is the link to what netconfig writes.',
    },
    by_hand: {
      type: 'string',
      description:
        'Content of a resolv.conf that is a file of its own; null where it is a link or nothing.',
    },
    static_servers: {
      type: 'array',
      items: { type: 'string', description: 'Address.' },
      information: true,
      description: 'The name servers that the file of netconfig names.',
    },
    static_search: {
      type: 'array',
      items: { type: 'string', description: 'Domain.' },
      information: true,
      description: 'The search domains that it names.',
    },
    policy: {
      type: 'string',
      information: true,
      description:
        'NETCONFIG_DNS_POLICY; empty text: netconfig leaves DNS alone. Null: the file is not there.',
    },
    kind: {
      type: 'string',
      information: true,
      description: 'What resolv.conf is: `link`, `file` …; null where nothing is.',
    },
  },
  probe: ({ path, config }, seen) => ({
    at: stat(path),
    // A link that leads nowhere counts as absent, not as unreadable.
    target: stat(path, { follow: true }),
    resolv: seen['target']?.exists && seen['target'].kind === 'file' ? text(path) : undefined,
    config: text(config),
  }),
  observe: ({ at, resolv, config }, params) => {
    const settings = config.exists ? settingsOf(config.text) : {}
    const { named, searched } = resolverLines(resolv?.exists ? resolv.text : '')
    const servers = once(settings['NETCONFIG_DNS_STATIC_SERVERS']).slice(0, most)
    const search = once(settings['NETCONFIG_DNS_STATIC_SEARCHLIST'])
    const [wantedServers, wantedSearch] = [
      params.servers === undefined ? servers : once(params.servers).slice(0, most),
      params.search === undefined ? search : once(params.search),
    ]
    return {
      servers: named.slice(0, wantedServers.length),
      search: searched.slice(0, wantedSearch.length),
      is_link: at.exists && at.kind === 'link' && at.target === made,
      by_hand: at.exists && at.kind === 'file' && resolv?.exists ? resolv.text : null,
      static_servers: servers,
      static_search: search,
      policy: config.exists ? (settings['NETCONFIG_DNS_POLICY'] ?? 'auto') : null,
      kind: at.exists ? at.kind : null,
    }
  },
  desire: ({ servers, search }, { static_servers, static_search }) => ({
    servers: servers === undefined ? static_servers : once(servers).slice(0, most),
    search: search === undefined ? static_search : once(search),
    is_link: true,
    by_hand: null,
  }),
  change: resolverChanges,
})

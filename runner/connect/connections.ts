import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import { Unreachable, type Connections, type Endpoint } from '../model/session.ts'
import { accountOf, type Account } from './account.ts'
import type { HostLocks } from './apply/lock.ts'
import { HostConnections } from './host-connections.ts'
import { ServiceConnections } from './service-connections.ts'
import { bootKeys } from './ssh/boot-keys.ts'
import { loadSshConfig } from './ssh/openssh-files/config-files.ts'
import { controlFolder, type ControlFolder } from './openssh/master.ts'
import { openOpensshTransport, type OpensshWorld } from './openssh/openssh-transport.ts'
import type { DialWorld } from './ssh/dial-world.ts'
import {
  keeperOnDemand,
  keptOrByOpenssh,
  keptOrDialled,
  type KeeperFinder,
} from './keeper/kept-host.ts'
import type { AskPassphrase } from './ssh/keyring.ts'
import { knownHostsReader } from './ssh/openssh-files/known-hosts-file.ts'
import { createPace } from './ssh/login-pace.ts'
import { routeTo, type Controller } from './ssh/route.ts'
import type { Dialer } from './ssh/ssh2-dialer.ts'

/** What the connections of a run are made from. */
export interface ConnectionOptions {
  readonly inventory: Inventory
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hears of host keys that are not checked, of new ones, of certificates that are not verified. */
  warn(diagnostic: Diagnostic): void
  /** Asks a person for the passphrase of a key file; absent without a terminal. */
  readonly askPassphrase?: AskPassphrase
  /** Hosts whose connections may be open at once; 50 when absent. */
  readonly forks?: number
  /** In place of ~/.ssh/config and /etc/ssh/ssh_config; `none`: no file. */
  readonly sshConfigFile?: string
  /** In place of UserKnownHostsFile. */
  readonly knownHostsFile?: string
  /** Where the new keys of hosts that this run boots are kept; absent: in memory only. */
  readonly bootKeysFile?: string
  /** Keeps two runs apart on a host; absent: nothing does. */
  readonly locks?: HostLocks
  /** What keeps connections from run to run; absent: each run logs in. */
  readonly keeper?: KeeperFinder
  /** The home of the user who runs this; from the password database when absent. */
  readonly home?: string
}

/** The connections of a run: one per host, shared by all become users, and one per service. Nothing is opened before it is asked for. */
export function createConnections(
  options: ConnectionOptions,
): Connections & Required<Pick<Connections, 'booted'>> {
  const { inventory, env } = options
  const account = accountOf(options)
  const stop = new AbortController()
  // Every login that is under way listens to it.
  setMaxListeners(0, stop.signal)
  const warn = warningOnce(options)
  const world = dialWorld({ ...options, warn }, stop.signal)
  const openssh = opensshWorld({ ...options, warn }, world, stop.signal)
  const controllers = controllersOf(options, account)
  const dial = dialling(world, options.askPassphrase)
  const keeper = keeperOnDemand(options.keeper, warn)
  const hosts = new HostConnections((host) => {
    if (host.connection.transport === 'openssh')
      return keptOrByOpenssh(keeper.find, host, openssh, () => openOpensshTransport(host, openssh))
    const hops = routeTo(host, controllers(host))
    for (const undone of hops.flatMap((hop) => hop.undone ?? [])) warn(undone)
    return keptOrDialled(keeper.find, host.name, hops, () => dial(host.name, hops))
  }, options.locks ?? null)
  const services = new ServiceConnections({ inventory, env, home: account.home, hosts, warn })
  return {
    async session(endpoint: Endpoint, become) {
      if (stop.signal.aborted)
        throw new Unreachable(
          'host' in endpoint ? endpoint.host.name : (endpoint.service ?? 'the network'),
          'the run is over: its connections are closed',
        )
      return 'host' in endpoint
        ? hosts.session(endpoint.host, become)
        : services.session(endpoint.service)
    },
    prepare(host) {
      if (!stop.signal.aborted) hosts.open(host)
    },
    release: (host) => hosts.close(host.name),
    booted: (host) => world.bootKeys.allow(host.name),
    async closeAll() {
      stop.abort()
      services.closeAll()
      await hosts.closeAll()
      openssh.closeFolder()
      await keeper.close()
    },
  }
}

/** Passes a warning on once, however many hosts cause it. */
function warningOnce(options: ConnectionOptions): (diagnostic: Diagnostic) => void {
  const warned = new Set<string>()
  return (diagnostic) => {
    const text = `${diagnostic.code} ${diagnostic.message}`
    if (warned.has(text)) return
    warned.add(text)
    options.warn(diagnostic)
  }
}

/** What logins by ssh2 share in a run. */
function dialWorld(options: ConnectionOptions, stop: AbortSignal): Omit<DialWorld, 'keys'> {
  return {
    pace: createPace(options.forks ?? 50),
    knownHosts: knownHostsReader(),
    bootKeys: bootKeys(options.bootKeysFile),
    warn: options.warn,
    stop,
  }
}

/** Logs in by ssh2, which is loaded at the first login: a run over kept connections needs none. */
function dialling(
  world: Omit<DialWorld, 'keys'>,
  askPassphrase: AskPassphrase | undefined,
): Dialer['open'] {
  let dialer: Promise<Dialer> | null = null
  return async (name, hops) => {
    dialer ??= import('./ssh/ssh2-dialer.ts').then(({ createDialer }) =>
      createDialer(world, askPassphrase),
    )
    return (await dialer).open(name, hops)
  }
}

/** What logins by the system's OpenSSH share in a run; the folder of its sockets is made at the first one. */
function opensshWorld(
  { env, sshConfigFile, knownHostsFile, warn }: ConnectionOptions,
  { pace, bootKeys }: Omit<DialWorld, 'keys'>,
  stop: AbortSignal,
): OpensshWorld & { closeFolder(): void } {
  let folder: ControlFolder | null = null
  return {
    pace,
    bootKeys,
    folder: () => (folder ??= controlFolder()),
    closeFolder: () => folder?.remove(),
    env,
    configFile: sshConfigFile,
    knownHostsFile,
    warn,
    stop,
  }
}

/** The controller as the connection to a host sees it: each ssh_config is read once. */
function controllersOf(
  { inventory, env, sshConfigFile, knownHostsFile }: ConnectionOptions,
  account: Account,
): (host: Host) => Controller {
  const controllers = new Map<string | undefined, Controller>()
  return ({ connection }) => {
    const file = connection.sshConfig ?? sshConfigFile
    const held = controllers.get(file)
    if (held) return held
    const made: Controller = {
      localUser: account.user,
      localHost: hostname(),
      home: account.home,
      env,
      config: loadSshConfig(file, account.home),
      knownHostsFile,
      inventoryHost: (name) => inventory.hosts.get(name),
    }
    controllers.set(file, made)
    return made
  }
}

import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import { ask, isFailed } from '../contract/probe.ts'
import { Secret } from '../contract/secret.ts'
import {
  Unreachable,
  type Become,
  type Connections,
  type Endpoint,
  type Session,
} from '../model/session.ts'
import { accountOf } from './account.ts'
import type { HostLocks } from './apply/lock.ts'
import { openSession } from './batch/script-session.ts'
import { openService, type ServiceSession } from './http/service.ts'
import { localTransport } from './local.ts'
import { bootKeys } from './ssh/boot-keys.ts'
import { loadSshConfig } from './ssh/openssh-files/config-files.ts'
import { controlFolder, type ControlFolder } from './openssh/master.ts'
import { openOpensshTransport, type OpensshWorld } from './openssh/openssh-transport.ts'
import type { DialWorld } from './ssh/dial-world.ts'
import { jumpLinks } from './ssh/jumps.ts'
import { keyring, type AskPassphrase } from './ssh/keyring.ts'
import { knownHostsReader } from './ssh/openssh-files/known-hosts-file.ts'
import { createPace } from './ssh/pace.ts'
import { routeTo, type Controller } from './ssh/route.ts'
import { openSshTransport, type SshTransport } from './ssh/ssh2-transport.ts'
import type { Transport } from './transport.ts'

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
  /** The home of the user who runs this; from the password database when absent. */
  readonly home?: string
}

interface OpenHost {
  readonly transport: Promise<Transport>
  readonly sessions: Map<string, Session>
  lost(): boolean
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
  const warned = new Set<string>()
  const boots = bootKeys(options.bootKeysFile)
  const world: DialWorld = {
    keys: keyring(options.askPassphrase),
    pace: createPace(options.forks ?? 50),
    knownHosts: knownHostsReader(),
    bootKeys: boots,
    warn,
    stop: stop.signal,
  }
  const jumps = jumpLinks(world)
  const hosts = new Map<string, OpenHost>()
  const services = new Map<string | null, ServiceSession>()
  const controllers = new Map<string | undefined, Controller>()
  let folder: ControlFolder | null = null
  const openssh: OpensshWorld = {
    pace: world.pace,
    bootKeys: boots,
    folder: () => (folder ??= controlFolder()),
    env,
    configFile: options.sshConfigFile,
    knownHostsFile: options.knownHostsFile,
    warn,
    stop: stop.signal,
  }

  function warn(diagnostic: Diagnostic): void {
    const text = `${diagnostic.code} ${diagnostic.message}`
    if (warned.has(text)) return
    warned.add(text)
    options.warn(diagnostic)
  }

  function controllerFor({ connection }: Host): Controller {
    const file = connection.sshConfig ?? options.sshConfigFile
    const held = controllers.get(file)
    if (held) return held
    const made: Controller = {
      localUser: account.user,
      localHost: hostname(),
      home: account.home,
      env,
      config: loadSshConfig(file, account.home),
      knownHostsFile: options.knownHostsFile,
      inventoryHost: (name) => inventory.hosts.get(name),
    }
    controllers.set(file, made)
    return made
  }

  function connectTo(host: Host): Promise<SshTransport> {
    return host.connection.transport === 'openssh'
      ? openOpensshTransport(host, openssh)
      : openSshTransport(host.name, routeTo(host, controllerFor(host)), world, jumps)
  }

  function openHost(host: Host): OpenHost {
    const held = hosts.get(host.name)
    if (held && !held.lost()) return held
    let connected: SshTransport | null = null
    const transport: Promise<Transport> =
      host.connection.kind === 'local'
        ? Promise.resolve(localTransport({ name: host.name }))
        : Promise.resolve()
            .then(() => connectTo(host))
            .then((opened) => (connected = opened))
    const entry: OpenHost = { transport, sessions: new Map(), lost: () => connected?.lost === true }
    hosts.set(host.name, entry)
    transport.catch(() => {})
    return entry
  }

  async function transportOf(
    host: Host,
  ): Promise<{ readonly entry: OpenHost; readonly transport: Transport }> {
    const entry = openHost(host)
    try {
      return { entry, transport: await entry.transport }
    } catch (error) {
      // Forget the failed connection only after its error was delivered, so that concurrent callers share one login attempt.
      if (hosts.get(host.name) === entry) hosts.delete(host.name)
      throw error
    }
  }

  async function hostSession(host: Host, become: Become | null): Promise<Session> {
    const { entry, transport } = await transportOf(host)
    const key = become === null ? '' : `as ${become.user}`
    let session = entry.sessions.get(key)
    if (session === undefined) {
      const { becomePassword } = host.connection
      session = openSession(
        transport,
        become === null
          ? null
          : {
              user: become.user,
              ...(becomePassword === undefined
                ? {}
                : transport.withheld
                  ? { withheld: transport.withheld }
                  : { password: becomePassword }),
            },
        options.locks ?? null,
      )
      entry.sessions.set(key, session)
    }
    return session
  }

  function serviceSession(name: string | null): Session {
    let session = services.get(name)
    if (session === undefined) {
      const service = name === null ? null : inventory.services.get(name)
      if (service === undefined)
        throw new DiagnosticError({
          code: 'connect/service',
          message: `the inventory has no service "${name}"`,
          hint: `it has ${[...inventory.services.keys()].join(', ') || 'none'}; services are listed under \`services:\``,
        })
      if (service?.insecure)
        warn({
          code: 'connect/tls-unverified',
          severity: 'warning',
          message: `certificates of service ${service.name} (${service.url}) are not verified; any server that answers there gets its token`,
          hint: 'name its authority with `ca:` and drop `insecure:`',
        })
      const via =
        service?.via === undefined ? null : hostNamed(service.via, `service ${service.name}`)
      session = openService(service, {
        env,
        home: env['HOME'] ?? account.home,
        now: Date.now,
        clientSecret: (host) => readClientSecret(hostNamed(host, `service ${name}`)),
        tunnel:
          via === null || via.connection.kind === 'local'
            ? undefined
            : (address, port) => forward(via, address, port),
      })
      services.set(name, session)
    }
    return session
  }

  async function forward(via: Host, address: string, port: number): Promise<Duplex> {
    return ((await transportOf(via)).transport as SshTransport).forward(address, port)
  }

  function hostNamed(name: string, by: string): Host {
    const host = inventory.hosts.get(name)
    if (!host)
      throw new DiagnosticError({
        code: 'connect/service',
        message: `${by} names the host "${name}", which the inventory does not have`,
        hint: 'add the host, or name another',
      })
    return host
  }

  async function readClientSecret(host: Host): Promise<Secret> {
    const session = await hostSession(host, null)
    const argv = [
      'kubectl',
      'get',
      'secret',
      'admin-client-auth',
      '-o',
      'jsonpath={.data.client-secret}',
    ]
    const { readings } = await session.exchange({
      probes: [ask(argv, [0], { secret: 'admin-client-auth' })],
    })
    const reading = readings[0]!
    const hint = `try it there: ${argv.slice(0, 4).join(' ')}`
    if (isFailed(reading))
      throw new DiagnosticError({
        code: 'connect/token-missing',
        host: host.name,
        message: `the secret admin-client-auth could not be read on ${host.name}: ${reading.failed.message}`,
        hint,
      })
    const text = 'stdout' in reading ? (reading.stdout as string | Secret) : ''
    const encoded = text instanceof Secret ? text : new Secret('admin-client-auth', text)
    const secret = encoded.map((base64) =>
      Buffer.from(base64.trim(), 'base64').toString('utf8').trim(),
    )
    if (secret.equals(''))
      throw new DiagnosticError({
        code: 'connect/token-missing',
        host: host.name,
        message: `the secret admin-client-auth on ${host.name} holds no client-secret`,
        hint,
      })
    return secret
  }

  async function closeHost(name: string): Promise<void> {
    const entry = hosts.get(name)
    hosts.delete(name)
    const transport = await entry?.transport.catch(() => null)
    await transport?.close()
  }

  return {
    async session(endpoint: Endpoint, become) {
      if (stop.signal.aborted)
        throw new Unreachable(
          'host' in endpoint ? endpoint.host.name : (endpoint.service ?? 'the network'),
          'the run is over: its connections are closed',
        )
      return 'host' in endpoint
        ? hostSession(endpoint.host, become)
        : serviceSession(endpoint.service)
    },
    prepare(host) {
      if (!stop.signal.aborted) openHost(host)
    },
    release: (host) => closeHost(host.name),
    booted: (host) => boots.allow(host.name),
    async closeAll() {
      stop.abort()
      for (const session of services.values()) session.close()
      services.clear()
      await Promise.all([...hosts.keys()].map(closeHost))
      folder?.remove()
    },
  }
}

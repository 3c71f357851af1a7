import { execFile, spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { promisify } from 'node:util'
import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import type { Host } from '../../model/host.ts'
import { Unreachable, type Interrupt } from '../../model/session.ts'
import type { BootKeys } from '../ssh/host-key.ts'
import type { Pace } from '../ssh/login-pace.ts'
import type { SshTransport } from '../ssh/ssh2-transport.ts'
import { tunnelSocket } from '../ssh/tunnel.ts'
import type { RemoteProcess } from '../transport.ts'
import {
  inventoryOptions,
  masterArguments,
  sessionArguments,
  targetOf,
  type Strictness,
} from './ssh-arguments.ts'
import { MasterFailed, startMaster, type ControlFolder, type Master } from './master.ts'
import { readResolvedOptions, type ResolvedOptions } from './resolved-options.ts'
import { sessionQueue } from './session-queue.ts'
import { startSession, type SessionWay } from './session-process.ts'
import { loginError } from './ssh-words.ts'

const run = promisify(execFile)

/** What the transport by the system's OpenSSH needs of the run. */
export interface OpensshWorld {
  readonly pace: Pace
  readonly bootKeys: BootKeys
  readonly folder: () => ControlFolder
  readonly env: Readonly<Record<string, string | undefined>>
  readonly configFile?: string | undefined
  readonly knownHostsFile?: string | undefined
  warn(diagnostic: Diagnostic): void
  readonly stop?: AbortSignal
}

const usualPatience = 20

/** Connect to a host by the system's ssh: a master that logs in, and a session over it for each command. */
export async function openOpensshTransport(host: Host, world: OpensshWorld): Promise<SshTransport> {
  const login = await prepare(host, world)
  const leave = await world.pace.enter({ through: null, to: login.who }, world.stop)
  const master = await signIn(login, world).then(
    (made) => (leave('in'), made),
    (error: unknown) => {
      leave('other')
      throw error
    },
  )
  const folder = world.folder()
  const way: SessionWay = {
    host: host.name,
    master,
    env: world.env,
    arguments: (log) => sessionArguments(login.resolved, master.socket, log),
    logPath: () => folder.path('log'),
    answers: () => masterAnswers(master, world.env),
  }
  const queue = sessionQueue()
  return {
    name: host.name,
    withheld: null,
    get lost() {
      return master.lost
    },
    start: (command, signal) => startInTurn(way, queue, command, signal),
    forward: async (address, port) => forwardOver(way, address, port),
    close: () => master.close(),
  }
}

/** What is known before the login. */
interface Login {
  readonly host: Host
  readonly options: readonly string[]
  readonly resolved: ResolvedOptions
  readonly strictness: Strictness
  readonly who: string
  readonly target: string
}

async function prepare(host: Host, world: OpensshWorld): Promise<Login> {
  const { connection, name } = host
  if (connection.password !== undefined || connection.keyPassphrase !== undefined)
    throw new DiagnosticError({
      code: 'connect/openssh-password',
      host: name,
      message: `${name} has \`transport: openssh\` and a password or passphrase in the inventory, and that transport sends none`,
      hint: 'log in with a key, an agent (ssh-add), a certificate or a ticket, or write `transport: ssh2`',
    })
  const target = targetOf(host)
  const config = connection.sshConfig ?? world.configFile
  const options = inventoryOptions(connection, config, world.knownHostsFile)
  const resolved = readResolvedOptions(await resolvedText(host, world))
  const user = resolved.one('user') ?? ''
  const who = `${user}@${resolved.one('hostname') ?? target}:${resolved.one('port') ?? '22'}`
  const strictness = strictnessOf(host, resolved, world)
  return {
    host,
    options: [...options, ...bootOptions(host, world)],
    resolved,
    strictness,
    who,
    target,
  }
}

/** What `ssh -G` says of a host: every option as ssh_config and the inventory have it now. */
export async function resolvedText(
  host: Host,
  { env, configFile, knownHostsFile }: Pick<OpensshWorld, 'env' | 'configFile' | 'knownHostsFile'>,
): Promise<string> {
  const { connection } = host
  const config = connection.sshConfig ?? configFile
  const argv = [...inventoryOptions(connection, config, knownHostsFile), '--', targetOf(host)]
  try {
    return (await run('ssh', ['-G', ...argv], { env, maxBuffer: 1 << 20 })).stdout
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string }
    if (code === 'ENOENT')
      throw new DiagnosticError({
        code: 'connect/openssh-missing',
        host: host.name,
        message: `${host.name} has \`transport: openssh\`, and this machine has no ssh`,
        hint: 'install the client of OpenSSH, or write `transport: ssh2`',
      })
    throw loginError({
      host: host.name,
      who: targetOf(host),
      byHand: byHand(host),
      said: stderr ?? String(error),
    })
  }
}

/** Host keys are checked whatever ssh_config says: `no` becomes `accept-new`, which refuses a key that has changed. */
function strictnessOf(host: Host, resolved: ResolvedOptions, world: OpensshWorld): Strictness {
  const { hostKeys } = host.connection
  if (hostKeys === 'strict') return 'yes'
  if (hostKeys === 'new-after-boot') return acceptsAfterBoot(host, world) ? 'accept-new' : 'yes'
  if (hostKeys === 'accept-new') return 'accept-new'
  const written = resolved.one('stricthostkeychecking')?.toLowerCase()
  const isOff = hostKeys === 'off' || written === 'no' || written === 'false' || written === 'off'
  if (isOff)
    world.warn({
      code: 'connect/host-key-unchecked',
      severity: 'warning',
      host: host.name,
      message: `host keys of ${host.name} count as accept-new: \`transport: openssh\` never goes on with a key that has changed`,
      hint: 'set host_keys: accept-new, or strict',
    })
  return isOff || written === 'accept-new' ? 'accept-new' : 'yes'
}

function acceptsAfterBoot(host: Host, { bootKeys }: OpensshWorld): boolean {
  return bootKeys.mayBeNew(host.name)
}

/** A host that this run booted is known by a file of this run. */
function bootOptions({ name, connection }: Host, world: OpensshWorld): readonly string[] {
  if (connection.hostKeys !== 'new-after-boot') return []
  const file = bootFiles.get(world)?.get(name)
  if (file === undefined && !world.bootKeys.mayBeNew(name)) return []
  const path = file ?? world.folder().path('known')
  const files = bootFiles.get(world) ?? new Map<string, string>()
  bootFiles.set(world, files.set(name, path))
  return [
    '-o',
    `UserKnownHostsFile=${path}`,
    '-o',
    'GlobalKnownHostsFile=none',
    '-o',
    'HashKnownHosts=no',
  ]
}

const bootFiles = new WeakMap<OpensshWorld, Map<string, string>>()

async function signIn(login: Login, world: OpensshWorld): Promise<Master> {
  const { host, options, resolved, strictness, who, target } = login
  const socket = world.folder().path('s')
  const argv = [...masterArguments(options, resolved, strictness, socket), '--', target]
  const written = Number(resolved.one('connecttimeout'))
  const patience = host.connection.connectTimeout ?? (written > 0 ? written : usualPatience)
  try {
    return await startMaster(host.name, argv, socket, patience, world.env, world.stop)
  } catch (error) {
    if (!(error instanceof MasterFailed)) throw error
    // Both ssh and this program count the time: the one that ends first says so.
    if (error.late || error.said.includes('timed out during banner exchange'))
      throw new Unreachable(host.name, `${who}: no login within ${patience} seconds`, {
        hint: `check that the host is up, and that a ProxyCommand reaches it; try it by hand: ${byHand(host)}`,
      })
    throw loginError({ host: host.name, who, byHand: byHand(host), said: error.said })
  }
}

function byHand({ name, connection }: Host): string {
  const { user, port, address } = connection
  return [
    'ssh',
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    address ?? name,
  ].join(' ')
}

async function masterAnswers(master: Master, env: OpensshWorld['env']): Promise<boolean> {
  if (master.lost) return false
  try {
    await run('ssh', ['-F', 'none', '-o', `ControlPath=${master.socket}`, '-O', 'check', 'host'], {
      env,
      timeout: 5000,
    })
    return !master.lost
  } catch {
    return false
  }
}

async function startInTurn(
  way: SessionWay,
  queue: ReturnType<typeof sessionQueue>,
  command: string,
  signal: Interrupt | undefined,
): Promise<RemoteProcess> {
  const { host, master } = way
  const leave = await queue.enter(signal)
  try {
    if (signal?.aborted)
      throw new Unreachable(host, `${host}: interrupted before the command began`)
    if (master.lost)
      throw new Unreachable(host, `${host}: the connection was lost`, {
        hint: 'the host may have rebooted, or the network failed: run again when it answers',
      })
    const process = await startSession(way, command, () => queue.wasFull())
    process.ended.then(leave, leave)
    return process
  } catch (error) {
    leave()
    throw error
  }
}

function forwardOver({ master, env, host }: SessionWay, address: string, port: number): Duplex {
  if (master.lost) throw new Unreachable(host, `${host}: the connection was lost`)
  const to = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const child = spawn(
    'ssh',
    [
      '-F',
      'none',
      '-o',
      'ControlMaster=no',
      '-o',
      `ControlPath=${master.socket}`,
      '-o',
      'ProxyCommand=false',
      '-W',
      to,
      'host',
    ],
    { env, stdio: ['pipe', 'pipe', 'ignore'] },
  )
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  child.on('error', (error) => stream.destroy(error))
  stream.on('close', () => child.kill())
  return tunnelSocket(stream)
}

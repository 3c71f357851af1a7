import type { ConnectionSettings, Host } from '../../model/host.ts'
import type { ResolvedOptions } from './resolved-options.ts'

/** A value of an option as `-o` reads it: in quotes, since a line of ssh_config ends a word at a blank. */
function option(name: string, value: string): readonly string[] {
  return [
    '-o',
    /[\s"'#]/.test(value) ? `${name}="${value.replace(/(["\\])/g, '\\$1')}"` : `${name}=${value}`,
  ]
}

/** The name that ssh is asked for: what Host blocks see. */
export function targetOf({ name, connection }: Host): string {
  return connection.address ?? name
}

/** What the inventory says of a host, as options of ssh: they beat every line of ssh_config. */
export function inventoryOptions(
  settings: ConnectionSettings,
  configFile: string | undefined,
  knownHostsFile: string | undefined,
): readonly string[] {
  const known = settings.knownHostsFile ?? knownHostsFile
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(settings.user === undefined ? [] : option('User', settings.user)),
    ...(settings.port === undefined ? [] : option('Port', String(settings.port))),
    ...(settings.keyFiles ?? []).flatMap((file) =>
      option('IdentityFile', file.replaceAll('%', '%%')),
    ),
    ...(settings.jump === undefined ? [] : option('ProxyJump', settings.jump)),
    ...(known === undefined ? [] : option('UserKnownHostsFile', known.replaceAll('%', '%%'))),
    ...(settings.connectTimeout === undefined
      ? []
      : option('ConnectTimeout', String(Math.max(1, Math.ceil(settings.connectTimeout))))),
  ]
}

/** Options that hold for everything trueup asks of ssh: no person is asked, no terminal, no forwarding of ports, nothing in the background. */
const always: readonly string[] = [
  'BatchMode=yes',
  'RequestTTY=no',
  'RemoteCommand=none',
  'ClearAllForwardings=yes',
  'EscapeChar=none',
  'LogLevel=INFO',
].flatMap((each) => ['-o', each])

/** How strictly host keys are checked: `no` is never among them. */
export type Strictness = 'yes' | 'accept-new'

/** The arguments of the master: it logs in, and holds the connection for the others. */
export function masterArguments(
  options: readonly string[],
  resolved: ResolvedOptions,
  strictness: Strictness,
  socket: string,
): readonly string[] {
  return [
    ...option('StrictHostKeyChecking', strictness),
    ...always,
    // The older ssh before 8.7 knows a flag only.
    ...(resolved.one('sessiontype') === undefined
      ? ['-N']
      : ['SessionType=none', 'ForkAfterAuthentication=no', 'StdinNull=no'].flatMap((each) => [
          '-o',
          each,
        ])),
    ...option('ControlMaster', 'yes'),
    ...option('ControlPath', socket.replaceAll('%', '%%')),
    ...option('ControlPersist', 'no'),
    ...(Number(resolved.one('serveraliveinterval') ?? 0) > 0
      ? []
      : [...option('ServerAliveInterval', '8'), ...option('ServerAliveCountMax', '3')]),
    ...options,
    '-T',
  ]
}

/**
 * The arguments of a command over the master. ssh_config is not read again, so that a `Match exec` runs once a host; what it says of a
 * session comes along. Without its master ssh would log in by itself, unchecked: the proxy that fails keeps it from that.
 */
export function sessionArguments(
  resolved: ResolvedOptions,
  socket: string,
  log: string,
): readonly string[] {
  const carried = ['sendenv', 'setenv', 'forwardagent'].flatMap((keyword) =>
    resolved.all(keyword).flatMap((value) => ['-o', `${keyword}=${value}`]),
  )
  return [
    '-F',
    'none',
    ...always,
    ...option('ControlMaster', 'no'),
    ...option('ControlPath', socket.replaceAll('%', '%%')),
    ...option('ProxyCommand', 'false'),
    ...carried,
    '-T',
    '-E',
    log,
  ]
}

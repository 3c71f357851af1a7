import { DiagnosticError, type Place } from '../../model/diagnostic.ts'
import type { ConnectionSettings, Host } from '../../model/host.ts'
import { algorithmsIn, offerOf } from './algorithms.ts'
import { hostKeyAlgorithms } from './host-key-algorithms.ts'
import { leastRsaBits } from './key-blob.ts'
import type { Directive } from './openssh-files/ssh-config-file.ts'
import { parsePort, parseTime } from './openssh-files/ssh-config-file.ts'
import {
  expandHostName,
  lookupConfig,
  type HostConfig,
  type Setting,
} from './openssh-files/config-lookup.ts'
import { hopText, type Hop, type LoginMethod } from './hop.ts'
import { expandPath, type Tokens } from './openssh-files/tokens.ts'

/** Who and where the controller is. */
export interface Controller {
  readonly localUser: string
  readonly localHost: string
  /** From the password database, as OpenSSH has it, not from $HOME. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's ssh_config, then the system's. */
  readonly config: readonly (readonly Directive[])[]
  /** Overrides UserKnownHostsFile of every host. */
  readonly knownHostsFile?: string | undefined
  /** A host of the inventory by its name: a jump that names one is reached as the inventory says. */
  inventoryHost(name: string): Host | undefined
}

interface Target {
  readonly name: string
  readonly typed: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  readonly settings: ConnectionSettings
  /** Jumps that the inventory or a list of jumps names for it; absent: as its own blocks say. */
  readonly jump?: string | undefined
}

/** The hops to a host, nearest to the controller first; the last is the host. Throws DiagnosticError for a directive that trueup does not have, and for a loop. */
export function routeTo(host: Host, controller: Controller): readonly Hop[] {
  const { connection } = host
  const hops = hopsTo(
    {
      name: host.name,
      typed: connection.address ?? host.name,
      user: connection.user,
      port: connection.port,
      settings: connection,
      jump: connection.jump,
    },
    controller,
    [],
  )
  return hops
}

function hopsTo(target: Target, controller: Controller, above: readonly string[]): readonly Hop[] {
  const config = lookupConfig(controller.config, {
    typed: target.typed,
    user: target.user,
    port: target.port,
    localUser: controller.localUser,
  })
  const hop = hopOf(target, config, controller)
  const key = hopText(hop)
  if (above.includes(key) || above.length > 16) throw loop([...above, key])
  const jump = jumpOf(target, config, hop)
  if (jump === null) return [hop]
  const specs = jump.text.split(',').map((spec) => parseJump(spec.trim(), jump.at))
  // Only the first of a list may have a jump of its own: the others are reached through the one before.
  const before = specs.flatMap((spec, index) => {
    const named = controller.inventoryHost(spec.host)
    const settings: ConnectionSettings = named?.connection ?? {
      kind: 'ssh',
      ...(target.settings.knownHostsFile === undefined
        ? {}
        : { knownHostsFile: target.settings.knownHostsFile }),
    }
    const own = index === 0 ? named?.connection.jump : 'none'
    return hopsTo(
      {
        name: spec.host,
        typed: settings.address ?? spec.host,
        user: spec.user ?? settings.user,
        port: spec.port ?? settings.port,
        settings,
        jump: own,
      },
      controller,
      [...above, key],
    )
  })
  const keys = before.map(hopText)
  const twice = keys.find((each, index) => each === key || keys.indexOf(each) !== index)
  if (twice !== undefined) throw loop([...keys, key])
  return [...before, hop]
}

function loop(keys: readonly string[]): DiagnosticError {
  return new DiagnosticError({
    code: 'connect/jump-loop',
    message: `the jumps lead in a circle: ${keys.join(' → ')}`,
    hint: 'exclude the jump host from its own rule: `Host !gate *` above `ProxyJump gate`, or `jump: none` for it in the inventory',
  })
}

function jumpOf(
  target: Target,
  config: HostConfig,
  hop: Hop,
): { readonly text: string; readonly at?: Place | undefined } | null {
  const setting: Setting | undefined =
    target.jump !== undefined ? { args: [target.jump] } : config.one('proxyjump')
  const text = setting?.args[0]
  if (text === undefined || text === '' || text.toLowerCase() === 'none') return null
  const expanded = text.replace(
    /%([%hnpr])/g,
    (_, token: string) =>
      ({ '%': '%', h: hop.address, n: target.typed, p: String(hop.port), r: hop.user })[token]!,
  )
  return { text: expanded, at: setting?.at }
}

interface JumpSpec {
  readonly host: string
  readonly user?: string
  readonly port?: number
}

function parseJump(text: string, at: Place | undefined): JumpSpec {
  const bare = text.replace(/^ssh:\/\//, '').replace(/\/$/, '')
  const match = /^(?:(.+)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::([^:]+))?$/.exec(bare)
  const port = match?.[4] === undefined ? undefined : parsePort(match[4])
  if (!match || port === null) {
    throw new DiagnosticError({
      code: 'connect/jump',
      message: `"${text}" is not a jump`,
      at,
      hint: 'write it as user@host:port (an IPv6 address in brackets), several joined by commas',
    })
  }
  return {
    host: (match[2] ?? match[3])!,
    ...(match[1] === undefined ? {} : { user: match[1] }),
    ...(port === undefined ? {} : { port }),
  }
}

const defaultKeyNames = ['id_rsa', 'id_ecdsa', 'id_ed25519']
const policies: Readonly<Record<string, Hop['policy']>> = {
  yes: 'strict',
  true: 'strict',
  ask: 'strict',
  'accept-new': 'accept-new',
  no: 'off',
  off: 'off',
  false: 'off',
}

function hopOf(target: Target, config: HostConfig, controller: Controller): Hop {
  const { settings } = target
  const text = (keyword: string): string | undefined => config.one(keyword)?.args[0]
  const yes = (keyword: string): boolean => /^(?:yes|true)$/i.test(text(keyword) ?? 'no')
  const address = expandHostName(config.one('hostname'), target.typed).toLowerCase()
  const port = parsePort(text('port') ?? '22') ?? 22
  const user = text('user') ?? controller.localUser
  const tokens: Tokens = {
    address,
    typed: target.typed,
    port,
    user,
    alias: text('hostkeyalias') ?? target.typed,
    ...controller,
  }
  const family = text('addressfamily')?.toLowerCase()
  return {
    name: target.name,
    address,
    port,
    user,
    home: controller.home,
    hostKeyAlias: text('hostkeyalias'),
    ...trustOf(settings, config, controller, tokens),
    hashKnownHosts: yes('hashknownhosts'),
    checkHostIp: yes('checkhostip'),
    requiredRsaSize: Math.max(leastRsaBits, Number(text('requiredrsasize') ?? 0)),
    offer: offerOf(config.one),
    ...keysOf(settings, config, tokens),
    identitiesOnly: yes('identitiesonly'),
    agent: agentOf(config.one('identityagent'), tokens, controller),
    methods: methodsOf(target, config),
    password: settings.password,
    keyPassphrase: settings.keyPassphrase,
    connectTimeout: settings.connectTimeout ?? patienceOf(text('connecttimeout')),
    keepalive: {
      // A peer that is gone is noticed after four of these: within the bound that docs/runs.md states.
      seconds: parseTime(text('serveraliveinterval') ?? '') || 8,
      count: Number(text('serveralivecountmax') ?? 3),
    },
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : undefined,
    bindAddress: text('bindaddress'),
    undone: config.undone.map(({ keyword, setting, words }) => ({
      code: 'connect/ssh-config-undone',
      severity: 'warning',
      message: `${keyword} is not supported: ${words}`,
      at: setting.at,
      hint: 'write `transport: openssh` in the inventory for the hosts that need it: ssh itself does it',
    })),
  }
}

/** ConnectTimeout 0 means without a limit, as in ssh. */
function patienceOf(written: string | undefined): number {
  const seconds = parseTime(written ?? '')
  return seconds === 0 ? Infinity : (seconds ?? 20)
}

/** Which host keys are trusted. */
function trustOf(
  settings: ConnectionSettings,
  config: HostConfig,
  controller: Controller,
  tokens: Tokens,
): Pick<Hop, 'policy' | 'knownHostsFiles' | 'globalKnownHostsFiles' | 'hostKeyAlgorithms'> {
  const paths = (keyword: string, usual: readonly string[]): readonly string[] => {
    const setting = config.one(keyword)
    return (setting?.args ?? usual)
      .filter((each) => each.toLowerCase() !== 'none')
      .map((each) => expandPath(each, tokens, setting?.at))
  }
  const own = settings.knownHostsFile ?? controller.knownHostsFile
  const policy = config.one('stricthostkeychecking')?.args[0]?.toLowerCase() ?? 'ask'
  const algorithms = config.one('hostkeyalgorithms')
  if (algorithms !== undefined && hostKeyAlgorithms(algorithms.args[0]).length === 0)
    throw new DiagnosticError({
      code: 'connect/ssh-config',
      message: `HostKeyAlgorithms ${algorithms.args[0]!} leaves none of the host key algorithms that the transport \`ssh2\` has`,
      at: algorithms.at,
      hint: `allow one of these: ${hostKeyAlgorithms(undefined).join(', ')}; or write \`transport: openssh\` for this host in the inventory, and ssh itself checks certificates`,
    })
  return {
    policy: settings.hostKeys ?? policies[policy] ?? 'strict',
    knownHostsFiles:
      own === undefined
        ? paths('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'])
        : [expandPath(own, tokens, undefined)],
    globalKnownHostsFiles: paths('globalknownhostsfile', [
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ]),
    hostKeyAlgorithms: algorithms?.args[0],
  }
}

/** Which keys are offered, and how they may sign. */
function keysOf(
  settings: ConnectionSettings,
  config: HostConfig,
  tokens: Tokens,
): Pick<Hop, 'keyFiles' | 'defaultKeyFiles' | 'signatureAlgorithms'> {
  const named = settings.keyFiles ?? []
  const accepted = config.one('pubkeyacceptedalgorithms')?.args[0] ?? '+'
  return {
    keyFiles: [
      ...named.map((each) => expandPath(each, tokens, undefined)),
      ...config.identityFiles
        .filter((each) => each.args[0]!.toLowerCase() !== 'none')
        .map((each) => expandPath(each.args[0]!, tokens, each.at)),
    ].filter((each, index, all) => all.indexOf(each) === index),
    // `IdentityFile none` means no file at all.
    defaultKeyFiles:
      config.identityFiles.length > 0 || named.length > 0
        ? []
        : defaultKeyNames.map((name) => expandPath(`~/.ssh/${name}`, tokens, undefined)),
    signatureAlgorithms: algorithmsIn(accepted, usualSignatures, [...usualSignatures, 'ssh-rsa']),
  }
}

const usualSignatures: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

function agentOf(setting: Setting | undefined, tokens: Tokens, { env }: Controller): string | null {
  const value = setting?.args[0]
  if (value === undefined || value === 'SSH_AUTH_SOCK') return env['SSH_AUTH_SOCK'] || null
  if (value.toLowerCase() === 'none') return null
  if (/^\$[A-Za-z_]\w*$/.test(value)) return env[value.slice(1)] || null
  return expandPath(value, tokens, setting?.at)
}

function methodsOf(target: Target, config: HostConfig): readonly LoginMethod[] {
  const switches: Readonly<Record<LoginMethod, string>> = {
    publickey: 'pubkeyauthentication',
    password: 'passwordauthentication',
    'keyboard-interactive': 'kbdinteractiveauthentication',
  }
  const all: readonly LoginMethod[] = ['publickey', 'password', 'keyboard-interactive']
  const preferred = config.one('preferredauthentications')
  const names = preferred?.args[0]?.split(',').map((name) => name.trim())
  const ordered =
    names === undefined ? all : names.flatMap((name) => all.filter((each) => each === name))
  if (ordered.length === 0)
    throw new DiagnosticError({
      code: 'connect/ssh-config-unsupported',
      host: target.name,
      message: `ssh_config allows only ${names!.join(', ')} to log in, and the transport \`ssh2\` has ${all.join(', ')}`,
      at: preferred?.at,
      hint: 'write `transport: openssh` for this host in the inventory, and ssh itself logs in; or name one of these methods too',
    })
  return ordered.filter(
    (method) => !/^(?:no|false)$/i.test(config.one(switches[method])?.args[0] ?? 'yes'),
  )
}

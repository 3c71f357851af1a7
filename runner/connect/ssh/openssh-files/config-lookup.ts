import { DiagnosticError, type Place } from '../../../model/diagnostic.ts'
import type { Directive } from './config.ts'
import { refusedCriteria, refusedKeywords } from './config-keywords.ts'
import { matchesHostList, matchesList } from './pattern.ts'

/** A value that applies to the host asked, and where it stands. */
export interface Setting {
  readonly args: readonly string[]
  /** Absent for what the inventory says. */
  readonly at?: Place
}

/** The settings that apply to one host. */
export interface HostConfig {
  /** The first value of a keyword. */
  one(keyword: string): Setting | undefined
  /** IdentityFile, which adds up. */
  readonly identityFiles: readonly Setting[]
}

/** Whom the settings are asked for. */
export interface Asked {
  /** The name as it was typed. */
  readonly typed: string
  /** The user and port that the inventory or a jump names; they beat every block. */
  readonly user?: string | undefined
  readonly port?: number | undefined
  readonly localUser: string
}

interface Walk {
  readonly asked: Asked
  readonly found: Map<string, Setting>
  readonly identityFiles: Setting[]
  finalWanted: boolean
  readonly final: boolean
  /** What Host patterns see: the name as typed, and in the second reading the name to connect to. */
  readonly seen: string
}

/** Look a host up in the user's file, then in the system's. The first value wins; IdentityFile adds up. */
export function lookupConfig(files: readonly (readonly Directive[])[], asked: Asked): HostConfig {
  const found = new Map<string, Setting>()
  const identityFiles: Setting[] = []
  if (asked.user !== undefined) found.set('user', { args: [asked.user] })
  if (asked.port !== undefined) found.set('port', { args: [String(asked.port)] })
  const first: Walk = {
    asked,
    found,
    identityFiles,
    finalWanted: false,
    final: false,
    seen: asked.typed,
  }
  for (const file of files) walk(file, first, true, false)
  if (first.finalWanted) {
    // The second reading begins with the name as the first one left it.
    const seen = expandHostName(found.get('hostname')?.args[0], asked.typed).toLowerCase()
    found.set('hostname', { args: [seen.replaceAll('%', '%%')] })
    for (const file of files) walk(file, { ...first, final: true, seen }, true, false)
  }
  refuseUnsupported(found)
  return { one: (keyword) => found.get(keyword), identityFiles }
}

function walk(
  directives: readonly Directive[],
  state: Walk,
  activeAtStart: boolean,
  never: boolean,
): void {
  let active = activeAtStart
  for (const directive of directives) {
    if (directive.keyword === 'host') active = !never && matchesList(directive.args, state.seen)
    else if (directive.keyword === 'match') {
      // Even where it cannot match, `Match final` asks for a second reading.
      if (directive.args.some((arg) => /^!?final$/i.test(arg))) state.finalWanted = true
      active = !never && matchHolds(directive, state)
    } else if (directive.keyword === 'include')
      for (const file of directive.included) walk(file, state, active, !active)
    else if (active) keep(directive, state)
  }
}

function keep(directive: Directive, state: Walk): void {
  const { keyword, args, at } = directive
  const setting: Setting = { args, at }
  if (keyword === 'identityfile') {
    if (!state.identityFiles.some((each) => each.args[0] === args[0]))
      state.identityFiles.push(setting)
    return
  }
  // `none` leaves it unset, so a later value still counts.
  if (keyword === 'connecttimeout' && args[0] === 'none') return
  const name = aliases[keyword] ?? keyword
  // Whichever of the two comes first bars the other.
  if (name === 'proxyjump' && state.found.has('proxycommand')) return
  if (name === 'proxycommand' && state.found.has('proxyjump')) return
  if (!state.found.has(name)) state.found.set(name, setting)
}

const aliases: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
}

function matchHolds(directive: Directive, state: Walk): boolean {
  let holds = true
  for (let index = 0; index < directive.args.length; index++) {
    const [, negation, word, inline] = /^(!?)([^=]+)(?:=(.*))?$/.exec(directive.args[index]!)!
    const name = word!.toLowerCase()
    const wants = negation === ''
    if (name === 'all') continue
    if (name === 'final' || name === 'canonical') {
      if (state.final !== wants) holds = false
      continue
    }
    const value = inline ?? directive.args[++index]!
    // A criterion that cannot be judged is an error only where the ones before it held.
    if (!holds) continue
    if (refusedCriteria.has(name))
      throw refused(
        directive.at,
        `Match ${name} cannot be judged by trueup`,
        'give this host its settings in a Host block above it',
      )
    if (criterionHolds(name, value, state) !== wants) holds = false
  }
  return holds
}

function criterionHolds(name: string, value: string, { asked, found }: Walk): boolean {
  if (name === 'host')
    return matchesHostList(value, expandHostName(found.get('hostname')?.args[0], asked.typed))
  if (name === 'originalhost') return matchesHostList(value, asked.typed)
  if (name === 'user')
    return matchesList(value.split(','), found.get('user')?.args[0] ?? asked.localUser)
  return matchesList(value.split(','), asked.localUser)
}

/** The name to connect to: HostName knows the tokens `%h` and `%%` only. */
export function expandHostName(hostName: string | undefined, typed: string): string {
  if (hostName === undefined) return typed
  return hostName.replace(/%(.)/g, (all, token: string) =>
    token === 'h' ? typed : token === '%' ? '%' : all,
  )
}

function refuseUnsupported(found: ReadonlyMap<string, Setting>): void {
  for (const [keyword, harmless] of Object.entries(refusedKeywords)) {
    const setting = found.get(keyword)
    if (setting === undefined || harmless.includes(setting.args[0]!.trim().toLowerCase())) continue
    throw refused(
      setting.at,
      `${setting.at?.source?.trim().split(/[\s=]/)[0] ?? keyword} would change how this host is reached or trusted, and trueup does not have it`,
      hints[keyword],
    )
  }
}

const hints: Readonly<Record<string, string>> = {
  proxycommand: 'use ProxyJump, or `jump:` in the inventory',
  certificatefile: 'name a plain key with IdentityFile; certificates of users are not offered',
  pkcs11provider: 'load the token into ssh-agent: its keys are offered',
  securitykeyprovider: 'security keys are not offered; use another key for this host',
  canonicalizehostname: 'write the full name, or set HostName for this host',
  remotecommand: 'set `RemoteCommand none` for this host',
  knownhostscommand:
    'write its keys to a known_hosts file: `ssh-keyscan HOST >> ~/.ssh/known_hosts` after checking them',
  revokedhostkeys: 'mark the keys with @revoked in a known_hosts file',
  bindinterface: 'use BindAddress',
}

function refused(
  at: Place | undefined,
  message: string,
  hint: string | undefined,
): DiagnosticError {
  return new DiagnosticError({ code: 'connect/ssh-config-unsupported', message, at, hint })
}

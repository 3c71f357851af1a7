import { DiagnosticError, type Place } from '../../../model/diagnostic.ts'
import type { Directive } from './ssh-config-file.ts'
import { refusedCriteria, refusedKeywords, undoneKeywords } from './config-keywords.ts'
import { matchesHostList, matchesList } from './host-pattern.ts'

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
  /** What is asked for and not done, each with the words for it. */
  readonly undone: readonly {
    readonly keyword: string
    readonly setting: Setting
    readonly words: string
  }[]
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
    const seen = expandHostName(found.get('hostname'), asked.typed).toLowerCase()
    found.set('hostname', { args: [seen.replaceAll('%', '%%')] })
    for (const file of files) walk(file, { ...first, final: true, seen }, true, false)
  }
  refuseUnsupported(found, asked.typed)
  return { one: (keyword) => found.get(keyword), identityFiles, undone: undoneOf(found) }
}

function undoneOf(found: ReadonlyMap<string, Setting>): HostConfig['undone'] {
  return Object.entries(undoneKeywords).flatMap(([keyword, { harmless, words }]) => {
    const setting = found.get(keyword)
    if (setting === undefined || harmless.includes(setting.args[0]!.toLowerCase())) return []
    const isOff =
      keyword === 'localcommand' &&
      !/^(?:yes|true)$/i.test(found.get('permitlocalcommand')?.args[0] ?? 'no')
    return isOff ? [] : [{ keyword: keywordAsWritten(setting) ?? keyword, setting, words }]
  })
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
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  hostbasedkeytypes: 'hostbasedacceptedalgorithms',
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
      throw refused(directive.at, `the transport \`ssh2\` cannot judge Match ${name}`, waysOut(''))
    if (criterionHolds(name, value, state) !== wants) holds = false
  }
  return holds
}

function criterionHolds(name: string, value: string, { asked, found }: Walk): boolean {
  if (name === 'host')
    return matchesHostList(value, expandHostName(found.get('hostname'), asked.typed))
  if (name === 'originalhost') return matchesHostList(value, asked.typed)
  if (name === 'user')
    return matchesList(value.split(','), found.get('user')?.args[0] ?? asked.localUser)
  return matchesList(value.split(','), asked.localUser)
}

/** The name to connect to: HostName has the tokens `%h` and `%%` only. Throws DiagnosticError for another one. */
export function expandHostName(setting: Setting | undefined, typed: string): string {
  if (setting === undefined) return typed
  return setting.args[0]!.replace(/%(.?)/g, (all, token: string) => {
    if (token === 'h') return typed
    if (token === '%') return '%'
    throw new DiagnosticError({
      code: 'connect/ssh-config',
      message: `HostName has no token ${all}`,
      at: setting.at,
      hint: 'write %h for the name as typed, %% for a percent sign',
    })
  })
}

function refuseUnsupported(found: ReadonlyMap<string, Setting>, typed: string): void {
  for (const [keyword, harmless] of Object.entries(refusedKeywords)) {
    const setting = found.get(keyword)
    if (setting === undefined || harmless.includes(setting.args[0]!.trim().toLowerCase())) continue
    const name = keywordAsWritten(setting) ?? keyword
    const neutral = keyword === 'refuseconnection' ? undefined : neutralValue(keyword, harmless)
    throw refused(
      setting.at,
      keyword === 'refuseconnection'
        ? `ssh_config refuses this host: ${setting.args.join(' ')}`
        : `${name} would change how this host is reached or trusted, and the transport \`ssh2\` does not have it`,
      neutral === undefined
        ? 'remove the line, or name another ssh_config (-F FILE)'
        : waysOut(
            `, or write these lines at the top of your ssh_config: \`Host ${typed}\`, \`${name} ${neutral}\`, \`Host *\``,
          ),
    )
  }
}

function neutralValue(keyword: string, harmless: readonly string[]): string {
  return keyword === 'canonicalizehostname' ? 'no' : harmless[0]!
}

function waysOut(between: string): string {
  return `write \`transport: openssh\` for this host in the inventory, and ssh itself does it${between}, or name another ssh_config (-F FILE)`
}

/** The keyword as the user spelled it. */
function keywordAsWritten(setting: Setting): string | undefined {
  return setting.at?.source?.trim().split(/[\s=]/)[0]
}

function refused(
  at: Place | undefined,
  message: string,
  hint: string | undefined,
): DiagnosticError {
  return new DiagnosticError({ code: 'connect/ssh-config-unsupported', message, at, hint })
}

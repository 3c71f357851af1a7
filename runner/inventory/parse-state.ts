import type { Code } from '../model/codes.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { ConnectionSettings } from '../model/host.ts'
import type { Value } from '../contract/value.ts'
import type { Located, LocatedEntry, LocatedScalar } from '../source/located.ts'
import type { Pattern } from './nodeset.ts'

/** What one place of an inventory says of the hosts that it is about. */
export interface Layer {
  readonly connection: Partial<ConnectionSettings>
  readonly vars: Readonly<Record<string, Value>>
}
/** Settings while they are read. */
export type Settings = { -readonly [K in keyof ConnectionSettings]?: ConnectionSettings[K] }
/** A pattern of a group and how its parts are found in the file. */
export interface Membership {
  readonly pattern: Pattern
  readonly place: (offset: number, width: number) => Place
}
/** A group as far as it is read. */
export interface GroupDraft {
  readonly name: string
  readonly at: Place
  readonly members: Membership[]
  readonly children: Map<string, Place>
  /** Expressions that say which hosts are in it, and which groups lie in it. */
  readonly conditions: Condition[]
  /** Written in the inventory, and in group_vars: the latter is stronger. */
  readonly inline: Layer[]
  readonly fromFiles: Layer[]
}
/** An expression over a host: `where` it is in the group, or the value `by` which groups in it are named. */
export interface Condition {
  readonly kind: 'where' | 'by'
  readonly scalar: LocatedScalar
}
/** A host as far as it is read. */
export interface HostDraft {
  readonly name: string
  readonly at: Place
  readonly groups: Set<GroupDraft>
  readonly inline: Layer[]
  readonly fromFiles: Layer[]
}
/** A service as far as it is read: the last word on each of its keys. */
export interface ServiceDraft {
  readonly at: Place
  readonly entries: Map<string, LocatedEntry>
}
/** An inventory while its files are read. */
export interface Draft {
  readonly hosts: Map<string, HostDraft>
  readonly groups: Map<string, GroupDraft>
  readonly services: Map<string, ServiceDraft>
  /** Other names of hosts, each with the name that the host has here. */
  readonly aliases: Map<string, string>
  /** Vars that a source gives to hosts that have them; a condition may name them although no host has one today. */
  readonly promised: Set<string>
  /** The sources were not asked yet: what is not there may come. */
  readonly partial: boolean
  readonly diagnostics: Diagnostic[]
  readonly world: World
}
/** What of the controller an inventory may name. */
export interface World {
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Files that were read for secrets, by path: ten thousand hosts share one. */
  readonly secretFiles: Map<string, string | null>
  readonly warned: Set<string>
  /** Texts that a program printed: unlike a file, no other user can read a secret in them. */
  readonly printed: Set<string>
}

/** An inventory of which nothing is read. */
export function emptyDraft(world: World, partial = false): Draft {
  return {
    hosts: new Map(),
    groups: new Map(),
    services: new Map(),
    aliases: new Map(),
    promised: new Set(),
    partial,
    diagnostics: [],
    world,
  }
}

/** The draft of a group, made where it is named first. */
export function groupOf(draft: Draft, name: string, at: Place): GroupDraft {
  let group = draft.groups.get(name)
  if (!group)
    draft.groups.set(
      name,
      (group = {
        name,
        at,
        members: [],
        children: new Map(),
        conditions: [],
        inline: [],
        fromFiles: [],
      }),
    )
  return group
}

/** The draft of the host that has this name or alias. */
export function hostNamed(draft: Draft, name: string): HostDraft | undefined {
  return draft.hosts.get(draft.aliases.get(name) ?? name)
}

/** The draft of a host, made where it is named first. */
export function hostOf(draft: Draft, named: string, at: Place): HostDraft {
  const name = draft.aliases.get(named) ?? named
  let host = draft.hosts.get(name)
  if (!host)
    draft.hosts.set(name, (host = { name, at, groups: new Set(), inline: [], fromFiles: [] }))
  return host
}

/** Notes an error. */
export function fail(draft: Draft, code: Code, message: string, at: Place, hint: string): void {
  draft.diagnostics.push({ code, message, at, hint })
}

/** Notes a warning, once for each subject. */
export function warn(
  draft: Draft,
  subject: string,
  warning: {
    readonly code: Code
    readonly message: string
    readonly at: Place
    readonly hint: string
  },
): void {
  const key = `${warning.code} ${subject}`
  if (draft.world.warned.has(key)) return
  draft.world.warned.add(key)
  draft.diagnostics.push({ ...warning, severity: 'warning' })
}

/** A part of a key's place; a quote before it is not counted. */
export function placeInKey(at: Place, offset: number, width: number): Place {
  const quoted = /^["']/.test(at.source?.slice(at.column - 1) ?? '') ? 1 : 0
  return { ...at, column: at.column + quoted + offset, width }
}

/** What stands there, in words. */
export function kindOfLocated(located: Located): string {
  if (located.kind !== 'scalar') return `a ${located.kind}`
  if (located.value === null) return 'nothing'
  return typeof located.value === 'string'
    ? 'a text'
    : `the ${typeof located.value} ${located.text}`
}

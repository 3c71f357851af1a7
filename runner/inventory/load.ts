import { homedir } from 'node:os'
import type { Diagnostic } from '../core/diagnostic.ts'
import { RunbookError } from '../core/diagnostic.ts'
import type { ConnectionSettings, Host, Inventory, Service } from '../core/host.ts'
import type { Value, ValueMap } from '../core/value.ts'
import { compareNames } from '../core/xname.ts'
import { didYouMean } from '../source/suggest.ts'
import { parseYaml } from '../source/yaml.ts'
import { emptyDraft, fail, warn, type Draft, type GroupDraft, type HostDraft, type Layer } from './draft.ts'
import { readInventoryFiles, type InventoryFile, type VarsOf } from './files.ts'
import { nestGroups, settleMembers, type Nesting } from './groups.ts'
import { hostKey } from './names.ts'
import { matchPattern, parsePattern } from './nodeset.ts'
import { finishServices } from './services.ts'
import { readInventoryFile, readVarsFile } from './shape.ts'

/** What of the controller an inventory may name; the process's own when absent. */
export interface LoadOptions {
  readonly home?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}
/** An inventory that also knows which groups lie in which. */
export interface GroupedInventory extends Inventory {
  /** The groups directly in a group, by name; groups without any are left out. */
  readonly children: ReadonlyMap<string, readonly string[]>
}
/** An inventory, or null where something is wrong; warnings may stand beside an inventory. */
export interface LoadedInventory {
  readonly inventory: GroupedInventory | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Loads the inventory that files and folders make together; what comes later is stronger. Every mistake is said at once. */
export function loadInventory(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedInventory> {
  const { files, diagnostics } = readInventoryFiles(paths)
  return Promise.resolve(buildInventory(files, options, diagnostics))
}

/** The inventory of nobody's file: this machine as `localhost`, without SSH. */
export function localInventory(): GroupedInventory {
  const host: Host = { name: 'localhost', groups: [], vars: Object.create(null) as ValueMap, connection: { kind: 'local' } }
  return inventoryOf(new Map([[host.name, host]]), new Map([['all', [host.name]]]), new Map(), new Map())
}

/** Builds an inventory of texts that were read. */
export function buildInventory(files: readonly InventoryFile[], options: LoadOptions = {}, before: readonly Diagnostic[] = []): LoadedInventory {
  const draft = emptyDraft({ home: options.home ?? homedir(), environment: options.environment ?? process.env, secretFiles: new Map(), warned: new Set() })
  draft.diagnostics.push(...before)
  for (const file of files) if (file.about.kind === 'inventory') readFile(draft, file)
  for (const file of files) if (file.about.kind !== 'inventory') readFile(draft, file)
  const inventory = finish(draft)
  const diagnostics = draft.diagnostics.map(withoutSecrets)
  return { inventory: diagnostics.some((each) => each.severity !== 'warning') ? null : inventory, diagnostics }
}

function readFile(draft: Draft, file: InventoryFile): void {
  const { value, diagnostics } = parseYaml(file.path, file.text)
  draft.diagnostics.push(...diagnostics)
  if (!value) return
  if (file.about.kind === 'inventory') return readInventoryFile(draft, value)
  const target = targetOf(draft, file.about, file.path)
  const layer = readVarsFile(draft, value)
  target?.fromFiles.push(layer)
}

function targetOf(draft: Draft, about: VarsOf, file: string): GroupDraft | HostDraft | undefined {
  const found = about.kind === 'group' ? draft.groups.get(about.name) : draft.hosts.get(hostKey(about.name))
  if (found) return found
  const known = about.kind === 'group' ? draft.groups.keys() : draft.hosts.keys()
  if (about.sure) fail(draft, `inventory/no-${about.kind}`, `there is no ${about.kind} '${about.name}' that this file could be about`, { file, line: 1, column: 1 }, didYouMean(about.name, known))
  return undefined
}

function finish(draft: Draft): GroupedInventory | null {
  for (const name of draft.groups.keys()) {
    const host = name === 'all' ? undefined : draft.hosts.get(name)
    if (host) fail(draft, 'inventory/name-twice', `'${name}' is a group and a host`, host.at, `rename one; the group is named @${name} where it is meant as a part of another`)
  }
  const services = finishServices(draft, draft.hosts)
  const nesting = nestGroups(draft)
  if (!nesting) return null
  const members = settleMembers(draft, nesting)
  if (draft.hosts.size === 0 && draft.diagnostics.every((each) => each.severity === 'warning')) draft.diagnostics.push({ code: 'inventory/empty', message: 'the inventory has no host', hint: 'name some: hosts: { ncn-m001: { address: 10.252.1.4 } }' })
  const names = [...draft.hosts.keys()].sort(compareNames)
  const settle = settler(draft, nesting)
  const hosts = new Map(names.map((name) => [name, settle(draft.hosts.get(name)!)]))
  const loud = [...hosts.values()].find((host) => host.connection.hostKeys === 'off')
  if (loud) warn(draft, 'off', { code: 'inventory/host-keys-off', message: `host keys are not verified (${loud.name} and perhaps others)`, at: draft.hosts.get(loud.name)!.at, hint: 'write host_keys: accept-new, or strict' })
  const place = new Map(names.map((name, i) => [name, i]))
  const groups = new Map<string, readonly string[]>([['all', names]])
  for (const name of [...members.keys()].sort(compareNames)) groups.set(name, [...members.get(name)!].sort((a, b) => place.get(a)! - place.get(b)!))
  const children = new Map<string, readonly string[]>()
  for (const group of draft.groups.values()) if (group.name !== 'all' && group.children.size > 0) children.set(group.name, [...group.children.keys()].sort(compareNames))
  return inventoryOf(hosts, groups, services, children)
}

/** What hosts of the same groups share is merged once for all of them. */
function settler(draft: Draft, nesting: Nesting): (host: HostDraft) => Host {
  const all = draft.groups.get('all')
  const numbers = new Map(nesting.order.map((group, i) => [group, i]))
  const bases = new Map<string, { readonly groups: readonly string[]; readonly layer: Layer }>()
  const weaker = (a: GroupDraft, b: GroupDraft): number => nesting.depth.get(a)! - nesting.depth.get(b)! || (a.name < b.name ? -1 : 1)
  const baseOf = (direct: readonly GroupDraft[]): { readonly groups: readonly string[]; readonly layer: Layer } => {
    const groups = [...new Set(withParents(direct, nesting))].sort(weaker)
    const layers = [...(all ? [all] : []), ...groups].flatMap((group) => [...group.inline, ...group.fromFiles])
    return { groups: groups.map((group) => group.name), layer: merge(layers) }
  }
  return (host) => {
    const direct = [...host.groups].filter((group) => group.name !== 'all')
    const key = direct.map((group) => numbers.get(group)!).sort((a, b) => a - b).join(' ')
    let base = bases.get(key)
    if (!base) bases.set(key, (base = baseOf(direct)))
    const own = [...host.inline, ...host.fromFiles]
    const { connection, vars } = own.length === 0 ? base.layer : merge([base.layer, ...own])
    return { name: host.name, groups: base.groups, vars, connection: { kind: 'ssh', ...connection } }
  }
}

function withParents(direct: readonly GroupDraft[], nesting: Nesting): ReadonlySet<GroupDraft> {
  const found = new Set(direct)
  // A set goes on with what is added while it is walked.
  for (const group of found) for (const parent of nesting.parents.get(group) ?? []) found.add(parent)
  return found
}

/** Later layers replace single settings and whole vars of earlier ones. */
function merge(layers: readonly Layer[]): Layer {
  const connection: Partial<ConnectionSettings> = {}
  const vars: Record<string, Value> = Object.create(null)
  for (const layer of layers) {
    Object.assign(connection, layer.connection)
    Object.assign(vars, layer.vars)
  }
  return { connection, vars }
}

function inventoryOf(hosts: ReadonlyMap<string, Host>, groups: ReadonlyMap<string, readonly string[]>, services: ReadonlyMap<string, Service>, children: ReadonlyMap<string, readonly string[]>): GroupedInventory {
  const select = (text: string): readonly Host[] => {
    const pattern = parsePattern(text)
    const found = 'code' in pattern ? pattern : matchPattern(pattern, { hosts, groups })
    if ('code' in found) throw new RunbookError({ code: found.code, message: found.message, hint: found.hint })
    if (found.size === 0) throw new RunbookError({ code: 'inventory/no-match', message: `'${text}' matches no host`, hint: 'its parts leave nothing over; see `trueup inventory --graph`' })
    if (found.size === 1) return [hosts.get([...found][0]!)!]
    return [...hosts.values()].filter((host) => found.has(host.name))
  }
  return { hosts, groups, services, children, select }
}

/** A user's line that writes a secret out is not shown. */
function withoutSecrets(diagnostic: Diagnostic): Diagnostic {
  const { at } = diagnostic
  if (!at?.source || !/pass(?:word|phrase)?["']?\s*:\s*[^\s{]|token["']?\s*:\s*[^\s{]|:\/\/[^\s/]*@/i.test(at.source)) return diagnostic
  const { source: _, ...place } = at
  return { ...diagnostic, at: place }
}

import type { ConnectionSettings, Host, Inventory, Service } from '../model/host.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { compareNames } from '../text/xname.ts'
import { applyConditions } from './conditions.ts'
import {
  fail,
  hostNamed,
  warn,
  type Draft,
  type GroupDraft,
  type HostDraft,
  type Layer,
} from './parse-state.ts'
import { nestGroups, settleMembers, type Nesting } from './groups.ts'
import { matchPattern, parsePattern } from './nodeset.ts'
import { finishServices } from './services.ts'

/** An inventory that also knows which groups lie in which. */
export interface GroupedInventory extends Inventory {
  /** The groups directly in a group, by name; groups without any are left out. */
  readonly children: ReadonlyMap<string, readonly string[]>
}

/** Makes the inventory of all that was read; null where groups lie in no order. */
export function finish(draft: Draft): GroupedInventory | null {
  refuseSharedNames(draft)
  const services = finishServices(draft, {
    nameOf: (name) => hostNamed(draft, name)?.name,
    keys: () => draft.hosts.keys(),
  })
  const nesting = nestGroups(draft)
  if (!nesting) return null
  const members = new Map<string, ReadonlySet<string>>()
  settleMembers(
    draft,
    nesting.order.filter((group) => !nesting.conditional.has(group)),
    members,
  )
  const names = [...draft.hosts.keys()].sort(compareNames)
  const settleAll = (): Map<string, Host> => {
    const settle = settler(draft, nesting)
    return new Map(names.map((name) => [name, settle(draft.hosts.get(name)!)]))
  }
  const made =
    nesting.conditional.size > 0 && !draft.partial
      ? applyConditions(draft, nesting, [...settleAll().values()])
      : new Map<string, readonly string[]>()
  settleMembers(
    draft,
    nesting.order.filter((group) => !members.has(group.name)),
    members,
  )
  refuseEmpty(draft)
  const hosts = settleAll()
  warnOfUncheckedKeys(draft, hosts)
  const groups = groupsWith(names, members)
  const children = childrenOf(draft, made)
  const written = [...draft.hosts.keys()]
  return { ...inventoryOf(hosts, groups, services, children, draft.aliases), written }
}

function refuseSharedNames(draft: Draft): void {
  for (const name of draft.groups.keys()) {
    const host = name === 'all' ? undefined : draft.hosts.get(name)
    if (host)
      fail(
        draft,
        'inventory/name-twice',
        `'${name}' is a group and a host`,
        host.at,
        `rename one; the group is named @${name} where it is meant as a part of another`,
      )
  }
}

function refuseEmpty({ hosts, partial, diagnostics }: Draft): void {
  if (hosts.size > 0 || partial || diagnostics.some((each) => each.severity !== 'warning')) return
  diagnostics.push({
    code: 'inventory/empty',
    message: 'the inventory has no host',
    hint: 'name at least one: hosts: { ncn-m001: { address: 10.252.1.4 } }',
  })
}

function warnOfUncheckedKeys(draft: Draft, hosts: ReadonlyMap<string, Host>): void {
  const loud = [...hosts.values()].find((host) => host.connection.hostKeys === 'off')
  if (loud)
    warn(draft, 'off', {
      code: 'inventory/host-keys-off',
      message: `host keys are not verified (${loud.name} and perhaps others)`,
      at: draft.hosts.get(loud.name)!.at,
      hint: 'write host_keys: accept-new, or strict',
    })
}

/** The hosts of each group, in the order of `names`. */
function groupsWith(
  names: readonly string[],
  members: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, readonly string[]> {
  const place = new Map(names.map((name, i) => [name, i]))
  const groups = new Map<string, readonly string[]>([['all', names]])
  for (const name of [...members.keys()].sort(compareNames))
    groups.set(
      name,
      [...members.get(name)!].sort((a, b) => place.get(a)! - place.get(b)!),
    )
  return groups
}

/** The groups in each group: those that were written, and those that a condition made. */
function childrenOf(
  draft: Draft,
  made: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, readonly string[]>()
  for (const group of draft.groups.values()) {
    const inner = new Set([...group.children.keys(), ...(made.get(group.name) ?? [])])
    if (group.name !== 'all' && inner.size > 0)
      children.set(group.name, [...inner].sort(compareNames))
  }
  return children
}

/** What hosts of the same groups share is merged once for all of them. */
function settler(draft: Draft, nesting: Nesting): (host: HostDraft) => Host {
  const all = draft.groups.get('all')
  const numbers = new Map(nesting.order.map((group, i) => [group, i]))
  const bases = new Map<string, { readonly groups: readonly string[]; readonly layer: Layer }>()
  const weaker = (a: GroupDraft, b: GroupDraft): number =>
    nesting.depth.get(a)! - nesting.depth.get(b)! || (a.name < b.name ? -1 : 1)
  const baseOf = (
    direct: readonly GroupDraft[],
  ): { readonly groups: readonly string[]; readonly layer: Layer } => {
    const groups = [...new Set(withParents(direct, nesting))].sort(weaker)
    const layers = [...(all ? [all] : []), ...groups].flatMap((group) => [
      ...group.inline,
      ...group.fromFiles,
    ])
    return { groups: groups.map((group) => group.name), layer: merge(layers) }
  }
  return (host) => {
    const direct = [...host.groups].filter((group) => group.name !== 'all')
    const key = direct
      .map((group) => numbers.get(group)!)
      .sort((a, b) => a - b)
      .join(' ')
    let base = bases.get(key)
    if (!base) bases.set(key, (base = baseOf(direct)))
    const own = [...host.inline, ...host.fromFiles]
    const { connection, vars } = own.length === 0 ? base.layer : merge([base.layer, ...own])
    return {
      name: host.name,
      groups: base.groups,
      vars,
      connection: { kind: 'ssh', ...connection },
    }
  }
}

function withParents(direct: readonly GroupDraft[], nesting: Nesting): ReadonlySet<GroupDraft> {
  const found = new Set(direct)
  // A set goes on with what is added while it is walked.
  for (const group of found)
    for (const parent of nesting.parents.get(group) ?? []) found.add(parent)
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

/** An inventory of these parts. Its hosts are found by their aliases too, and listed by their names alone. */
export function inventoryOf(
  named: ReadonlyMap<string, Host>,
  groups: ReadonlyMap<string, readonly string[]>,
  services: ReadonlyMap<string, Service>,
  children: ReadonlyMap<string, readonly string[]>,
  aliases: ReadonlyMap<string, string>,
): GroupedInventory {
  const hosts = withAliases(named, aliases)
  const select = (text: string): readonly Host[] => {
    const pattern = parsePattern(text)
    const found = 'code' in pattern ? pattern : matchPattern(pattern, { hosts, groups, aliases })
    if ('code' in found)
      throw new DiagnosticError({ code: found.code, message: found.message, hint: found.hint })
    if (found.size === 0)
      throw new DiagnosticError({
        code: 'inventory/no-match',
        message: `'${text}' matches no host`,
        hint: 'the parts of this pattern exclude every host; `trueup inventory --graph` shows what is there',
      })
    if (found.size === 1) return [hosts.get([...found][0]!)!]
    return [...hosts.values()].filter((host) => found.has(host.name))
  }
  return { hosts, groups, services, children, select }
}

const aliasesOf = new WeakMap<ReadonlyMap<string, Host>, ReadonlyMap<string, string>>()

function withAliases(
  hosts: ReadonlyMap<string, Host>,
  aliases: ReadonlyMap<string, string>,
): ReadonlyMap<string, Host> {
  if (aliases.size === 0) return hosts
  const found = new Map(hosts)
  const nameOf = (name: string): string => (hosts.has(name) ? name : (aliases.get(name) ?? name))
  Object.assign(found, {
    get: (name: string) => hosts.get(nameOf(name)),
    has: (name: string) => hosts.has(nameOf(name)),
  })
  aliasesOf.set(found, aliases)
  return found
}

/** These hosts in the place of others, found by the same aliases. */
export function inPlaceOf(
  before: ReadonlyMap<string, Host>,
  hosts: ReadonlyMap<string, Host>,
): ReadonlyMap<string, Host> {
  return withAliases(hosts, aliasesOf.get(before) ?? new Map())
}

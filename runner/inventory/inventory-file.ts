import { connectionWords } from './connection-words.ts'
import type { Place } from '../model/diagnostic.ts'
import {
  isNothing,
  type Located,
  type LocatedEntry,
  type LocatedMap,
  type LocatedScalar,
} from '../source/located.ts'
import {
  fail,
  groupOf,
  hostNamed,
  hostOf,
  kindOfLocated,
  placeInKey,
  type Draft,
  type GroupDraft,
  type Layer,
} from './parse-state.ts'
import { groupFault, hostFault } from './host-names.ts'
import { namesDefinedBy, parsePattern, type Pattern } from './nodeset.ts'
import { mostNames, tooMany } from './expand-ranges.ts'
import { entriesOf, noLayer, readVars, readWords } from './vars.ts'

const topKeys = ['hosts', 'groups', 'vars', 'services', 'source'] as const
const groupKeys = ['hosts', 'vars', 'children'] as const
const conditionKeys = ['where', 'by'] as const

/** Reads one inventory file, in our shape or in Ansible's. */
export function readInventoryFile(draft: Draft, root: Located): void {
  if (root.kind !== 'map') {
    if (isNothing(root)) return
    fail(
      draft,
      'inventory/shape',
      `an inventory is a map, not ${kindOfLocated(root)}`,
      root.at,
      'write hosts:, groups:, vars: and services:',
    )
    return
  }
  const playbook = root.entries.get('playbook') ?? root.entries.get('plays')
  if (playbook) {
    fail(
      draft,
      'inventory/shape',
      'this is a playbook, not an inventory',
      playbook.keyAt,
      'name it without -i, and behind -i the file of the hosts',
    )
    return
  }
  const groups = clusterShellGroup(root)
  if (groups) {
    const { key, value, keyAt } = groups
    fail(
      draft,
      'inventory/shape',
      'this looks like a groups file of ClusterShell',
      keyAt,
      `write its groups under \`groups:\`, with the same ranges: groups: { ${key}: { hosts: "${value.text}" } }`,
    )
    return
  }
  const all = groupOf(draft, 'all', root.at)
  const ansible = isAnsibleShape(root)
  const words: LocatedEntry[] = []
  for (const entry of root.entries.values()) {
    if (entry.key === 'services') readServices(draft, entry.value)
    else if (entry.key === 'source') continue
    else if (ansible) readGroup(draft, entry, entry.value, true)
    else if (entry.key === 'hosts') readHosts(draft, all, entry.value, false)
    else if (entry.key === 'groups') readGroups(draft, entry.value)
    else if (entry.key === 'vars') all.inline.push(readVars(draft, entry.value))
    else words.push(entry)
  }
  const layer = readWords(draft, words, [...topKeys])
  if (layer !== noLayer) all.inline.push(layer)
}

/** Reads a file of group_vars or host_vars: vars, and words that say how hosts are reached. */
export function readVarsFile(draft: Draft, root: Located): Layer {
  return readVars(draft, root, 'site')
}

function isWord(key: string): boolean {
  return (
    (topKeys as readonly string[]).includes(key) ||
    Object.hasOwn(connectionWords, key) ||
    key.startsWith('ansible_')
  )
}

/** The first group of a file of ClusterShell: a map of groups to node sets, or a map of sources to such maps. */
function clusterShellGroup(
  root: LocatedMap,
): (LocatedEntry & { readonly value: { readonly text: string } }) | null {
  const sets = (map: LocatedMap): readonly LocatedEntry[] | null => {
    const entries = [...map.entries.values()]
    const areSets = entries.every(
      ({ key, value }) =>
        !isWord(key) &&
        value.kind === 'scalar' &&
        value.tag === null &&
        /^[@\w][\w.@*:,[\]!&^/ -]*$/.test(value.text),
    )
    return entries.length > 0 && areSets ? entries : null
  }
  const inner = [...root.entries.values()].map(({ key, value }) =>
    value.kind === 'map' && !isWord(key) ? sets(value) : null,
  )
  const found =
    sets(root) ?? (inner.length > 0 && inner.every((each) => each !== null) ? inner.flat() : [])
  const [first] = found as readonly LocatedEntry[]
  return first?.value.kind === 'scalar' ? { ...first, value: first.value } : null
}

/** Ansible's files name groups at the top, and nothing of ours stands beside them. */
function isAnsibleShape(root: LocatedMap): boolean {
  const keys = [...root.entries.keys()].filter((key) => key !== 'services' && key !== 'source')
  if (keys.length === 0 || keys.some((key) => (topKeys as readonly string[]).includes(key)))
    return false
  if (keys.includes('all')) return true
  const values = keys.map((key) => root.entries.get(key)!.value)
  if (!values.every((value) => value.kind === 'map' || isNothing(value))) return false
  return values.some(
    (value) => value.kind === 'map' && groupKeys.some((key) => value.entries.has(key)),
  )
}

function readGroups(draft: Draft, located: Located): void {
  for (const entry of entriesOf(draft, 'groups', located))
    readGroup(draft, entry, entry.value, false)
}

function readGroup(
  draft: Draft,
  named: { readonly key: string; readonly keyAt: Place },
  located: Located,
  ansible: boolean,
): void {
  const wrong = groupFault(named.key)
  if (wrong) return fail(draft, wrong.code, wrong.message, named.keyAt, wrong.hint)
  if (named.key === 'all' && !ansible)
    return fail(
      draft,
      'inventory/group-name',
      "'all' is every host: it cannot be defined as a group",
      named.keyAt,
      'write hosts: and vars: at the top of the file',
    )
  const group = groupOf(draft, named.key, named.keyAt)
  const words: LocatedEntry[] = []
  for (const entry of entriesOf(draft, named.key, located)) {
    if (entry.key === 'hosts') readHosts(draft, group, entry.value, ansible)
    else if (entry.key === 'children') readChildren(draft, group, entry.value, ansible)
    else if (entry.key === 'vars')
      group.inline.push(readVars(draft, entry.value, ansible ? 'site' : 'ours'))
    else if (entry.key === 'where' || entry.key === 'by')
      readCondition(draft, group, entry, entry.key)
    else words.push(entry)
  }
  const layer = readWords(draft, words, [...groupKeys, ...conditionKeys])
  if (layer !== noLayer) group.inline.push(layer)
}

/** `where` and `by` hold expressions, which are computed when the vars of all hosts are known. */
function readCondition(
  draft: Draft,
  group: GroupDraft,
  { key, value }: LocatedEntry,
  kind: 'where' | 'by',
): void {
  const example = kind === 'where' ? 'where: host.vars.nid >= 1000' : 'by: host.vars.role'
  if (group.name === 'all')
    return fail(
      draft,
      'inventory/group-name',
      `'all' is every host: it has no '${key}'`,
      value.at,
      'name a group',
    )
  if (value.kind !== 'scalar' || typeof value.value !== 'string')
    return fail(
      draft,
      'inventory/value',
      `'${key}' wants an expression, not ${kindOfLocated(value)}`,
      value.at,
      `write ${example}`,
    )
  if (value.comment)
    return fail(
      draft,
      'inventory/value',
      'a ` #` cuts this expression: what follows is a comment',
      value.comment,
      'quote the expression, or put the comment on a line of its own',
    )
  group.conditions.push({ kind, scalar: value })
}

function readChildren(draft: Draft, group: GroupDraft, located: Located, ansible: boolean): void {
  const add = (name: string, at: Place): boolean => {
    const wrong = groupFault(name)
    if (wrong) fail(draft, wrong.code, wrong.message, at, wrong.hint)
    else if (name === 'all')
      fail(
        draft,
        'inventory/group-cycle',
        `'all' holds every group: it cannot lie in '${group.name}'`,
        at,
        'remove it',
      )
    else group.children.set(name, at)
    return !wrong && name !== 'all'
  }
  if (located.kind === 'map') {
    for (const entry of located.entries.values())
      if (add(entry.key, entry.keyAt)) readGroup(draft, entry, entry.value, ansible)
    return
  }
  const items = located.kind === 'list' ? located.items : [located]
  for (const item of items) {
    if (item.kind === 'scalar' && typeof item.value === 'string')
      add(item.value.replace(/^@/, ''), item.at)
    else if (located.kind === 'list' || kindOfLocated(item) !== 'nothing')
      fail(
        draft,
        'inventory/value',
        `children are names of groups, not ${kindOfLocated(item)}`,
        item.at,
        quoted(item) ?? 'write children: [ group, … ]',
      )
  }
}

/** A pattern, a list of patterns, or a map from names and ranges to what is said of those hosts. */
function readHosts(draft: Draft, group: GroupDraft, located: Located, ansible: boolean): void {
  if (located.kind === 'map') {
    for (const entry of located.entries.values()) readHostEntry(draft, group, entry, ansible)
    return
  }
  if (isNothing(located)) return
  for (const item of located.kind === 'list' ? located.items : [located]) {
    if (item.kind === 'scalar' && typeof item.value === 'string') readMembers(draft, group, item)
    else
      fail(
        draft,
        'inventory/value',
        `hosts are names, not ${kindOfLocated(item)}`,
        item.at,
        quoted(item) ?? "write a pattern: hosts: 'x3000c0s[19-21]b1n0'",
      )
  }
}

function readMembers(draft: Draft, group: GroupDraft, scalar: LocatedScalar): void {
  const place = (offset: number, width: number): Place => scalar.locate(offset, width)
  const pattern = parse(draft, scalar.text, place)
  if (!pattern || (group.name === 'all' && selects(draft, pattern, place))) return
  const names = defined(draft, pattern, place)
  if (!names) return
  for (const name of names) hostOf(draft, name, scalar.at)
  if (group.name !== 'all') group.members.push({ pattern, place })
}

/** Whether a pattern selects where hosts can only be named; that is an error. */
function selects(
  draft: Draft,
  pattern: Pattern,
  place: (offset: number, width: number) => Place,
): boolean {
  const selecting = pattern.terms.find(
    (term) => term.kind !== 'names' || term.operator !== ',' || /[*?]/.test(term.text),
  )
  if (selecting)
    fail(
      draft,
      'inventory/host-name',
      `'${selecting.text}' selects hosts; here they are named`,
      place(selecting.offset, selecting.text.length),
      'write names and ranges; patterns may stand in hosts: of a group',
    )
  return selecting !== undefined
}

function readHostEntry(
  draft: Draft,
  group: GroupDraft,
  entry: LocatedEntry,
  ansible: boolean,
): void {
  const place = (offset: number, width: number): Place => placeInKey(entry.keyAt, offset, width)
  const pattern = parse(draft, entry.key, place)
  if (!pattern) return
  if (selects(draft, pattern, place)) return
  const layer = readHostLayer(draft, entry, ansible)
  for (const name of defined(draft, pattern, place) ?? []) {
    const host = hostOf(draft, name, entry.keyAt)
    if (layer !== noLayer) host.inline.push(layer)
    host.groups.add(group)
  }
}

function parse(
  draft: Draft,
  text: string,
  place: (offset: number, width: number) => Place,
): Pattern | null {
  const parsed = parsePattern(text)
  if (!('code' in parsed)) return parsed
  fail(draft, parsed.code, parsed.message, place(parsed.offset, parsed.width), parsed.hint)
  return null
}

/** The hosts that a pattern defines, or null after an error: the first name that cannot be one is said, not all of a range. */
function defined(
  draft: Draft,
  pattern: Pattern,
  place: (offset: number, width: number) => Place,
): readonly string[] | null {
  const names = namesDefinedBy(pattern)
  for (const name of names) {
    const wrong = hostNamed(draft, name) ? null : hostFault(name)
    if (!wrong) continue
    const term = pattern.terms.find((each) => each.names.includes(name))!
    fail(draft, wrong.code, wrong.message, place(term.offset, term.text.length), wrong.hint)
    return null
  }
  if (names.length + draft.hosts.size <= mostNames) return names
  const { code, hint } = tooMany(0, 1)
  if (!draft.diagnostics.some((each) => each.code === code))
    fail(
      draft,
      code,
      `the inventory has more than ${mostNames} hosts`,
      place(0, pattern.text.length),
      hint,
    )
  return null
}

function readHostLayer(draft: Draft, entry: LocatedEntry, ansible: boolean): Layer {
  if (isNothing(entry.value)) return noLayer
  if (ansible) return readVars(draft, entry.value, 'site')
  const words: LocatedEntry[] = []
  let vars: Layer = noLayer
  for (const inner of entriesOf(draft, entry.key, entry.value)) {
    if (inner.key === 'vars') vars = readVars(draft, inner.value)
    else words.push(inner)
  }
  const layer = readWords(draft, words, ['vars'])
  return vars === noLayer
    ? layer
    : { connection: { ...vars.connection, ...layer.connection }, vars: vars.vars }
}

function readServices(draft: Draft, located: Located): void {
  for (const entry of entriesOf(draft, 'services', located)) {
    const wrong = groupFault(entry.key)
    if (wrong) {
      fail(
        draft,
        'inventory/service-name',
        `${JSON.stringify(entry.key)} is not a service name`,
        entry.keyAt,
        'letters, digits, dots, dashes and underscores make one',
      )
      continue
    }
    let service = draft.services.get(entry.key)
    if (!service) draft.services.set(entry.key, (service = { at: entry.keyAt, entries: new Map() }))
    for (const inner of entriesOf(draft, entry.key, entry.value))
      service.entries.set(inner.key, inner)
  }
}

function quoted(located: Located): string | null {
  return located.kind === 'scalar' && located.value !== null ? `quote it: "${located.text}"` : null
}

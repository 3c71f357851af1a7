import type { Place } from '../model/diagnostic.ts'
import { didYouMean } from '../source/suggest.ts'
import { fail, groupOf, type Draft, type GroupDraft } from './parse-state.ts'
import { groupsNamedBy, matchPattern } from './nodeset.ts'

/** How groups lie in each other. */
export interface Nesting {
  /** Every group but `all`, each behind those that it is made of. */
  readonly order: GroupDraft[]
  /** Parents, directly above. */
  readonly parents: ReadonlyMap<GroupDraft, readonly GroupDraft[]>
  /** How many groups lie above, at most: what is deeper is stronger. */
  readonly depth: Map<GroupDraft, number>
  /** Groups whose members are known when the conditions were computed. */
  readonly conditional: ReadonlySet<GroupDraft>
  /** Groups that a file names and that only a `by` can make, with the place where they are named. */
  readonly expected: ReadonlyMap<GroupDraft, Place>
}

/** Orders the groups so that each comes behind what it needs; null after an error (a cycle, a group that is not there). */
export function nestGroups(draft: Draft): Nesting | null {
  const before = draft.diagnostics.length
  const expected = expectGroups(draft)
  const needs = new Map<GroupDraft, Map<GroupDraft, Place>>()
  const parents = new Map<GroupDraft, GroupDraft[]>()
  for (const group of draft.groups.values()) {
    const needed = new Map<GroupDraft, Place>()
    for (const [name, at] of group.children) {
      const child = lookUp(draft, name, at)
      if (!child) continue
      needed.set(child, at)
      if (group.name === 'all') continue
      const above = parents.get(child)
      if (above) above.push(group)
      else parents.set(child, [group])
    }
    for (const { pattern, place } of group.members) {
      for (const { name, offset, width } of groupsNamedBy(pattern)) {
        const at = place(offset, width)
        const other = /[*?]/.test(name) ? null : lookUp(draft, name, at)
        if (other) needed.set(other, at)
        else if (/[*?]/.test(name))
          fail(
            draft,
            'inventory/pattern',
            `'@${name}': a group is not made of groups that happen to match`,
            at,
            'name the groups',
          )
      }
    }
    if (group.name !== 'all') needs.set(group, needed)
  }
  const order = orderOf(draft, needs)
  if (draft.diagnostics.length > before) return null
  const depth = new Map<GroupDraft, number>()
  for (const group of [...order].reverse())
    depth.set(
      group,
      1 +
        (parents.get(group) ?? []).reduce(
          (most, above) => Math.max(most, depth.get(above) ?? 0),
          0,
        ),
    )
  const makers = makersOf(draft)
  const conditional = new Set<GroupDraft>()
  for (const group of order) {
    const needed = [...(needs.get(group)?.keys() ?? [])]
    if (
      group.conditions.length > 0 ||
      makers.some((maker) => group.name.startsWith(`${maker.name}_`)) ||
      needed.some((each) => conditional.has(each))
    )
      conditional.add(group)
  }
  return { order, parents, depth, conditional, expected }
}

/** The groups that others are made by. */
function makersOf(draft: Draft): readonly GroupDraft[] {
  return [...draft.groups.values()].filter((group) =>
    group.conditions.some((each) => each.kind === 'by'),
  )
}

/** Makes the groups that are named before a `by` could make them. While sources were not asked, any group may come. */
function expectGroups(draft: Draft): ReadonlyMap<GroupDraft, Place> {
  const makers = makersOf(draft)
  const expected = new Map<GroupDraft, Place>()
  if (makers.length === 0 && !draft.partial) return expected
  const expect = (name: string, at: Place): void => {
    if (
      draft.groups.has(name) ||
      /[*?]/.test(name) ||
      !(draft.partial || makers.some((maker) => name.startsWith(`${maker.name}_`)))
    )
      return
    expected.set(groupOf(draft, name, at), at)
  }
  for (const group of [...draft.groups.values()]) {
    for (const [name, at] of group.children) expect(name, at)
    for (const { pattern, place } of group.members)
      for (const { name, offset, width } of groupsNamedBy(pattern))
        expect(name, place(offset, width))
  }
  return expected
}

function lookUp(draft: Draft, name: string, at: Place): GroupDraft | null {
  const found = draft.groups.get(name)
  if (found) return found
  const names = [...draft.groups.keys()].filter((each) => each !== 'all')
  fail(
    draft,
    'inventory/no-group',
    `the group '${name}' does not exist`,
    at,
    draft.hosts.has(name)
      ? `'${name}' is a host: it belongs under hosts:`
      : didYouMean(name, names),
  )
  return null
}

/** Without recursion: groups may be chained as deeply as their author likes. */
function orderOf(
  draft: Draft,
  needs: ReadonlyMap<GroupDraft, ReadonlyMap<GroupDraft, Place>>,
): GroupDraft[] {
  const order: GroupDraft[] = []
  const state = new Map<GroupDraft, 'open' | 'done'>()
  for (const start of needs.keys()) {
    if (state.has(start)) continue
    state.set(start, 'open')
    const stack = [
      { group: start, rest: (needs.get(start) ?? new Map<GroupDraft, Place>()).entries() },
    ]
    while (stack.length > 0) {
      const top = stack.at(-1)!
      const next = top.rest.next()
      if (next.done) {
        state.set(top.group, 'done')
        order.push(top.group)
        stack.pop()
        continue
      }
      const [group, at] = next.value
      if (state.get(group) === 'open') {
        const path = stack
          .slice(stack.findIndex((each) => each.group === group))
          .map((each) => each.group.name)
        const shown = path.length > 8 ? [...path.slice(0, 4), '…', ...path.slice(-3)] : path
        fail(
          draft,
          'inventory/group-cycle',
          `groups lie in each other: ${[...shown, group.name].join(' > ')}`,
          at,
          'remove one of these',
        )
      } else if (!state.has(group) && group.name !== 'all') {
        state.set(group, 'open')
        stack.push({ group, rest: (needs.get(group) ?? new Map<GroupDraft, Place>()).entries() })
      }
    }
  }
  return order
}

/** Settles who is in each of these groups. What patterns select is entered in the hosts' own groups, so that its vars reach them. */
export function settleMembers(
  draft: Draft,
  order: readonly GroupDraft[],
  members: Map<string, ReadonlySet<string>>,
): void {
  const direct = new Map<GroupDraft, string[]>()
  for (const host of draft.hosts.values()) {
    for (const group of host.groups) {
      const names = direct.get(group)
      if (names) names.push(host.name)
      else direct.set(group, [host.name])
    }
  }
  const known = { hosts: draft.hosts, groups: members, aliases: draft.aliases }
  for (const group of order) {
    const names = new Set(direct.get(group))
    for (const { pattern, place } of group.members) {
      const found = matchPattern(pattern, known)
      if ('code' in found) {
        if (!draft.partial)
          fail(draft, found.code, found.message, place(found.offset, found.width), found.hint)
        continue
      }
      for (const name of found) {
        names.add(name)
        draft.hosts.get(name)!.groups.add(group)
      }
    }
    for (const child of group.children.keys())
      for (const name of members.get(child)!) names.add(name)
    members.set(group.name, names)
  }
}

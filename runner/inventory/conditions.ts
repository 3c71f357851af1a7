import type { Computed } from '../model/playbook.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { Host } from '../model/host.ts'
import type { Value } from '../contract/value.ts'
import { compileExpression } from '../source/expression.ts'
import { anyShape, mapShape, type Names, type Shape } from '../source/known-names.ts'
import { fail, groupOf, type Condition, type Draft, type GroupDraft } from './parse-state.ts'
import type { Nesting } from './groups.ts'
import { groupFault } from './host-names.ts'

const text: Shape = { kind: 'value', type: 'string' }

/**
 * Computes the conditions of groups over each host and enters hosts into the groups that they make. `hosts` are as they are
 * without these groups, so that no order among conditions can matter. Gives the groups that each `by` made.
 */
export function applyConditions(
  draft: Draft,
  nesting: Nesting,
  hosts: readonly Host[],
): ReadonlyMap<string, readonly string[]> {
  const names = namesOf(draft, hosts)
  const made = new Map<string, readonly string[]>()
  for (const group of [...draft.groups.values()]) {
    for (const condition of group.conditions) {
      const { kind, scalar } = condition
      const { computed, diagnostics } = compileExpression(
        scalar.text,
        names,
        { at: scalar.at, locate: (offset, width) => scalar.locate(offset, width) },
        kind === 'where' ? 'condition' : 'value',
      )
      draft.diagnostics.push(...diagnostics)
      if (diagnostics.length > 0) continue
      if (kind === 'where')
        enter(
          draft,
          group,
          hosts.filter((host) => valueFor(draft, group, computed, host) === true),
        )
      else
        made.set(
          group.name,
          divide(
            draft,
            nesting,
            group,
            condition,
            hosts.map((host) => [host, valueFor(draft, group, computed, host)]),
          ),
        )
    }
  }
  for (const [group, at] of nesting.expected) {
    const exists = [...made.values()].some((each) => each.includes(group.name))
    if (!exists && !draft.partial)
      fail(
        draft,
        'inventory/no-group',
        `the group '${group.name}' does not exist: no host has that value`,
        at,
        `groups are, among others: ${[...made.values()].flat().slice(0, 8).join(', ') || 'none'}`,
      )
  }
  return made
}

function namesOf(draft: Draft, hosts: readonly Host[]): Names {
  const vars = new Set(draft.promised)
  for (const host of hosts) for (const name in host.vars) vars.add(name)
  const known = new Map<string, Shape>([...vars].map((name) => [name, anyShape]))
  const fields: (readonly [string, Shape])[] = [
    ['name', text],
    ['address', text],
    ['groups', { kind: 'list', items: text }],
    ['vars', mapShape([...vars].map((name) => [name, anyShape]))],
  ]
  known.set('host', mapShape(fields))
  return { known, later: new Map(), open: false }
}

/** The value of an expression for a host; null where the host lacks a var that it reads, as others have it. */
function valueFor(draft: Draft, group: GroupDraft, computed: Computed, host: Host): Value {
  const scope: Record<string, Value> = {
    ...host.vars,
    host: {
      name: host.name,
      address: host.connection.address ?? host.name,
      groups: host.groups,
      vars: host.vars,
    },
  }
  try {
    return computed.evaluate(scope)
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    const [first] = error.diagnostics
    if (first!.code === 'expression/missing') return null
    say(draft, group, { ...first!, host: host.name })
    return null
  }
}

/** A condition fails on ten thousand hosts in one way: it is said of the first. */
function say(draft: Draft, group: GroupDraft, diagnostic: Diagnostic): void {
  const { code, at } = diagnostic
  const known = draft.diagnostics.some(
    (each) =>
      each.code === code &&
      each.at?.line === at?.line &&
      each.at?.column === at?.column &&
      each.at?.file === at?.file,
  )
  if (!known)
    draft.diagnostics.push({ ...diagnostic, message: `${group.name}: ${diagnostic.message}` })
}

function enter(draft: Draft, group: GroupDraft, hosts: readonly Host[]): void {
  for (const host of hosts) draft.hosts.get(host.name)!.groups.add(group)
}

/** Enters hosts into a group for each value, all of which lie in the group that has the `by`. */
function divide(
  draft: Draft,
  nesting: Nesting,
  owner: GroupDraft,
  { scalar }: Condition,
  values: readonly (readonly [Host, Value])[],
): readonly string[] {
  const parts = new Map<string, Host[]>()
  for (const [host, value] of values) {
    for (const each of Array.isArray(value) ? (value as readonly Value[]) : [value]) {
      if (each === null || each === '') continue
      if (typeof each === 'object') {
        say(draft, owner, {
          code: 'inventory/by',
          message: 'groups are named by a text, a number, true or false, or a list of these',
          at: scalar.at,
          host: host.name,
          hint: 'name a field of it',
        })
        continue
      }
      const name = `${owner.name}_${groupSuffix(String(each))}`
      const part = parts.get(name)
      if (part) part.push(host)
      else parts.set(name, [host])
    }
  }
  for (const [name, hosts] of parts) {
    const wrong = groupFault(name)
    if (wrong) {
      fail(draft, wrong.code, wrong.message, scalar.at, wrong.hint)
      continue
    }
    const isNew = !draft.groups.has(name)
    const group = groupOf(draft, name, scalar.at)
    if (isNew) {
      nesting.order.push(group)
      nesting.depth.set(group, (nesting.depth.get(owner) ?? 1) + 1)
    }
    enter(draft, group, hosts)
    enter(draft, owner, hosts)
  }
  return [...parts.keys()]
}

/** A value as the end of a group's name: lower case, other characters than names have become `_`. */
export function groupSuffix(value: string): string {
  return value
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '_')
    .slice(0, 100)
}

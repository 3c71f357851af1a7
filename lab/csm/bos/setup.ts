import type { BosSession, BootSet, Template } from './bos-records.ts'
import { membersOf } from '../hsm/group-records.ts'
import { listedAt } from '../hsm/listed.ts'
import { struck } from '../service-faults.ts'
import type { System } from '../system.ts'
import type { Component } from '../system-model.ts'

/** The nodes that a session acts on, each with its boot set; or why it has no nodes. */
export type Setup =
  | { readonly nodes: ReadonlyMap<string, BootSet>; readonly error: null }
  | { readonly error: string }

/** Finds the nodes of a session: filter after filter, in the order of bos:src/bos/operators/session_setup.py. */
export function setUp(system: System, session: BosSession, template: Template): Setup {
  const nodes = new Map<string, BootSet>()
  let unknown = false
  for (const set of Object.values(template.boot_sets)) {
    const found = limited([...named(system, set)], session.limit, system)
    const known = found.filter((xname) => system.bos.components.has(xname))
    unknown ||= known.length < found.length && known.length === 0
    for (const xname of known) {
      const component = system.components.get(xname)
      if (component && fits(system, session, set, component)) nodes.set(xname, set)
    }
  }
  if (struck(system, 'bos-no-nodes')) nodes.clear()
  if (nodes.size > 0) return { nodes, error: null }
  return {
    error: unknown
      ? 'All nodes found to act upon do not exist as BOS components'
      : 'No nodes were found to act upon.',
  }
}

function named(system: System, set: BootSet): ReadonlySet<string> {
  const roles = set.node_roles_groups ?? []
  const byRole = [...system.components.keys()].filter((xname) =>
    roles.some((role) => hasRole(system, xname, role)),
  )
  return new Set([
    ...(set.node_list ?? []),
    ...byRole,
    ...(set.node_groups ?? []).flatMap((group) => membersOf(system, group)),
  ])
}

function hasRole(system: System, xname: string, text: string): boolean {
  const [role = '', subRole] = text.toLowerCase().split('_')
  const its = listedAt(system, xname)
  return (
    its?.role.toLowerCase() === role &&
    (subRole === undefined || its.subRole.toLowerCase() === subRole)
  )
}

/** A subset of the nodes: xnames, groups, roles, `all`; `&` intersects, `!` takes away. A NID or a bracket range names no node. */
function limited(nodes: readonly string[], limit: string, system: System): readonly string[] {
  if (limit === '') return nodes
  let chosen = new Set<string>()
  for (const item of limit.split(',').map((each) => each.trim())) {
    const sign = /^[&!]/.test(item) ? item[0] : ''
    const name = sign ? item.slice(1) : item
    const meant =
      name === 'all' || name === '*'
        ? new Set(nodes)
        : new Set([
            name,
            ...membersOf(system, name),
            ...[...system.components.keys()].filter((xname) => hasRole(system, xname, name)),
          ])
    if (sign === '&') chosen = new Set([...chosen].filter((each) => meant.has(each)))
    else if (sign === '!') chosen = new Set([...chosen].filter((each) => !meant.has(each)))
    else chosen = new Set([...chosen, ...meant])
  }
  return nodes.filter((each) => chosen.has(each))
}

function fits(system: System, session: BosSession, set: BootSet, component: Component): boolean {
  // From 2.47 on; before, PCS refuses them later.
  if (system.release === '1.7' && system.locks.get(component.xname)?.locked) return false
  if (set.arch !== component.arch) return false
  return session.include_disabled || !system.disabled.has(component.xname)
}

import { elementsOf, isNode } from '../../text/xname.ts'
import type { HostResult } from './host-results.ts'

/** Hosts by where they are: nodes by cabinet, chassis and slot, the others by group. */
export interface Fleet {
  readonly cabinets: readonly Cabinet[]
  readonly groups: readonly { readonly name: string; readonly hosts: readonly HostResult[] }[]
}

/** One cabinet; a chassis is a row of slots, a slot a row of nodes. */
export interface Cabinet {
  readonly name: string
  readonly chassis: readonly { readonly name: string; readonly slots: readonly Slot[] }[]
}

/** One slot with its nodes. */
export interface Slot {
  readonly name: string
  readonly hosts: readonly HostResult[]
}

/** Where the hosts of a run are. `groups` holds the hosts that no name places. */
export function fleetOf(
  hosts: readonly HostResult[],
  groups: Readonly<Record<string, readonly string[]>>,
): Fleet {
  const cabinets = new Map<string, Map<string, Map<string, HostResult[]>>>()
  const others: HostResult[] = []
  for (const host of hosts) {
    const [cabinet, chassis, slot] = placeOf(host.name)
    if (cabinet === undefined) {
      others.push(host)
      continue
    }
    const rows = held(cabinets, cabinet, () => new Map<string, Map<string, HostResult[]>>())
    const slots = held(rows, chassis ?? '', () => new Map<string, HostResult[]>())
    held(slots, slot ?? '', () => []).push(host)
  }
  return {
    cabinets: [...cabinets].map(([name, rows]) => ({
      name,
      chassis: [...rows].map(([row, slots]) => ({
        name: row,
        slots: [...slots].map(([slot, found]) => ({ name: slot, hosts: found })),
      })),
    })),
    groups: byGroup(others, groups),
  }
}

function held<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

/** Cabinet, chassis and slot of a node: `x3000`, `c0`, `s19`. Of other components what there is. */
function placeOf(name: string): readonly string[] {
  if (!isNode(name)) return []
  const elements = elementsOf(name)
  const part = (letters: string): string[] => {
    const found = elements.find((each) => each.letters === letters)
    return found ? [`${letters}${found.number}`] : []
  }
  const cabinet = part('x')
  return cabinet.length === 0 ? [] : [...cabinet, ...part('c'), ...part('s')]
}

function byGroup(
  hosts: readonly HostResult[],
  groups: Readonly<Record<string, readonly string[]>>,
): Fleet['groups'] {
  const groupOf = new Map(
    Object.entries(groups).flatMap(([group, names]) => names.map((name) => [name, group] as const)),
  )
  const found = new Map<string, HostResult[]>()
  for (const host of hosts) held(found, groupOf.get(host.name) ?? 'hosts', () => []).push(host)
  return [...found].map(([name, all]) => ({ name, hosts: all }))
}

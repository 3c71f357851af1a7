import { DiagnosticError } from '../model/diagnostic.ts'
import type { Host, Inventory } from '../model/host.ts'
import { meantText, nearest } from '../source/suggest.ts'

/** The one host of a name or a pattern. Throws DiagnosticError unless it is exactly one. */
export function hostNamed(inventory: Inventory, name: string): Host {
  const host = inventory.hosts.get(name)
  if (host) return host
  const selected = inventory.select(name)
  if (selected.length === 1) return selected[0]!
  const near = nearest(name, inventory.hosts.keys())
  throw new DiagnosticError({
    code: 'cli/one-host',
    message: `'${name}' is not one host of the inventory`,
    hint: near === null ? 'trueup inventory --graph shows its hosts' : meantText(near),
  })
}

/** The names of all vars that at least one host has. */
export function varNames(inventory: Inventory): ReadonlySet<string> {
  const names = new Set<string>()
  for (const host of inventory.hosts.values()) for (const name in host.vars) names.add(name)
  return names
}

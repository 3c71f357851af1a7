import { RunbookError } from '../../core/diagnostic.ts'
import { foldNames } from '../../core/fold.ts'
import type { Host, Inventory } from '../../core/host.ts'
import { jsonText } from '../../report/json.ts'
import { cleanLine, hang } from '../../report/screen-text.ts'
import { nearest } from '../../source/suggest.ts'
import { widthOf, type Io } from '../io.ts'
import { givenInventory, settle } from '../load.ts'

/** `trueup inventory`: what a run would see. Secrets show by name. */
export async function inventoryCommand(io: Io, flags: { readonly inventory?: readonly string[]; readonly list?: boolean; readonly graph?: boolean; readonly host?: string; readonly limit?: string }): Promise<number> {
  const { inventory, diagnostics, isGiven } = await givenInventory(flags.inventory)
  settle(io, diagnostics)
  if (!inventory) throw new Error('an inventory that failed says why')
  if (!isGiven) throw new RunbookError({ code: 'cli/no-inventory', message: 'no inventory was given, and there is no ./inventory/', hint: 'name one with -i PATH' })
  const hosts = flags.limit === undefined ? [...inventory.hosts.values()] : inventory.select(flags.limit)
  if (flags.host !== undefined) io.stdout.write(`${jsonText(describe(hostNamed(inventory, flags.host)))}\n`)
  else if (flags.list) io.stdout.write(`${jsonText(listOf(inventory, hosts))}\n`)
  else io.stdout.write(`${graphOf(inventory, hosts, widthOf(io.stdout, io.env)).join('\n')}\n`)
  return 0
}

function hostNamed(inventory: Inventory, name: string): Host {
  const host = inventory.hosts.get(name)
  if (host) return host
  const selected = inventory.select(name)
  if (selected.length === 1) return selected[0]!
  const near = nearest(name, inventory.hosts.keys())
  throw new RunbookError({ code: 'cli/one-host', message: `'${name}' is not one host of the inventory`, hint: near === null ? 'trueup inventory --graph shows its hosts' : `did you mean '${near}'?` })
}

function describe(host: Host): unknown {
  return { name: host.name, groups: host.groups, vars: host.vars, connection: host.connection }
}

function listOf(inventory: Inventory, hosts: readonly Host[]): unknown {
  const names = new Set(hosts.map((host) => host.name))
  return {
    hosts: Object.fromEntries(hosts.map((host) => [host.name, { groups: host.groups, vars: host.vars, connection: host.connection }])),
    groups: Object.fromEntries([...inventory.groups].map(([group, members]) => [group, members.filter((name) => names.has(name))])),
    services: Object.fromEntries(inventory.services),
  }
}

function graphOf(inventory: Inventory, hosts: readonly Host[], width: number): readonly string[] {
  const names = new Set(hosts.map((host) => host.name))
  const lines: string[] = []
  for (const [group, members] of inventory.groups) {
    const inside = members.filter((name) => names.has(name))
    if (inside.length > 0) lines.push(`@${cleanLine(group)} (${inside.length})`, ...hang('  ', cleanLine(foldNames(inside)), width))
  }
  const grouped = new Set([...inventory.groups.values()].flat())
  const alone = hosts.map((host) => host.name).filter((name) => !grouped.has(name))
  if (alone.length > 0) lines.push(`in no group (${alone.length})`, ...hang('  ', cleanLine(foldNames(alone)), width))
  if (inventory.services.size > 0) lines.push('services', ...[...inventory.services.values()].map((service) => cleanLine(`  ${service.name}  ${service.url}${service.via === undefined ? '' : ` via ${service.via}`}`)))
  return lines
}

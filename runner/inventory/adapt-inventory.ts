import type { Inventory, Host } from '../model/host.ts'
import type { Secret } from '../contract/secret.ts'
import { inPlaceOf, localInventory } from './load-inventory.ts'

/** The inventory in which `localhost` is this machine, unless the inventory has a host of that name. `all` does not include it. */
export function withThisMachine(inventory: Inventory): Inventory {
  if (inventory.hosts.has('localhost')) return inventory
  const here = localInventory().hosts.get('localhost')!
  return {
    ...inventory,
    hosts: inPlaceOf(inventory.hosts, new Map([...inventory.hosts, ['localhost', here]])),
    select: (pattern) => (pattern.trim() === 'localhost' ? [here] : inventory.select(pattern)),
  }
}

/** The inventory in which hosts without a sudo password of their own have this one. */
export function withBecomePassword(inventory: Inventory, password: Secret): Inventory {
  const hosts = new Map<string, Host>(
    [...inventory.hosts].map(([name, host]) => [
      name,
      { ...host, connection: { becomePassword: password, ...host.connection } },
    ]),
  )
  return {
    ...inventory,
    hosts: inPlaceOf(inventory.hosts, hosts),
    select: (pattern) => inventory.select(pattern).map((host) => hosts.get(host.name) ?? host),
  }
}

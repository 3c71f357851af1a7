import { createHash } from 'node:crypto'
import { parseXname } from '../../../runner/text/xname.ts'
import type { Component } from '../system-model.ts'
import { describedEndpoint } from './endpoint-description.ts'
import type { Part } from './hsm-records.ts'
import type { Endpoint, EthernetInterface, Inventory } from './inventory-records.ts'

/** What HSM has found of these nodes and parts when a system is installed. */
export function installedInventory(
  components: readonly Component[],
  parts: ReadonlyMap<string, Part>,
  at: number,
): Inventory {
  const controllers = [...parts.values()].filter(({ type }) => type.endsWith('BMC'))
  return {
    endpoints: new Map(
      controllers.map(({ xname }) => [xname, { ...endpointOf(xname), discovery: found(at) }]),
    ),
    interfaces: new Map(
      [
        ...controllers.map(({ xname }) => interfaceOf(xname, '', at)),
        ...components.map(({ xname, address }) => interfaceOf(xname, address, at)),
      ].map((each) => [each.ID, each]),
    ),
    discovery: controllers.length === 0 ? null : { status: 'Complete', at },
  }
}

/** A controller as the discovery service registers it. */
function endpointOf(xname: string): Endpoint {
  const made = describedEndpoint({
    ID: xname,
    FQDN: xname,
    User: 'root',
    MACAddr: macOf(xname),
    RediscoverOnUpdate: true,
  })
  if ('error' in made) throw new Error(made.error)
  return made
}

/** The card of a component on the management network. */
export function interfaceOf(xname: string, address: string, at: number): EthernetInterface {
  const mac = macOf(xname)
  const type = parseXname(xname)!.type
  return {
    ID: mac.replaceAll(':', ''),
    Description:
      type === 'Node'
        ? 'Ethernet Interface Lan1'
        : 'Configuration of this Manager Network Interface',
    MACAddress: mac,
    at,
    ComponentID: xname,
    Type: type,
    IPAddresses: address === '' ? [] : [{ IPAddress: address }],
  }
}

function found(at: number): Endpoint['discovery'] {
  return { at, status: 'DiscoverOK' }
}

// Always the same for a component, so that a lab tells the same twice.
function macOf(xname: string): string {
  const digits = createHash('sha256').update(xname).digest('hex').slice(0, 6)
  return `b4:2e:99:${digits.match(/../g)!.join(':')}`
}

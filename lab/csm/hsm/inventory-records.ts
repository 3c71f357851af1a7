/** A controller that HSM asks by Redfish, as HSM keeps it. Empty texts are left out of its answers where the real one does so. */
export interface Endpoint {
  readonly ID: string
  readonly Type: string
  readonly Name: string
  readonly Hostname: string
  readonly Domain: string
  readonly FQDN: string
  readonly Enabled: boolean
  readonly UUID: string
  readonly User: string
  readonly UseSSDP: boolean
  readonly MACRequired: boolean
  readonly MACAddr: string
  readonly IPAddress: string
  readonly RediscoverOnUpdate: boolean
  readonly TemplateID: string
  readonly discovery: EndpointDiscovery
}

/** How the last discovery of a controller went. */
export interface EndpointDiscovery {
  /** By the lab's clock; null: it was never asked. */
  readonly at: number | null
  readonly status: 'NotYetQueried' | 'DiscoveryStarted' | 'DiscoverOK' | 'HTTPsGetFailed'
}

/** An address of a network card. */
export interface InterfaceAddress {
  readonly IPAddress: string
  readonly Network?: string
}

/** A network card of a component. */
export interface EthernetInterface {
  readonly ID: string
  readonly Description: string
  readonly MACAddress: string
  readonly at: number
  readonly ComponentID: string
  readonly Type: string
  readonly IPAddresses: readonly InterfaceAddress[]
}

/** What HSM found behind the components. */
export interface Inventory {
  readonly endpoints: Map<string, Endpoint>
  readonly interfaces: Map<string, EthernetInterface>
  /** HSM has one record of its discoveries; null: it has never discovered anything. */
  discovery: { readonly status: 'InProgress' | 'Complete'; readonly at: number } | null
}

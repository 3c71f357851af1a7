import type { Component } from '../system.ts'

/** A reserved address of a subnet. */
export interface Reservation {
  readonly Name: string
  readonly IPAddress: string
  readonly Aliases?: readonly string[]
  readonly Comment?: string
}
/** A network as SLS keeps it. */
export interface Network {
  readonly Name: string
  readonly FullName: string
  readonly IPRanges: readonly string[]
  readonly Type: 'ethernet'
  readonly LastUpdated: number
  readonly LastUpdatedTime: string
  readonly ExtraProperties: {
    readonly CIDR: string
    readonly VlanRange: readonly number[] | null
    readonly MTU: number
    readonly Subnets: readonly {
      readonly Name: string
      readonly FullName: string
      readonly CIDR: string
      readonly VlanID: number
      readonly Gateway: string
      readonly MetalLBPoolName?: string
      readonly IPReservations: readonly Reservation[]
    }[]
  }
}

const updated = {
  LastUpdated: 1648220000,
  LastUpdatedTime: '2022-03-25 14:53:20.000000 +0000 +0000',
}

/** The networks that playbooks ask for: NMNLB with its service addresses, and NMN with the management nodes. */
export function defaultNetworks(components: readonly Component[]): readonly Network[] {
  return [
    {
      Name: 'NMNLB',
      FullName: 'Node Management Network LoadBalancers',
      IPRanges: ['10.92.100.0/24'],
      Type: 'ethernet',
      ...updated,
      ExtraProperties: {
        CIDR: '10.92.100.0/24',
        VlanRange: null,
        MTU: 9000,
        Subnets: [
          {
            Name: 'nmn_metallb_address_pool',
            FullName: 'NMN MetalLB',
            CIDR: '10.92.100.0/24',
            VlanID: 2,
            Gateway: '10.92.100.1',
            MetalLBPoolName: 'node-management',
            IPReservations: [
              {
                Name: 'istio-ingressgateway',
                IPAddress: '10.92.100.71',
                Aliases: [
                  'api-gw-service',
                  'api-gw-service-nmn.local',
                  'packages',
                  'registry',
                  'spire.local',
                  'api_gw_service',
                  'registry.local',
                  'packages.local',
                ],
                Comment: 'istio-ingressgateway',
              },
              {
                Name: 'istio-ingressgateway-local',
                IPAddress: '10.92.100.81',
                Aliases: ['api-gw-service.local'],
              },
              { Name: 'rsyslog-aggregator', IPAddress: '10.92.100.72' },
              { Name: 'cray-tftp', IPAddress: '10.92.100.60' },
              { Name: 'docker-registry', IPAddress: '10.92.100.73' },
              {
                Name: 'unbound',
                IPAddress: '10.92.100.225',
                Aliases: ['unbound'],
                Comment: 'unbound',
              },
            ],
          },
        ],
      },
    },
    {
      Name: 'NMN',
      FullName: 'Node Management Network',
      IPRanges: ['10.252.0.0/17'],
      Type: 'ethernet',
      ...updated,
      ExtraProperties: {
        CIDR: '10.252.0.0/17',
        VlanRange: [2],
        MTU: 9000,
        Subnets: [
          {
            Name: 'bootstrap_dhcp',
            FullName: 'NMN Bootstrap DHCP Subnet',
            CIDR: '10.252.1.0/24',
            VlanID: 2,
            Gateway: '10.252.0.1',
            IPReservations: components
              .filter((component) => component.role === 'Management')
              .map((component) => ({
                Name: component.aliases[0] ?? component.xname,
                IPAddress: component.address,
                Aliases: [`${component.aliases[0] ?? component.xname}-nmn`],
                Comment: component.xname,
              })),
          },
        ],
      },
    },
  ]
}

import type { Component } from '../system-model.ts'
import type { Network } from './sls-records.ts'

/** The networks that playbooks ask for: NMNLB with its service addresses, and NMN with the management nodes. */
export function defaultNetworks(components: readonly Component[], at: number): Network[] {
  return [{ ...loadBalancers, at }, nodeManagement(components, at)]
}

const loadBalancers: Omit<Network, 'at'> = {
  Name: 'NMNLB',
  FullName: 'Node Management Network LoadBalancers',
  IPRanges: ['10.92.100.0/24'],
  Type: 'ethernet',
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
}

function nodeManagement(components: readonly Component[], at: number): Network {
  return {
    Name: 'NMN',
    FullName: 'Node Management Network',
    IPRanges: ['10.252.0.0/17'],
    Type: 'ethernet',
    at,
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
  }
}

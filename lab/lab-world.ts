import type { CephCluster } from './ceph/ceph-cluster.ts'
import { gatewayName, services } from './csm/gateway.ts'
import type { System } from './csm/system.ts'
import type { Component } from './csm/system-model.ts'
import { kubernetesState } from './kubernetes/kubernetes-api.ts'
import type { AddedPackage } from './added/additions.ts'
import type { Placement } from './inhabitants.ts'
import type { SlurmCluster } from './slurm/slurm-cluster.ts'
import type { LabNode, NodeSpec, World } from './node/node-model.ts'
import { repositoryAt } from './repositories.ts'

/** The rest of the lab as the commands of its nodes see it. Nodes and gateway are looked up when asked, as they start later. */
export function makeWorld(parts: {
  readonly system: () => System
  readonly node: (name: string) => LabNode | undefined
  readonly gateway: () => { readonly port: number; readonly authority: string } | null
  readonly resolve: (name: string) => string | null
  readonly ceph: CephCluster
  readonly slurm: SlurmCluster
  readonly packages?: readonly AddedPackage[]
  readonly address: (name: string) => string
  readonly newHostKey: (name: string, hostKey: string) => void
}): World {
  return {
    kubernetes: kubernetesState(() => parts.system().cluster),
    repository: (url) => repositoryAt(url, parts.packages),
    addedPackage: (name) => parts.packages?.find(({ offer }) => offer.name === name)?.offer,
    node: parts.node,
    ceph: parts.ceph,
    slurm: parts.slurm,
    address: parts.address,
    newHostKey: parts.newHostKey,
    authority: () => parts.gateway()?.authority ?? '',
    resolve: parts.resolve,
    route(host, port) {
      const atGateway = (own: number): number | null =>
        port === own ? (parts.gateway()?.port ?? null) : null
      if (host === gatewayName) return atGateway(443)
      const named = services.find((each) => each.host === host)
      if (named) return atGateway(named.port ?? 443)
      return port === 22 ? (parts.node(host)?.port ?? null) : null
    },
  }
}

/** A node as the services know it: its placement, and its machine seen from outside. */
export function componentOf(
  spec: NodeSpec,
  placement: Placement,
  node: () => LabNode | undefined,
): Component {
  return {
    ...placement,
    arch: spec.arch === 'aarch64' ? 'ARM' : 'X86',
    machine: {
      powered: () => node()?.power === 'on',
      ready: () => node()?.up === true,
      async admitsRoot(publicKey) {
        const [type, blob] = publicKey.split(' ')
        const lines = (await node()?.authorizedKeys('root'))?.split('\n') ?? []
        // Options may stand before the type, a comment after the key.
        return lines.some(
          (line) => !line.trimStart().startsWith('#') && ` ${line} `.includes(` ${type} ${blob} `),
        )
      },
      async run(command) {
        const result = await node()!.run(command, { user: 'root' })
        return { exit: result.exitCode, stdout: result.stdout, stderr: result.stderr }
      },
      booted() {
        const { bootId, booted } = node()!
        return {
          bootId,
          at: booted.at,
          image: booted.image?.image ?? null,
          parameters: booted.image?.parameters ?? '',
          reports: (booted.image?.packages ?? spec.imagePackages).includes('bos-reporter'),
        }
      },
      powerOn: async (order) => node()!.powerOn(order),
      powerOff: async () => node()!.powerOff(),
      unreachable: () =>
        node()
          ?.snapshot()
          .faults.some((fault) => fault.kind === 'no-bmc') === true,
    },
  }
}

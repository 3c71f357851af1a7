import type { Component } from './csm/system-model.ts'
import type { NodeSpec } from './node/node-model.ts'

/** What SLS and HSM know of a node beside its machine. */
export type Placement = Pick<
  Component,
  'xname' | 'nid' | 'role' | 'class' | 'netType' | 'aliases' | 'address' | 'subRole'
>

/** The password of the users of a lab's nodes: they guard nothing. */
export const labPassword = 'rehearsal'

/** The users of a lab's nodes beside root. */
export const labUsers: NodeSpec['users'] = [
  { name: 'admin', password: labPassword, sudo: 'password' },
  { name: 'deploy', sudo: 'nopasswd' },
  { name: 'guest', password: labPassword, sudo: 'none' },
]

/** The nodes of a lab without options of its own: those of `inventory/lab.yaml`. */
export const labNodes: readonly NodeSpec[] = [
  manager('ncn-m001', 'Master'),
  compute('x3000c0s19b1n0', 'x86_64', 5),
  compute('x3000c0s19b2n0', 'x86_64', 6),
  compute('x3000c0s19b3n0', 'aarch64', 5),
  compute('x3000c0s19b4n0', 'aarch64', 6),
  manager('ncn-m002', 'Master'),
  manager('ncn-m003', 'Master'),
  manager('ncn-w001', 'Worker'),
  manager('ncn-w002', 'Worker'),
  manager('ncn-s001', 'Storage'),
]

function manager(name: string, subRole: 'Master' | 'Worker' | 'Storage'): NodeSpec {
  return {
    name,
    arch: 'x86_64',
    servicePack: 5,
    role: 'management',
    subRole,
    os: 'sles',
    users: labUsers,
    imagePackages: ['jq', 'rsync'],
  }
}

function compute(name: string, arch: NodeSpec['arch'], servicePack: number): NodeSpec {
  return {
    name,
    arch,
    servicePack,
    role: 'compute',
    os: 'sles',
    users: labUsers,
    imagePackages: ['bos-reporter', 'cfs-state-reporter'],
  }
}

const servicesAddress = '10.92.100.71'

/** The address behind a name in the system's name service: nodes by name, xname or alias, and what the gateway answers for. */
export function addressOf(
  name: string,
  placements: readonly Placement[],
  nodes: readonly NodeSpec[],
): string | null {
  const short = name.replace(/\.$/, '').replace(/\.(?:nmn|hmn|local)$/, '')
  if (/^(?:api-gw-service-nmn|packages|registry)$/.test(short) && /\.local\.?$/.test(name))
    return servicesAddress
  const index = placements.findIndex(
    ({ xname, aliases }, at) =>
      xname === short || aliases.includes(short) || nodes[at]?.name === short,
  )
  return placements[index]?.address ?? null
}

/** Where each node stands in the system: management nodes under their alias, compute nodes with a NID by order. */
export function placementsOf(nodes: readonly NodeSpec[]): readonly Placement[] {
  let managers = 0
  let computes = 0
  return nodes.map((node) => {
    if (node.role === 'management') {
      managers += 1
      const number = String(managers).padStart(3, '0')
      const alias = node.name.startsWith('x') ? `ncn-m${number}` : node.name
      return {
        xname: node.name.startsWith('x') ? node.name : `x3000c0s${managers * 2 - 1}b0n0`,
        nid: 100_000 + managers,
        role: 'Management',
        subRole: node.subRole ?? 'Master',
        class: 'River',
        netType: 'Sling',
        aliases: [alias],
        address: `10.252.1.${3 + managers}`,
      }
    }
    computes += 1
    const cabinet = Number(/^x(\d+)/.exec(node.name)?.[1] ?? 3000)
    return {
      xname: node.name,
      nid: computes,
      ...(node.subRole === 'UAN'
        ? { role: 'Application' as const, subRole: 'UAN' as const }
        : { role: 'Compute' as const }),
      class: cabinet < 3000 ? 'Mountain' : 'River',
      netType: 'Sling',
      aliases: [`nid${String(computes).padStart(6, '0')}`],
      address: `10.252.${2 + Math.floor(computes / 250)}.${1 + (computes % 250)}`,
    }
  })
}

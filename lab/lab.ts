import { shippedFolder } from '../runner/files/shipped-folder.ts'
import { join } from 'node:path'
import { DiagnosticError } from '../runner/model/diagnostic.ts'
import { labFiles, makeFolder, removeFiles, replaceHostKey, writeFiles } from './lab-files.ts'
import type { Additions } from './added/additions.ts'
import { addObjects, sendRequests } from './added/initial-state.ts'
import { makeCeph, type CephCluster } from './ceph/ceph-cluster.ts'
import { keepAdvancing } from './csm/agenda.ts'
import type { Durations } from './csm/durations.ts'
import { services, startGateway, type Gateway } from './csm/gateway.ts'
import type { ServiceTable } from './csm/service-route.ts'
import { type System } from './csm/system.ts'
import { makeSystem } from './csm/make-system.ts'
import { type Release } from './csm/system-model.ts'
import type { LabFault } from './faults.ts'
import { addressOf, labNodes, placementsOf } from './inhabitants.ts'
import { duplicateImages } from './csm/contents.ts'
import { leaveOrphan } from './orphan.ts'
import { rotateImsKeys, setCatalog } from './kubernetes/kubernetes-cluster.ts'
import { startNode as startRealNode } from './node/start-node.ts'
import type { LabNode, NodeKeys, NodeSnapshot, NodeSpec, World } from './node/node-model.ts'
import { makeSlurm } from './slurm/slurm-cluster.ts'
import { makeKeyPair } from './ssh-key.ts'
import { componentOf, makeWorld } from './lab-world.ts'

/** How a node is started; tests give one of their own. */
export type StartNode = (spec: NodeSpec, world: World, keys: NodeKeys) => Promise<LabNode>

/** What a lab is raised from. */
export interface LabOptions {
  /** Where its files go: created for its owner alone when it is missing. */
  readonly folder: string
  /** The nodes of `inventory/lab.yaml` when absent. */
  readonly nodes?: readonly NodeSpec[]
  /** Which CSM its services behave like; 1.6 when absent. */
  readonly release?: Release
  /** Milliseconds since the epoch; tests move them. */
  readonly now?: () => number
  /** How long services take for things; tests change it. */
  readonly durations?: Durations
  /** Whether the lab's known_hosts follows the keys that nodes make at a boot; true when absent. Otherwise a run has to take them. */
  readonly keepsKnownHosts?: boolean
  readonly startNode?: StartNode
  /** What a user adds to it. */
  readonly added?: Additions
}

/** What `trueup lab status` shows. */
export interface LabStatus {
  readonly folder: string
  readonly release: Release
  readonly gateway: string
  readonly inventoryFiles: readonly string[]
  readonly nodes: readonly NodeSnapshot[]
  readonly remoteBuildNodes: readonly string[]
  /** What the services do wrong on purpose. */
  readonly serviceFaults: readonly string[]
  /** How often each route of the services was asked. */
  readonly requests: Readonly<Record<string, number>>
}

/** A raised rehearsal lab. */
export interface Lab {
  readonly folder: string
  /** Given with `-i`, in this order. */
  readonly inventoryFiles: readonly string[]
  readonly nodes: ReadonlyMap<string, LabNode>
  readonly system: System
  readonly ceph: CephCluster
  readonly gateway: Gateway
  /** Power-cycles a node. */
  reboot(name: string): Promise<void>
  fault(fault: LabFault): Promise<void>
  status(): LabStatus
  /** Leaves no socket, timer or file. */
  close(): Promise<void>
}

/** The inventory that names the lab's hosts; the lab's own file adds where they listen. */
const committedInventory = join(shippedFolder(), 'inventory/lab.yaml')

/** Raises a lab in this process. */
export async function raiseLab(options: LabOptions): Promise<Lab> {
  const parts = makeParts(options)
  const operator = makeKeyPair('operator of a rehearsal lab')
  const madeFolder = makeFolder(options.folder)
  const stopAdvancing = keepAdvancing(parts.system.agenda, parts.system.now)
  let gateway: Gateway | null = null

  async function close(): Promise<void> {
    await stopAdvancing()
    await Promise.all([gateway?.close(), ...[...parts.nodes.values()].map((node) => node.close())])
    removeFiles(options.folder, madeFolder)
  }
  try {
    gateway = await startGateway(parts.system, tablesWith(options.added))
    const listening = gateway
    await startNodes(
      options,
      parts,
      parts.worldWith(() => listening),
      operator.public,
    )
    writeFiles(options.folder, {
      nodes: parts.nodes.values(),
      gateway,
      privateKey: operator.private,
      keepsKnownHosts: options.keepsKnownHosts ?? true,
      ...(options.added ? { groups: options.added.groups } : {}),
    })
    addObjects(parts.system, options.added?.objects ?? [])
    await sendRequests(parts.system, gateway, options.added?.requests ?? [])
  } catch (error) {
    await close()
    throw error
  }
  return labOf(options.folder, parts, gateway, close)
}

/** The services of the lab, with the routes and the services that a user adds. */
function tablesWith(added: Additions | undefined): readonly ServiceTable[] {
  if (!added) return services
  return [
    ...services.map((table) => ({
      ...table,
      routes: [...table.routes, ...(added.routes.get(table.name) ?? [])],
    })),
    ...added.services,
  ]
}

/** What a lab is made of: its services, its cluster, and its nodes by their names and aliases. */
interface LabParts {
  readonly specs: readonly NodeSpec[]
  readonly nodes: Map<string, LabNode>
  readonly system: System
  readonly ceph: CephCluster
  nodeNamed(name: string): LabNode | undefined
  /** The rest of the lab as the nodes see it. */
  worldWith(gateway: () => Gateway): World
}

function makeParts(options: LabOptions): LabParts {
  const { release, now, durations, folder, added, keepsKnownHosts = true } = options
  const specs = options.nodes ?? added?.nodes ?? labNodes
  const nodes = new Map<string, LabNode>()
  const placements = placementsOf(specs)
  const nodeNamed = (name: string): LabNode | undefined =>
    nodes.get(name) ??
    nodes.get(
      specs[placements.findIndex((each) => each.xname === name || each.aliases.includes(name))]
        ?.name ?? '',
    )
  const system = makeSystem({
    ...(release ? { release } : {}),
    ...(now ? { now } : {}),
    ...(durations ? { durations } : {}),
    components: specs.map((spec, index) =>
      componentOf(spec, placements[index]!, () => nodes.get(spec.name)),
    ),
  })
  const ceph = makeCeph(system.now)
  const slurm = makeSlurm(
    // A workload manager knows nodes by their aliases.
    placements.filter(({ role }) => role === 'Compute').map(({ aliases }) => aliases[0]!),
    system.now,
  )
  const worldWith = (gateway: () => Gateway): World =>
    makeWorld({
      system: () => system,
      node: nodeNamed,
      gateway,
      resolve: (name) => addressOf(name, placements, specs),
      ceph,
      slurm,
      ...(added ? { packages: added.packages } : {}),
      address: (name) => placements[specs.findIndex((spec) => spec.name === name)]!.address,
      newHostKey: (name, hostKey) => {
        const port = nodes.get(name)?.port
        if (keepsKnownHosts && port !== undefined) replaceHostKey(folder, port, hostKey)
      },
    })
  return { specs, nodes, system, ceph, nodeNamed, worldWith }
}

/** All are awaited, so that those that started are closed when one does not. */
async function startNodes(
  options: LabOptions,
  { specs, nodes }: LabParts,
  world: World,
  authorizedKey: string,
): Promise<void> {
  const startNode = options.startNode ?? startRealNode
  const started = await Promise.allSettled(
    specs.map((spec) => startNode(spec, world, { authorizedKeys: [authorizedKey] })),
  )
  for (const each of started)
    if (each.status === 'fulfilled') nodes.set(each.value.spec.name, each.value)
  for (const each of started) if (each.status === 'rejected') throw each.reason
}

function labOf(folder: string, parts: LabParts, gateway: Gateway, close: () => Promise<void>): Lab {
  const { nodes, system, ceph, nodeNamed } = parts
  const inventoryFiles = [committedInventory, labFiles(folder).connections]
  return {
    folder,
    inventoryFiles,
    nodes,
    system,
    ceph,
    gateway,
    async reboot(name) {
      await existing(nodeNamed, name, nodes).reboot()
    },
    fault: (fault) => applyFault(fault, parts, gateway),
    status() {
      return {
        folder,
        release: system.release,
        gateway: `https://127.0.0.1:${gateway.port}`,
        inventoryFiles,
        nodes: [...nodes.values()].map((node) => node.snapshot()),
        remoteBuildNodes: [...system.remoteBuildNodes],
        serviceFaults: system.faults.map((each) =>
          each.kind === 'cfs-session' ? `${each.kind} ${each.ends}` : each.kind,
        ),
        requests: Object.fromEntries(gateway.counts),
      }
    },
    close,
  }
}

async function applyFault(
  fault: LabFault,
  { nodes, system, nodeNamed }: LabParts,
  gateway: Gateway,
): Promise<void> {
  if (fault.on === 'gateway') return gateway.fault(fault.fault)
  if (fault.on === 'service') return void system.faults.push(fault.fault)
  if (fault.on === 'catalog') return setCatalog(system.cluster, system.release, fault.fault)
  if (fault.on === 'duplicate-images') return duplicateImages(system)
  if (fault.on === 'orphan') return leaveOrphan(existing(nodeNamed, fault.node, nodes))
  if (fault.on === 'ims-keys') return rotateImsKeys(system.cluster)
  if (fault.on === 'nothing') {
    gateway.clearFaults()
    system.faults.length = 0
    setCatalog(system.cluster, system.release, null)
    for (const node of nodes.values()) node.fault(null)
    return
  }
  const node = existing(nodeNamed, fault.node, nodes)
  if (fault.on === 'node') node.fault(fault.fault)
  else await (fault.power === 'on' ? node.powerOn() : node.powerOff())
}

function existing(
  named: (name: string) => LabNode | undefined,
  name: string,
  nodes: ReadonlyMap<string, LabNode>,
): LabNode {
  const node = named(name)
  if (node) return node
  throw new DiagnosticError({
    code: 'lab/no-such-node',
    message: `the lab has no node ${JSON.stringify(name)}`,
    hint: `its nodes are ${[...nodes.keys()].join(', ')}`,
  })
}

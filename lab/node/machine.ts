import type { CephImage, Watcher } from '../ceph/ceph-cluster.ts'
import type { FileSystem } from '../ceph/ceph-cluster.ts'
import type { NodeFault, NodeSpec, World } from './node-model.ts'
import type { Attached, Tree } from './file-tree.ts'

/** A package in a node's rpm database. */
export interface Installed {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly arch: string
  readonly summary: string
  readonly requires: readonly string[]
  readonly files: readonly string[]
  /** Alias of the repository it came from; null for one of the image. */
  readonly from: string | null
  readonly installed: number
}

/** A systemd unit as it runs; its file and its links lie in the tree. */
export interface Unit {
  active: 'active' | 'inactive' | 'failed' | 'activating'
  sub: string
  pid: number
  invocation: string
  since: number
  /** What systemd has read of its file; another text on disk needs a daemon-reload. */
  loaded: string | null
}

/** A mounted file system. */
export interface Mount {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly options: string
  /** The part of the file system that is seen: `/` except for bind mounts. */
  readonly root: string
  readonly device: readonly [number, number]
  readonly size: number
  readonly used: number
  readonly id: number
  /** The mount that it lies over; 1 for that of the root. */
  readonly parent: number
  /** Null for what the image brings: it is part of the tree. */
  readonly attached: Attached | null
  /** What a block device holds that it was mounted from. */
  readonly fileSystem: FileSystem | null
}

/** A container that runs. */
export interface Container {
  readonly id: string
  readonly name: string
  readonly image: string
}

/** Everything that a boot makes again. */
export interface Machine {
  readonly spec: NodeSpec
  readonly world: World
  readonly tree: Tree
  readonly bootId: string
  readonly booted: number
  readonly packages: Map<string, Installed>
  readonly units: Map<string, Unit>
  readonly modules: Set<string>
  readonly mounts: Mount[]
  /** RBD images that are block devices of this machine. */
  readonly mappings: Mapping[]
  readonly containers: Container[]
  /** Kernel parameters by their path under /proc/sys. */
  readonly parameters: Map<string, string>
  /** Users whom sudo has lectured. */
  readonly lectured: Set<string>
  /** Repositories whose metadata zypper keeps, by alias. */
  readonly refreshed: Set<string>
  /** The faults of the node; they outlive a boot. */
  readonly faults: Map<NodeFault['kind'], NodeFault>
  lastPid: number
}

/** The fault of a kind, if the node has it. */
export function faultOf<K extends NodeFault['kind']>(
  machine: Pick<Machine, 'faults'>,
  kind: K,
): Extract<NodeFault, { kind: K }> | undefined {
  return machine.faults.get(kind) as Extract<NodeFault, { kind: K }> | undefined
}

/** An RBD image as a block device of a machine. */
export interface Mapping {
  readonly id: number
  readonly pool: string
  readonly name: string
  readonly device: readonly [number, number]
  readonly image: CephImage
  readonly watcher: Watcher
}

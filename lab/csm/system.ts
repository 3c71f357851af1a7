import type { Cluster } from '../kubernetes/kubernetes-cluster.ts'
import type { Agenda } from './agenda.ts'
import type { BosState } from './bos/bos-records.ts'
import type { BssState } from './bss/boot-records.ts'
import type { CfsState } from './cfs/cfs-records.ts'
import type { ImageContent } from './image-content.ts'
import type { FasState } from './fas/fas-records.ts'
import type { Durations } from './durations.ts'
import type { Group, Lock, Part, Reservation, Role } from './hsm/hsm-records.ts'
import type { Inventory } from './hsm/inventory-records.ts'
import type { JobRecord } from './ims/job-record.ts'
import type { Transition } from './pcs/transition-record.ts'
import type { VaultState } from './vault/vault-records.ts'
import type { Artifacts, S3State } from './s3/s3-records.ts'
import type { ServiceFault } from './service-fault-kinds.ts'
import type { Layout } from './sls/sls-records.ts'
import type {
  Release,
  Component,
  ImageRecord,
  PublicKeyRecord,
  RecipeRecord,
  DeletedImage,
} from './system-model.ts'

/** Everything that the simulated services remember. It outlives reboots of nodes, not the lab. */
export interface System {
  readonly release: Release
  /** Milliseconds since the epoch, by the lab's own clock. */
  readonly now: () => number
  readonly cluster: Cluster
  readonly components: ReadonlyMap<string, Component>
  /** In the order of their registration. */
  readonly remoteBuildNodes: Set<string>
  readonly images: ImageRecord[]
  readonly publicKeys: PublicKeyRecord[]
  readonly recipes: RecipeRecord[]
  /** What was deleted and can be brought back. */
  readonly deletedImages: DeletedImage[]
  readonly deletedPublicKeys: (PublicKeyRecord & { readonly deleted: string })[]
  /** What S3 holds. */
  readonly s3: S3State
  /** What Vault holds. */
  readonly vault: VaultState
  /** Manifests and archives that lie in S3, by their paths. */
  readonly artifacts: Artifacts
  readonly jobs: JobRecord[]
  /** What the images hold, by id. */
  readonly contents: Map<string, ImageContent>
  readonly cfs: CfsState
  readonly bos: BosState
  /** Firmware: its images, what is done with them, and what the devices run. */
  readonly fas: FasState
  readonly transitions: Map<string, Transition>
  /** What each node boots when it gets power. */
  readonly bss: BssState
  readonly agenda: Agenda
  readonly durations: Durations
  /** What is to go wrong. */
  readonly faults: ServiceFault[]
  readonly locks: Map<string, Lock>
  readonly reservations: Map<string, Reservation>
  readonly groups: Map<string, Group>
  readonly partitions: Map<string, Group>
  /** HSM's table of components: what is changed goes to its end. */
  readonly order: string[]
  readonly disabled: Set<string>
  /** What HSM knows beside the nodes: controllers, slots, chassis. */
  readonly parts: ReadonlyMap<string, Part>
  /** Roles that were written over those of the installation, by xname. */
  readonly roles: Map<string, Role>
  readonly inventory: Inventory
  /** Components that HSM holds for removed. */
  readonly emptied: Set<string>
  readonly layout: Layout
  /** Tokens that were given out, and when they expire. */
  readonly tokens: Map<string, number>
}

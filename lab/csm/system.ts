import { imagesOf, recipesOf, type Artifact } from '../kubernetes/product-catalog.ts'
import { makeCluster, type Cluster } from '../kubernetes/kubernetes-cluster.ts'
import { makeAgenda, type Agenda } from './agenda.ts'
import { newBos, type BosState } from './bos/bos-records.ts'
import { newCfs, type CfsState } from './cfs/cfs-records.ts'
import type { ImageContent } from './contents.ts'
import { labDurations, type Durations } from './durations.ts'
import type { Group } from './hsm/group-records.ts'
import type { Reservation } from './hsm/reservations.ts'
import type { JobRecord } from './ims/jobs.ts'
import type { Transition } from './pcs/transitions.ts'
import type { ServiceFault } from './service-faults.ts'
import { emptyLayout, installedLayout, type Layout } from './sls/layout.ts'

/** The releases whose differences the lab knows. */
export const releases = ['1.5', '1.6.0', '1.6', '1.7'] as const
export type Release = (typeof releases)[number]

/** What a command on a machine answered. */
export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** What a node is told to boot. */
export interface BootOrder {
  /** Id of the image in IMS. */
  readonly image: string
  readonly arch: 'x86_64' | 'aarch64'
  readonly packages: readonly string[]
  readonly rootKeys: readonly string[]
  readonly servicePack: number
  /** What the kernel is told. */
  readonly parameters: string
}
/** What a machine has booted. */
export interface Booted {
  readonly bootId: string
  /** By the lab's clock. */
  readonly at: number
  /** Id of the image; null where none of IMS's was ordered. */
  readonly image: string | null
  readonly parameters: string
  /** Whether bos-reporter runs in it. */
  readonly reports: boolean
}

/** A node's machine as the services see it from outside. */
export interface Machine {
  /** Power, as a BMC says it. */
  powered(): boolean
  /** Whether its operating system is up: heartbeat and sshd. */
  ready(): boolean
  /** Whether its sshd would let this public key (`type base64`) in as root. */
  admitsRoot(publicKey: string): Promise<boolean>
  /** Runs a shell command as root. */
  run(command: string): Promise<Ran>
  booted(): Booted
  /** Gives it power; without an order it boots what it booted last. */
  powerOn(order?: BootOrder): Promise<void>
  powerOff(): Promise<void>
  /** Whether its BMC cannot be reached. */
  unreachable(): boolean
}

/** A node as SLS and HSM know it. */
export interface Component {
  readonly xname: string
  readonly nid: number
  readonly role: 'Compute' | 'Management' | 'Application'
  readonly subRole?: 'Master' | 'Worker' | 'Storage' | 'UAN'
  readonly arch: 'X86' | 'ARM'
  readonly class: 'River' | 'Mountain' | 'Hill'
  /** How it is connected to the high speed network; absent: HSM does not say. */
  readonly netType?: 'Sling'
  readonly aliases: readonly string[]
  /** Its address on the node management network. */
  readonly address: string
  readonly machine: Machine
}

/** An IMS image. Names are not unique. */
export interface ImageRecord {
  readonly id: string
  readonly created: string
  readonly name: string
  readonly link: { readonly path: string; readonly etag: string; readonly type: 's3' } | null
  readonly arch: 'x86_64' | 'aarch64'
  readonly metadata: Readonly<Record<string, string>>
}
/** An IMS public key. Names are not unique. */
export interface PublicKeyRecord {
  readonly id: string
  readonly created: string
  readonly name: string
  readonly public_key: string
}
/** An IMS recipe. */
export interface RecipeRecord {
  readonly id: string
  readonly created: string
  readonly name: string
  readonly arch: 'x86_64' | 'aarch64'
  readonly recipe_type: 'kiwi-ng' | 'packer'
  readonly linux_distribution: 'sles12' | 'sles15' | 'centos7'
  readonly require_dkms: boolean
  readonly template_dictionary: readonly { readonly key: string; readonly value: string }[]
  readonly link: ImageRecord['link']
}
/** An image that was deleted: how it comes back, and how it is shown meanwhile. */
export interface DeletedImage {
  readonly image: ImageRecord
  readonly shown: ImageRecord & { readonly deleted: string }
}
/** HSM's lock of a component; both false where there is no entry. */
export interface Lock {
  readonly locked: boolean
  readonly reservationDisabled: boolean
}

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
  /** Manifests and archives that lie in S3, by their paths. */
  readonly artifacts: Set<string>
  readonly jobs: JobRecord[]
  /** What the images hold, by id. */
  readonly contents: Map<string, ImageContent>
  readonly cfs: CfsState
  readonly bos: BosState
  readonly transitions: Map<string, Transition>
  /** What each node boots when it gets power, by xname; the boot script service would have it. */
  readonly bootOrders: Map<string, BootOrder>
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
  readonly layout: Layout
  /** Tokens that were given out, and when they expire. */
  readonly tokens: Map<string, number>
}

/** A fresh system around these nodes. */
export function makeSystem(
  options: {
    release?: Release
    now?: () => number
    components?: readonly Component[]
    durations?: Durations
    /** What the services hold beside the nodes: a system that was installed, or nothing. */
    content?: 'installed' | 'none'
  } = {},
): System {
  const release = options.release ?? '1.6'
  const now = options.now ?? Date.now
  const components = options.components ?? []
  const isInstalled = options.content !== 'none'
  const images = imagesOf(release).map(image)
  const recipes = recipesOf(release).map(recipe)
  if (!isInstalled) for (const records of [images, recipes]) records.length = 0
  return {
    release,
    now,
    cluster: makeCluster(release),
    components: new Map(components.map((component) => [component.xname, component])),
    remoteBuildNodes: new Set(),
    images,
    publicKeys: [],
    recipes,
    deletedImages: [],
    deletedPublicKeys: [],
    artifacts: new Set([...images, ...recipes].flatMap(({ link }) => (link ? [link.path] : []))),
    jobs: [],
    contents: new Map(),
    cfs: newCfs(isInstalled ? components.map((each) => each.xname) : []),
    bos: newBos(isInstalled ? components : [], now(), release),
    transitions: new Map(),
    bootOrders: new Map(),
    agenda: makeAgenda(now),
    durations: options.durations ?? labDurations,
    faults: [],
    locks: new Map(),
    reservations: new Map(),
    groups: new Map(),
    partitions: new Map(),
    order: tableOf(components, isInstalled),
    disabled: new Set(),
    layout: isInstalled ? installedLayout(components, now()) : emptyLayout(now()),
    tokens: new Map(),
  }
}

// PostgreSQL promises no order: in a table that has lived, the newest row may stand where an older one was.
function tableOf(components: readonly Component[], hasLived: boolean): string[] {
  const xnames = components.map((each) => each.xname)
  const newest = hasLived ? xnames.splice(-1) : []
  return [...newest, ...xnames]
}

function image({ id, name, arch }: Artifact): ImageRecord {
  return {
    id,
    created: '2024-03-22T12:47:14.937124',
    name,
    link: {
      path: `s3://boot-images/${id}/manifest.json`,
      etag: id.replaceAll('-', ''),
      type: 's3',
    },
    arch,
    metadata: {},
  }
}

function recipe({ id, name, arch }: Artifact): RecipeRecord {
  return {
    id,
    created: '2024-03-22T12:40:01.512411',
    name,
    arch,
    recipe_type: 'kiwi-ng',
    linux_distribution: 'sles15',
    require_dkms: false,
    template_dictionary: [],
    link: {
      path: `s3://ims/recipes/${id}/recipe.tar.gz`,
      etag: id.replaceAll('-', ''),
      type: 's3',
    },
  }
}

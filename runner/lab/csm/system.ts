import { makeCluster, type Cluster } from '../kubernetes/cluster.ts'
import { defaultNetworks, type Network } from './sls-networks.ts'

/** The releases whose differences the lab knows. */
export const releases = ['1.5', '1.6.0', '1.6', '1.7'] as const
export type Release = (typeof releases)[number]

/** What a command on a machine answered. */
export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
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
}

/** A node as SLS and HSM know it. */
export interface Component {
  readonly xname: string
  readonly nid: number
  readonly role: 'Compute' | 'Management' | 'Application'
  readonly subRole?: 'Master' | 'Worker' | 'Storage' | 'UAN'
  readonly arch: 'X86' | 'ARM'
  readonly class: 'River' | 'Mountain' | 'Hill'
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
/** HSM's lock of a component; both false where there is no entry. */
export interface Lock {
  readonly locked: boolean
  readonly reservationDisabled: boolean
  readonly reserved: boolean
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
  readonly locks: Map<string, Lock>
  readonly disabled: Set<string>
  readonly networks: readonly Network[]
  /** Tokens that were given out, and when they expire. */
  readonly tokens: Map<string, number>
}

/** A fresh system around these nodes. */
export function makeSystem(options: { release?: Release; now?: () => number; components?: readonly Component[] } = {}): System {
  const release = options.release ?? '1.6'
  const components = options.components ?? []
  return {
    release,
    now: options.now ?? Date.now,
    cluster: makeCluster(release),
    components: new Map(components.map((component) => [component.xname, component])),
    remoteBuildNodes: new Set(),
    images: [image('f6d9cfc7-9291-4c46-8350-c252b919d396', 'x86_64', release), image('02c18757-b546-4a9f-9eae-891928bbbbb9', 'aarch64', release)],
    publicKeys: [],
    locks: new Map(),
    disabled: new Set(),
    networks: defaultNetworks(components),
    tokens: new Map(),
  }
}

function image(id: string, arch: ImageRecord['arch'], release: Release): ImageRecord {
  const versions = { '1.5': '1.5-5.2.55', '1.6.0': '1.6-6.2.25', '1.6': '1.6-6.2.25', '1.7': '1.7-7.1.37' } as const
  return {
    id,
    created: '2024-03-22T12:47:14.937124+00:00',
    name: `compute-csm-${versions[release]}-${arch}`,
    link: { path: `s3://boot-images/${id}/manifest.json`, etag: 'e93dacac642f1e3bffe3be275a090049', type: 's3' },
    arch,
    metadata: {},
  }
}

import { randomBytes, randomUUID } from 'node:crypto'
import type { Inode } from '../node/file-tree.ts'

/** A file system on a block device, with all that lies in it. */
export interface FileSystem {
  readonly type: string
  readonly uuid: string
  readonly label: string
  /** Its topmost folder. */
  readonly top: Inode
  /** Formatted or written behind its own back: it mounts no more. */
  damaged: boolean
  /** The image that it was made on; null for one in memory. */
  readonly image: CephImage | null
  /** Where it is mounted now, by boot id, and how often. */
  readonly mounted: Map<string, number>
}

/** A client that has an image open. */
export interface Watcher {
  readonly address: string
  readonly client: number
  readonly cookie: number
  /** It holds the exclusive lock, and gives it to no other client. */
  readonly exclusive: boolean
  /** When its machine died, by the lab's clock: the cluster notices some time later. */
  lost: number | null
}

/** An RBD image. */
export interface CephImage {
  readonly id: string
  size: number
  readonly features: Set<string>
  readonly created: number
  readonly watchers: Set<Watcher>
  /** What a signature on it says, and what is in it; null while it is blank. */
  content: FileSystem | null
  /** Something was written to it, which no signature need tell of, and was not discarded. */
  written?: boolean
}

/** A Ceph cluster: one for the whole lab, whatever becomes of its nodes. */
export interface CephCluster {
  readonly fsid: string
  /** The images of each pool. */
  readonly pools: Map<string, Map<string, CephImage>>
  readonly settings: Map<string, PoolSettings>
  readonly osds: Map<number, { up: boolean; in: boolean }>
  /** Whether the monitors let pools be removed. */
  allowsPoolDelete: boolean
  /** Users by entity, `client.kube`. */
  readonly users: ReadonlyMap<string, CephUser>
  /** Milliseconds since the epoch, by the lab's clock. */
  readonly now: () => number
  lastClient: number
}
/** What is set for a pool. */
export interface PoolSettings {
  readonly id: number
  /** How many copies of each object are kept. */
  size: number
  minSize: number
  pgNum: number
  readonly applications: Set<string>
}
/** A user of the cluster. */
export interface CephUser {
  readonly key: string
  readonly caps: Readonly<Record<string, string>>
}

/** How long the cluster keeps the watcher of a machine that died. */
export const watcherMilliseconds = 25_000

/** The features that `rbd create` gives an image. */
export const usualFeatures: readonly string[] = [
  'layering',
  'exclusive-lock',
  'object-map',
  'fast-diff',
  'deep-flatten',
]

/** A cluster as a system has it after its installation: empty pools, and the users of the procedure. */
export function makeCeph(now: () => number): CephCluster {
  const all = { mds: 'allow *', mgr: 'allow *', mon: 'allow *', osd: 'allow *' }
  return {
    fsid: randomUUID(),
    pools: new Map(['kube', 'smf'].map((name) => [name, new Map<string, CephImage>()])),
    settings: new Map(
      ['kube', 'smf'].map((name, index) => [
        name,
        { id: index + 1, size: 3, minSize: 2, pgNum: 32, applications: new Set(['rbd']) },
      ]),
    ),
    osds: new Map([0, 1, 2].map((id) => [id, { up: true, in: true }])),
    allowsPoolDelete: false,
    users: new Map([
      ['client.admin', { key: newKey(), caps: all }],
      [
        'client.admin-tools',
        { key: newKey(), caps: { mgr: 'allow rw', mon: 'allow profile rbd', osd: 'allow *' } },
      ],
      [
        'client.kube',
        { key: newKey(), caps: { mon: 'profile rbd', osd: 'profile rbd pool=kube' } },
      ],
    ]),
    now,
    lastClient: 4100,
  }
}

/** The keyring of a user as `ceph auth get` prints it; undefined where the user does not exist. */
export function keyringOf(cluster: CephCluster, entity: string): string | undefined {
  const user = cluster.users.get(entity)
  return (
    user &&
    [
      `[${entity}]`,
      `\tkey = ${user.key}`,
      ...Object.entries(user.caps).map(([daemon, caps]) => `\tcaps ${daemon} = "${caps}"`),
      '',
    ].join('\n')
  )
}

/** The cluster's ceph.conf. */
export function cephConf(cluster: CephCluster): string {
  return `[global]\nfsid = ${cluster.fsid}\nmon_host = [v2:10.252.1.11:3300/0,v1:10.252.1.11:6789/0]\n`
}

/** Those who have an image open, as the cluster sees it: the dead are seen until it has noticed. */
export function watchersOf(cluster: CephCluster, image: CephImage): readonly Watcher[] {
  for (const watcher of image.watchers)
    if (watcher.lost !== null && cluster.now() - watcher.lost >= watcherMilliseconds)
      image.watchers.delete(watcher)
  return [...image.watchers]
}

/** A blank image. */
export function newImage(
  cluster: CephCluster,
  size: number,
  features: readonly string[],
): CephImage {
  return {
    id: randomBytes(6).toString('hex'),
    size,
    features: new Set(features),
    created: cluster.now(),
    watchers: new Set(),
    content: null,
  }
}

// As Ceph makes them: a type, a time, a length, and sixteen random bytes.
function newKey(): string {
  return Buffer.concat([
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0]),
    randomBytes(16),
  ]).toString('base64')
}

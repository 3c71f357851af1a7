import type { ApiObject } from '../kubernetes/api-object.ts'
import type { SlurmCluster } from '../slurm/slurm-cluster.ts'
import type { CephCluster } from '../ceph/ceph-cluster.ts'

/** A user of a node besides root. */
export interface NodeUser {
  readonly name: string
  /** Absent: no password opens the account. */
  readonly password?: string
  /** What sudo allows: nothing, everything without asking, everything after the user's own password. */
  readonly sudo: 'none' | 'nopasswd' | 'password'
}

/** A file of an image or of a package; it is root's. */
export interface ImageFile {
  readonly path: string
  readonly content: Uint8Array
  readonly mode: number
}

/** What a node is made from: the machine and the image that it boots. */
export interface NodeSpec {
  readonly name: string
  readonly arch: 'x86_64' | 'aarch64'
  /** Service pack of SLES 15. */
  readonly servicePack: number
  readonly role: 'compute' | 'management'
  /** What HSM says beside its role; a management node without one is a master. */
  readonly subRole?: 'Master' | 'Worker' | 'Storage' | 'UAN'
  readonly os: 'sles'
  readonly users: readonly NodeUser[]
  /** Packages baked into the image: they survive a reboot. */
  readonly imagePackages: readonly string[]
  /** Files that every image of this node has, beside those of its packages. */
  readonly files?: readonly ImageFile[]
  /** Each boot makes a new host key, as booted images do; absent: the key is kept. */
  readonly newHostKeyAtBoot?: true
  /** How long a reboot refuses connections; 0 when absent. */
  readonly bootMilliseconds?: number
}

/** An image that a node has to boot, and what is baked into it. */
export interface BootImage {
  /** Its id in IMS. */
  readonly image: string
  readonly arch: NodeSpec['arch']
  readonly packages: readonly string[]
  /** Public keys in root's authorized_keys, beside those that every image of the lab has. */
  readonly rootKeys: readonly string[]
  readonly servicePack: number
  /** The command line of the kernel. */
  readonly parameters: string
}

/** How a command of a node ended. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Something wrong with a node. Faults of different kinds add up; a second one of a kind replaces the first. */
export type NodeFault =
  /** Every command begins this much later. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Commands are taken and never answered. */
  | { readonly kind: 'hang' }
  /** The next connections end before the server says who it is. */
  | { readonly kind: 'drop-before-banner'; readonly times: number }
  /** Connections that stand are cut in the middle of the next commands. */
  | { readonly kind: 'drop-in-command'; readonly times: number }
  | { readonly kind: 'full-disk' }
  | { readonly kind: 'read-only' }
  /** Another process holds zypper's lock. */
  | { readonly kind: 'zypper-lock' }
  /** Repositories whose URL contains the text do not answer this node; absent: none does. */
  | { readonly kind: 'repository-dead'; readonly url?: string }
  /** sudo refuses: no password is right, a terminal is demanded, or no rule names the user. */
  | { readonly kind: 'sudo'; readonly refuses: 'password' | 'no-terminal' | 'user' }
  /** The login shell prints this before each command. */
  | { readonly kind: 'noisy-login'; readonly text: string }
  /** From now on another host key is shown. */
  | { readonly kind: 'host-key' }
  /** Its next boots get no further than the firmware. */
  | { readonly kind: 'no-boot' }
  /** It boots what it came up from at first, whatever is ordered. */
  | { readonly kind: 'wrong-image' }
  /** Its BMC does not answer: whether it has power is not known. */
  | { readonly kind: 'no-bmc' }

/** What `trueup lab status` shows of a node. */
export interface NodeSnapshot {
  readonly name: string
  readonly arch: string
  readonly servicePack: number
  readonly role: string
  readonly power: 'on' | 'off'
  readonly bootId: string
  readonly port: number
  /** Aliases in /etc/zypp/repos.d, sorted. */
  readonly repositories: readonly string[]
  /** Installed packages that are not in the image, sorted. */
  readonly addedPackages: readonly string[]
  readonly faults: readonly NodeFault[]
  /** Connections open now, and commands run since it was started. */
  readonly connections: number
  readonly commands: number
}

/** A node of the rehearsal lab: an SSH server on 127.0.0.1 with a machine of its own behind it. */
export interface LabNode {
  readonly spec: NodeSpec
  readonly power: 'on' | 'off'
  /** Whether its system is up: it has power, and its boot did not fail. */
  readonly up: boolean
  /** As /proc/sys/kernel/random/boot_id; another one after each boot. */
  readonly bootId: string
  /** What it has booted: by the lab's clock, and the image unless it is the node's first one. */
  readonly booted: { readonly at: number; readonly image: BootImage | null }
  /** The same for the node's whole life. */
  readonly port: number
  /** Public host key as known_hosts has it: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string
  /** Runs a command as the simulated services' own ssh would, after a login as `user`. Rejects when the power is off. */
  run(
    command: string,
    options: { readonly user: string; readonly stdin?: string },
  ): Promise<CommandResult>
  /** The user's authorized_keys as it would count at a login: empty when the file is missing or its modes make sshd ignore it. */
  authorizedKeys(user: string): Promise<string>
  /** Boots the image again: whatever is not in it is gone, connections drop. */
  reboot(): Promise<void>
  powerOff(): Promise<void>
  /** Boots this image, under a new host key; without one it boots what it booted last. */
  powerOn(image?: BootImage): Promise<void>
  /** Adds a fault; `null` takes all away. */
  fault(fault: NodeFault | null): void
  snapshot(): NodeSnapshot
  /** Ends the server and its connections for good. */
  close(): Promise<void>
}

/** A package as a repository offers it. */
export interface RepositoryPackage {
  readonly name: string
  /** `4.4.4-150500.3.5.1`. */
  readonly version: string
  readonly arch: 'x86_64' | 'aarch64' | 'noarch'
  readonly summary?: string
  readonly requires?: readonly string[]
  /** Paths that appear when it is installed, executable where they lie in a `bin` folder. */
  readonly files?: readonly string[]
  /** What is in those of them whose content matters. */
  readonly contents?: readonly ImageFile[]
  readonly signed?: boolean
  /** What is wrong with it: its download answers 404, its %post script fails (it is installed all the same), or its %pre script. */
  readonly broken?: 'download' | 'post' | 'pre'
}
/** What stands behind a repository's URL. */
export type RepositoryContent =
  | {
      readonly state: 'served'
      readonly signature: 'trusted' | 'untrusted' | 'none'
      readonly packages: readonly RepositoryPackage[]
    }
  /** It refuses connections, or has no such path. */
  | { readonly state: 'dead' }
  | { readonly state: 'missing' }

/** What kubectl on a management node can read. */
export interface KubernetesState {
  configMap(namespace: string, name: string): Readonly<Record<string, string>> | undefined
  /** Decoded: kubectl shows its values in base64. */
  secret(namespace: string, name: string): Readonly<Record<string, string>> | undefined
  /** The objects of a kind, as the API lists them now. */
  list(kind: string): readonly ApiObject[]
  /** Writes an object in the place of the one of its name. */
  write(object: ApiObject, manager: string): ApiObject
  remove(object: ApiObject): void
}

/** What the commands of a node may ask of the rest of the lab. */
export interface World {
  readonly kubernetes: KubernetesState
  /** `url` as the repository file has it, macros expanded, without a trailing slash. */
  repository(url: string): RepositoryContent
  /** A package that a user has added to the lab, wherever it is offered. */
  addedPackage?(name: string): RepositoryPackage | undefined
  node(name: string): LabNode | undefined
  /** The storage cluster; it outlives every node. */
  readonly ceph: CephCluster
  /** The workload manager; absent where the system has none. */
  readonly slurm?: SlurmCluster
  /** A node's address on the node management network. */
  address(name: string): string
  /** PEM of the authority that signs the certificates of the system. */
  authority?(): string
  /** The address behind a name, as the name service of the system gives it. */
  resolve?(name: string): string | null
  /** Called with the host key that a boot has made, before a client can connect. */
  newHostKey?(name: string, hostKey: string): void
  /** Where a forwarded connection leads: a loopback port of the lab (another node's for `x3000c0s1b0n0:22`), or null for a refusal. */
  route(host: string, port: number): number | null
}

/** The public keys that the image lets in, for root and every user. */
export interface NodeKeys {
  readonly authorizedKeys: readonly string[]
}

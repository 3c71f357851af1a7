/** The releases whose differences the lab knows. */
export const releases = ['1.5', '1.6.0', '1.6', '1.7'] as const

export type Release = (typeof releases)[number]

/** What a command on a machine answered. */
export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** What a node has to boot. */
export interface BootOrder {
  /** Id of the image in IMS. */
  readonly image: string
  readonly arch: 'x86_64' | 'aarch64'
  readonly packages: readonly string[]
  readonly rootKeys: readonly string[]
  readonly servicePack: number
  /** The command line of the kernel. */
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

/** What has power that a controller switches. */
export interface Power {
  /** Power, as its controller says it. */
  powered(): boolean
  powerOn(order?: BootOrder): Promise<void>
  powerOff(): Promise<void>
  /** Whether its controller cannot be reached. */
  unreachable(): boolean
}

/** A node's machine as the services see it from outside; without an order it boots what it booted last. */
export interface Machine extends Power {
  /** Whether its operating system is up: heartbeat and sshd. */
  ready(): boolean
  /** Whether its sshd would let this public key (`type base64`) in as root. */
  admitsRoot(publicKey: string): Promise<boolean>
  /** Runs a shell command as root. */
  run(command: string): Promise<Ran>
  booted(): Booted
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

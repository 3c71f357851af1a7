import { randomUUID } from 'node:crypto'
import type { Component } from '../system-model.ts'

/** What cloud-init is given; the lab keeps it and does nothing with it. */
export interface CloudInit {
  readonly 'meta-data': Readonly<Record<string, unknown>> | null
  readonly 'user-data': Readonly<Record<string, unknown>> | null
  readonly 'phone-home': Readonly<Record<string, string>>
}

/** What one name has to boot: an xname, a role, `Default`, or a MAC address that HSM does not know. */
export interface BootRecord {
  readonly params: string
  /** The path of an image; empty where the record names none. */
  readonly kernel: string
  readonly initrd: string
  readonly cloudInit: CloudInit
}

/** What BSS remembers. */
export interface BssState {
  readonly records: Map<string, BootRecord>
  /** Parameters of kernels and initrds, by their paths: each path that a record has named is one of them. */
  readonly kernels: Map<string, string>
  readonly initrds: Map<string, string>
}

/** The cloud-init of a record that was given none. */
export const noCloudInit: CloudInit = {
  'meta-data': null,
  'user-data': null,
  'phone-home': {
    pub_key_dsa: '',
    pub_key_rsa: '',
    pub_key_ecdsa: '',
    instance_id: '',
    hostname: '',
    fqdn: '',
  },
}

/** What BSS holds after an installation: the management nodes boot an image of CSM, and other nodes have nothing yet. */
export function newBss(components: readonly Component[]): BssState {
  const state: BssState = { records: new Map(), kernels: new Map(), initrds: new Map() }
  const image = randomUUID()
  for (const { xname, role, aliases } of components) {
    if (role !== 'Management') continue
    keep(state, [xname], {
      params: `console=tty0 console=ttyS0,115200 rd.luks=0 rd.md=0 metal.no-wipe=1 metal.server=s3://boot-images/${image}/rootfs root=live:LABEL=SQFSRAID rd.live.overlay.reset=0 hostname=${aliases[0]}`,
      kernel: `s3://boot-images/${image}/kernel`,
      initrd: `s3://boot-images/${image}/initrd`,
      cloudInit: { ...noCloudInit, 'meta-data': { 'local-hostname': aliases[0] } },
    })
  }
  return state
}

/** Keeps a record under each of these names, in the place of what was there. */
export function keep(state: BssState, names: readonly string[], record: BootRecord): void {
  for (const [paths, path] of [
    [state.kernels, record.kernel],
    [state.initrds, record.initrd],
  ] as const)
    if (path !== '' && !paths.has(path)) paths.set(path, '')
  for (const name of names) state.records.set(name, record)
}

/** Forgets a kernel or an initrd; records that named it name none. */
export function forgetImage(state: BssState, kind: 'kernel' | 'initrd', path: string): void {
  const paths = kind === 'kernel' ? state.kernels : state.initrds
  if (!paths.delete(path)) return
  for (const [name, record] of state.records)
    if (record[kind] === path) state.records.set(name, { ...record, [kind]: '' })
}

/** The paths in the order in which BSS lists them: by the hash under which it keeps each. */
export function inStoredOrder(paths: Iterable<string>): readonly string[] {
  return [...paths]
    .map((path) => [hashOf(path), path] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => path)
}

// FNV-1a with 64 bits, in hexadecimal digits without leading zeros.
function hashOf(path: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(path))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16)
}

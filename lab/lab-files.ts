import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { removeCrayFiles } from './cray-files.ts'
import { gatewayName, type Gateway } from './csm/gateway.ts'
import type { ServiceTable } from './csm/service-route.ts'
import type { LabNode } from './node/node-model.ts'

/** The files that a lab writes, so that a run can reach it. */
export interface LabFiles {
  readonly knownHosts: string
  readonly key: string
  readonly authority: string
  readonly connections: string
}

/** Where a lab's files lie in its folder. */
export function labFiles(folder: string): LabFiles {
  return {
    knownHosts: join(folder, 'known_hosts'),
    key: join(folder, 'id_ed25519'),
    authority: join(folder, 'ca.pem'),
    connections: join(folder, 'connections.yaml'),
  }
}

/** Makes the folder for its owner alone; says whether it was missing. */
export function makeFolder(folder: string): boolean {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined
  if (made) chmodSync(folder, 0o700)
  return made
}

/** Writes everything that is known once nodes and gateway listen. */
export function writeFiles(
  folder: string,
  parts: {
    readonly nodes: Iterable<LabNode>
    readonly gateway: Gateway
    readonly privateKey: string
    readonly keepsKnownHosts: boolean
    /** Groups that added nodes belong to. */
    readonly groups?: ReadonlyMap<string, readonly string[]>
  },
): void {
  const files = labFiles(folder)
  const nodes = [...parts.nodes]
  writeFileSync(files.key, parts.privateKey, { mode: 0o600 })
  writeFileSync(files.authority, parts.gateway.authority, { mode: 0o644 })
  writeFileSync(
    files.knownHosts,
    nodes.map((node) => `[127.0.0.1]:${node.port} ${node.hostKey}\n`).join(''),
    { mode: 0o600 },
  )
  writeFileSync(files.connections, connectionsText(files, { ...parts, nodes }), {
    mode: 0o600,
  })
}

/** Has known_hosts know a node by another key, as sites do that collect the keys of what they boot. */
export function replaceHostKey(folder: string, port: number, hostKey: string): void {
  const { knownHosts } = labFiles(folder)
  const others = readFileSync(knownHosts, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(`[127.0.0.1]:${port} `))
  // A reader sees the old file or the new one, never a part.
  writeFileSync(`${knownHosts}.new`, [...others, `[127.0.0.1]:${port} ${hostKey}`, ''].join('\n'), {
    mode: 0o600,
  })
  renameSync(`${knownHosts}.new`, knownHosts)
}

/** Removes the lab's files, and the folder with them where the lab made it and nothing else lies in it. */
export function removeFiles(folder: string, madeFolder: boolean): void {
  for (const file of Object.values(labFiles(folder))) rmSync(file, { force: true })
  removeCrayFiles(folder)
  if (!madeFolder) return
  try {
    rmdirSync(folder)
  } catch {
    // A user keeps files of their own there: they stay.
  }
}

// JSON's texts are YAML's, whatever a path contains.
function connectionsText(
  files: LabFiles,
  {
    nodes,
    gateway,
    keepsKnownHosts,
    groups = new Map(),
  }: {
    readonly nodes: readonly LabNode[]
    readonly gateway: Gateway
    readonly keepsKnownHosts: boolean
    readonly groups?: ReadonlyMap<string, readonly string[]>
  },
): string {
  return [
    '# Where this rehearsal lab listens. Written when it was raised, gone when it is taken down: give it after inventory/lab.yaml.',
    'address: 127.0.0.1',
    'user: root',
    `key_files: [${JSON.stringify(files.key)}]`,
    `known_hosts_file: ${JSON.stringify(files.knownHosts)}`,
    `host_keys: ${keepsKnownHosts ? 'strict' : 'new-after-boot'}`,
    'hosts:',
    ...nodes.map((node) => `  ${node.spec.name}: { port: ${node.port} }`),
    '',
    ...(groups.size > 0 ? ['groups:'] : []),
    ...[...groups].map(([group, names]) => `  ${group}: { hosts: [${names.join(', ')}] }`),
    'services:',
    ...gateway.services
      .filter((service) => service.prefix.startsWith('/apis/') || service.token !== undefined)
      .flatMap((service) => [
        `  ${service.name}:`,
        `    url: https://${addressOf(service)}${service.prefix}`,
        `    via: ${management(nodes)}`,
        `    token: ${service.token ?? '{ from: admin-client-auth }'}`,
        `    ca: ${JSON.stringify(files.authority)}`,
      ]),
    '',
  ].join('\n')
}

function addressOf({ host = gatewayName, port }: ServiceTable): string {
  return port === undefined ? host : `${host}:${port}`
}

// Any node leads to the gateway; the secret for a token is where kubectl is.
function management(nodes: readonly LabNode[]): string {
  return (
    (nodes.find((node) => node.spec.role === 'management') ?? nodes[0])?.spec.name ?? 'localhost'
  )
}

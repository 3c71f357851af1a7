import ssh2, { type Client, type ConnectConfig } from 'ssh2'
import { makeCeph } from '../ceph/ceph-cluster.ts'
import { kubernetesState } from '../kubernetes/kubernetes-api.ts'
import { makeCluster, type KubernetesObject } from '../kubernetes/kubernetes-cluster.ts'
import { poolPackages } from '../commands/package-catalog.ts'
import { startNode } from './start-node.ts'
import type { LabNode, NodeSpec, RepositoryContent, World } from './node-model.ts'

const imsKey: KubernetesObject = {
  kind: 'ConfigMap',
  namespace: 'services',
  name: 'cray-ims-remote-keys',
  data: { public_key: 'ecdsa-sha2-nistp384 AAAA\n' },
}
const clientSecret: KubernetesObject = {
  kind: 'Secret',
  namespace: 'default',
  name: 'admin-client-auth',
  data: { 'client-secret': 's3cret' },
}

/** A world of one node: the two pools of the procedure, the ConfigMap, and repositories with faults. */
function smallWorld(change: Partial<World> = {}): World {
  const cluster = { ...makeCluster('1.6'), objects: [imsKey, clientSecret] }
  return {
    kubernetes: kubernetesState(() => cluster),
    repository(url): RepositoryContent {
      const pool = /SUSE-SLE-Module-(\w+)-15-SP(\d)-(x86_64|aarch64)-Pool$/.exec(url)
      if (pool)
        return {
          state: 'served',
          signature: 'trusted',
          packages: poolPackages(pool[1]!, Number(pool[2]), pool[3] as 'x86_64' | 'aarch64'),
        }
      if (url.endsWith('/unsigned'))
        return {
          state: 'served',
          signature: 'none',
          packages: [{ name: 'tool', version: '1.0-1', arch: 'noarch', files: ['/usr/bin/tool'] }],
        }
      if (url.endsWith('/odd')) {
        return {
          state: 'served',
          signature: 'trusted',
          packages: [
            { name: 'gone', version: '1-1', arch: 'noarch', broken: 'download' },
            { name: 'late', version: '1-1', arch: 'noarch', broken: 'post' },
            { name: 'needy', version: '1-1', arch: 'noarch', requires: ['nothing-has-it'] },
            { name: 'foreign', version: '1-1', arch: 'aarch64' },
          ],
        }
      }
      return { state: 'dead' }
    },
    node: () => undefined,
    ceph: makeCeph(Date.now),
    address: () => '10.252.2.7',
    route: () => null,
    ...change,
  }
}

/** A compute node with an admin who must give a password, one who need not, and one whom sudo does not know. */
function benchSpec(change: Partial<NodeSpec> = {}): NodeSpec {
  return {
    name: 'x3000c0s19b4n0',
    arch: 'x86_64',
    servicePack: 5,
    role: 'compute',
    os: 'sles',
    imagePackages: [],
    users: [
      { name: 'admin', password: 'secret', sudo: 'password' },
      { name: 'ops', password: 'secret', sudo: 'nopasswd' },
      { name: 'guest', password: 'secret', sudo: 'none' },
    ],
    ...change,
  }
}

const open: LabNode[] = []

/** Starts a node that `closeBench` ends. */
export async function bench(
  change: Partial<NodeSpec> = {},
  world: Partial<World> = {},
  authorizedKeys: readonly string[] = [],
): Promise<LabNode> {
  const node = await startNode(benchSpec(change), smallWorld(world), { authorizedKeys })
  open.push(node)
  return node
}

/** Ends the nodes of a test. */
export async function closeBench(): Promise<void> {
  for (const node of open.splice(0)) await node.close()
}

/** A login over SSH; rejects when the node refuses it. */
export function login(node: LabNode, config: ConnectConfig): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('ready', () => {
      client.on('error', () => {})
      resolve(client)
    })
    client.on('error', reject)
    client.connect({ host: '127.0.0.1', port: node.port, ...config })
  })
}

/** What a command over SSH printed; its input stays open unless it is ended. */
export function remote(
  client: Client,
  command: string,
  input: readonly (string | Buffer)[] = [],
  end = true,
): Promise<{ stdout: string; stderr: string; code: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error)
      let stdout = ''
      let stderr = ''
      let code: number | null = null
      let signal: string | null = null
      channel.on('data', (bytes: Buffer) => (stdout += bytes.toString('utf8')))
      channel.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString('utf8')))
      channel.on('exit', (status: number | null, name?: string) => {
        code = status
        signal = name ?? null
      })
      channel.on('close', () => resolve({ stdout, stderr, code, signal }))
      for (const part of input) channel.write(part)
      if (end) channel.end()
    })
  })
}

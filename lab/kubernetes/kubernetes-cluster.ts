import { generateKeyPairSync, randomUUID } from 'node:crypto'
import ssh2 from 'ssh2'
import type { Release } from '../csm/system-model.ts'
import type { ApiObject } from './api-object.ts'
import { catalogData, type CatalogFault } from './product-catalog.ts'
import { initialWorkloads, installedAt, type Rollouts } from './workloads.ts'

/** A ConfigMap or a secret: named texts in a namespace. Those of a secret are kept decoded. */
export interface KubernetesObject {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
  readonly data: Readonly<Record<string, string>>
  readonly resourceVersion?: string
  readonly uid?: string
  /** When it was made, as the API writes it. */
  readonly created?: string
}

/** What the simulated Kubernetes holds, in the order in which it was made. */
export interface Cluster {
  objects: readonly KubernetesObject[]
  /** Everything else that its API serves. */
  workloads: readonly ApiObject[]
  /** When the newest template of a workload was written, by its uid. */
  rollouts: Rollouts
  /** Counts the writes: the newest resourceVersion. */
  version: number
}

/** The objects of a fresh system: IMS's keys in both namespaces, the product catalog, and the secrets that procedures read. */
export function makeCluster(release: Release): Cluster {
  const objects = installedObjects(release).map((each) => ({
    ...each,
    uid: randomUUID(),
    created: installedAt,
  }))
  return { workloads: initialWorkloads(), rollouts: new Map(), version: 1, objects }
}

function installedObjects(release: Release): readonly KubernetesObject[] {
  const keys = imsKeys()
  return [
    { kind: 'ConfigMap', namespace: 'services', name: 'cray-ims-remote-keys', data: keys },
    { kind: 'ConfigMap', namespace: 'ims', name: 'cray-ims-remote-keys', data: keys },
    {
      kind: 'ConfigMap',
      namespace: 'services',
      name: 'cray-product-catalog',
      data: catalogData(release),
    },
    {
      kind: 'Secret',
      namespace: 'default',
      name: 'admin-client-auth',
      data: { 'client-secret': randomUUID() },
    },
    {
      kind: 'Secret',
      namespace: 'services',
      name: 'vcs-user-credentials',
      data: { vcs_username: 'crayvcs', vcs_password: randomUUID() },
    },
    {
      kind: 'Secret',
      namespace: 'services',
      name: 'hpe-signing-key',
      data: {
        'gpg-pubkey':
          '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nThe lab signs nothing.\n-----END PGP PUBLIC KEY BLOCK-----\n',
      },
    },
    {
      kind: 'Secret',
      namespace: 'services',
      name: 'ims-s3-credentials',
      data: {
        access_key: randomUUID().replaceAll('-', '').slice(0, 20).toUpperCase(),
        secret_key: randomUUID() + randomUUID(),
        s3_endpoint: 'https://rgw-vip.nmn',
      },
    },
    {
      kind: 'Secret',
      namespace: 'vault',
      name: 'cray-vault-unseal-keys',
      data: { 'vault-root': `s.${randomUUID().replaceAll('-', '')}` },
    },
  ]
}

/** An object by kind, namespace and name. */
export function findObject(
  cluster: Cluster,
  kind: KubernetesObject['kind'],
  namespace: string,
  name: string,
): KubernetesObject | undefined {
  return cluster.objects.find(
    (object) => object.kind === kind && object.namespace === namespace && object.name === name,
  )
}

/** One text of an object; throws where a lab was raised without it. */
export function textOf(
  cluster: Cluster,
  kind: KubernetesObject['kind'],
  namespace: string,
  name: string,
  key: string,
): string {
  const text = findObject(cluster, kind, namespace, name)?.data[key]
  if (text === undefined)
    throw new Error(`the lab's cluster has no ${kind} ${namespace}/${name} with the key ${key}`)
  return text
}

/** New keys for IMS in both namespaces, as when Vault's key is rotated: nodes that hold the old one refuse IMS from then on. */
export function rotateImsKeys(cluster: Cluster): void {
  setData(cluster, 'cray-ims-remote-keys', imsKeys())
}

/** The product catalog as it should be, or with trouble. */
export function setCatalog(cluster: Cluster, release: Release, fault: CatalogFault | null): void {
  setData(cluster, 'cray-product-catalog', catalogData(release, fault))
}

function setData(cluster: Cluster, name: string, data: KubernetesObject['data']): void {
  cluster.version += 1
  const resourceVersion = String(cluster.version)
  cluster.objects = cluster.objects.map((object) =>
    object.name === name ? { ...object, data, resourceVersion } : object,
  )
}

function imsKeys(): Record<string, string> {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  })
  const read = ssh2.utils.parseKey(pair.privateKey)
  if (read instanceof Error) throw read
  const blob = read.getPublicSSH().toString('base64')
  return {
    // A certificate takes a signing authority that the lab does not play: its place holds a text of the same shape.
    certificate: `ecdsa-sha2-nistp384-cert-v01@openssh.com ${blob}\n`,
    private_key: pair.privateKey,
    public_key: `ecdsa-sha2-nistp384 ${blob}\n`,
  }
}

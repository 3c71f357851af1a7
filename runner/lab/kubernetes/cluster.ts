import { generateKeyPairSync, randomUUID } from 'node:crypto'
import ssh2 from 'ssh2'
import type { Release } from '../csm/system.ts'

/** A ConfigMap or a secret: named texts in a namespace. Those of a secret are kept decoded. */
export interface KubernetesObject {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
  readonly data: Readonly<Record<string, string>>
}

/** What the simulated Kubernetes holds, in the order in which it was made. */
export interface Cluster {
  objects: readonly KubernetesObject[]
}

/** The objects of a fresh system: IMS's keys in both namespaces, the product catalog, and the admin client's secret. */
export function makeCluster(release: Release): Cluster {
  const keys = imsKeys()
  return {
    objects: [
      { kind: 'ConfigMap', namespace: 'services', name: 'cray-ims-remote-keys', data: keys },
      { kind: 'ConfigMap', namespace: 'ims', name: 'cray-ims-remote-keys', data: keys },
      { kind: 'ConfigMap', namespace: 'services', name: 'cray-product-catalog', data: { csm: catalog(release) } },
      { kind: 'Secret', namespace: 'default', name: 'admin-client-auth', data: { 'client-secret': randomUUID() } },
    ],
  }
}

/** An object by kind, namespace and name. */
export function findObject(cluster: Cluster, kind: KubernetesObject['kind'], namespace: string, name: string): KubernetesObject | undefined {
  return cluster.objects.find((object) => object.kind === kind && object.namespace === namespace && object.name === name)
}

/** One text of an object; throws where a lab was raised without it. */
export function textOf(cluster: Cluster, kind: KubernetesObject['kind'], namespace: string, name: string, key: string): string {
  const text = findObject(cluster, kind, namespace, name)?.data[key]
  if (text === undefined) throw new Error(`the lab's cluster has no ${kind} ${namespace}/${name} with the key ${key}`)
  return text
}

/** New keys for IMS in both namespaces, as when Vault's key is rotated: nodes that hold the old one refuse IMS from then on. */
export function rotateImsKeys(cluster: Cluster): void {
  const keys = imsKeys()
  cluster.objects = cluster.objects.map((object) => (object.name === 'cray-ims-remote-keys' ? { ...object, data: keys } : object))
}

function imsKeys(): Record<string, string> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-384', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'sec1', format: 'pem' } })
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

const commits: Readonly<Record<Release, { csm: string; configuration: string; image: string; commit: string }>> = {
  '1.5': { csm: '1.5.1', configuration: '1.16.28', image: '1.5-5.2.55', commit: '545dd8f97645ee6882a8cef2f7dfdf25a63c1d8e' },
  '1.6.0': { csm: '1.6.0', configuration: '1.27.2', image: '1.6-6.2.25', commit: '0c1a5fd3a4e3a1c7b6c0f0d6a0cf4a9be3ab1f27' },
  '1.6': { csm: '1.6.1', configuration: '1.28.0', image: '1.6-6.2.25', commit: '7be2a6a1f4a24a5b3c41fdc21b1d9b3cfb1d4f60' },
  '1.7': { csm: '1.7.0', configuration: '1.50.3', image: '1.7-7.1.37', commit: '2d9f0b8c6f1e4a7d9b3c5e8f7a6b5c4d3e2f1a09' },
}

function catalog(release: Release): string {
  const { csm, configuration, image, commit } = commits[release]
  return [
    `${csm}:`,
    '  configuration:',
    '    clone_url: https://vcs.cmn.lab.local/vcs/cray/csm-config-management.git',
    `    commit: ${commit}`,
    `    import_branch: cray/csm/${configuration}`,
    '    import_date: 2024-03-22 12:47:14.937124',
    '    ssh_url: git@vcs.cmn.lab.local:cray/csm-config-management.git',
    '  images:',
    `    compute-csm-${image}-aarch64:`,
    '      id: 02c18757-b546-4a9f-9eae-891928bbbbb9',
    `    compute-csm-${image}-x86_64:`,
    '      id: f6d9cfc7-9291-4c46-8350-c252b919d396',
    '  recipes: {}',
    '',
  ].join('\n')
}

import { randomUUID } from 'node:crypto'
import type { ApiObject, ManagedFields } from './api-object.ts'
import type { KubernetesState } from '../node/node-model.ts'
import { findObject, type Cluster, type KubernetesObject } from './kubernetes-cluster.ts'
import { isWorkload, reconciledPods, withStatus } from './workloads.ts'

/** A cluster as the nodes see it, looked up when it is asked. */
export function kubernetesState(cluster: () => Cluster): KubernetesState {
  return {
    configMap: (namespace, name) => findObject(cluster(), 'ConfigMap', namespace, name)?.data,
    secret: (namespace, name) => findObject(cluster(), 'Secret', namespace, name)?.data,
    list: (kind) => listObjects(cluster(), kind),
    write: (object, manager) => writeObject(cluster(), object, manager),
    remove: (object) => removeObject(cluster(), object),
  }
}

/** The objects of a kind as the API lists them now: controllers have done their work. */
function listObjects(cluster: Cluster, kind: string): readonly ApiObject[] {
  const now = Date.now()
  const pods = reconciledPods(cluster.workloads, cluster.rollouts, now)
  cluster.workloads = [...cluster.workloads.filter((each) => each.kind !== 'Pod'), ...pods]
  if (kind === 'ConfigMap' || kind === 'Secret')
    return cluster.objects.filter((each) => each.kind === kind).map(asApiObject)
  return cluster.workloads
    .filter((each) => each.kind === kind)
    .map((each) => withStatus(each, pods, cluster.rollouts, now))
}

/** Writes an object in the place of the one of its name, and gives it as it is stored. `manager` set the fields that differ. */
function writeObject(cluster: Cluster, object: ApiObject, manager: string): ApiObject {
  cluster.version += 1
  const resourceVersion = String(cluster.version)
  if (object.kind === 'ConfigMap' || object.kind === 'Secret') {
    const given = asStored(object)
    const held = cluster.objects.find((each) => isNamed(each, given))
    const stored = {
      ...given,
      resourceVersion,
      uid: held?.uid ?? randomUUID(),
      created: held?.created ?? timestamp(),
    }
    cluster.objects = [...cluster.objects.filter((each) => !isNamed(each, stored)), stored]
    return asApiObject(stored)
  }
  const old = cluster.workloads.find((each) => isSame(each, object))
  const hasNewSpec = JSON.stringify(old?.['spec']) !== JSON.stringify(object['spec'])
  const written: ApiObject = {
    ...object,
    metadata: {
      ...object.metadata,
      uid: old?.metadata.uid ?? randomUUID(),
      creationTimestamp: old?.metadata.creationTimestamp ?? timestamp(),
      generation: (old?.metadata.generation ?? 0) + (hasNewSpec ? 1 : 0),
      resourceVersion,
      managedFields: managersOf(old, manager, object),
    },
  }
  if (isWorkload(written) && templateText(old) !== templateText(written))
    cluster.rollouts = new Map([...cluster.rollouts, [written.metadata.uid!, Date.now()]])
  cluster.workloads = [...cluster.workloads.filter((each) => !isSame(each, object)), written]
  return written
}

// The API writes whole seconds.
function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Removes an object; a workload takes its pods with it. */
function removeObject(cluster: Cluster, object: ApiObject): void {
  cluster.version += 1
  cluster.objects = cluster.objects.filter((each) => !isSame(asApiObject(each), object))
  cluster.workloads = cluster.workloads.filter((each) => !isSame(each, object))
}

function asApiObject(stored: KubernetesObject): ApiObject {
  const { kind, namespace, name, data, resourceVersion = '1', uid, created } = stored
  return {
    apiVersion: 'v1',
    data: Object.fromEntries(
      Object.keys(data)
        .sort()
        .map((key) => [
          key,
          kind === 'Secret' ? Buffer.from(data[key]!).toString('base64') : data[key]!,
        ]),
    ),
    kind,
    metadata: {
      name,
      namespace,
      resourceVersion,
      ...(created === undefined ? {} : { creationTimestamp: created }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...(kind === 'Secret' ? { type: 'Opaque' } : {}),
  }
}

function asStored(object: ApiObject): KubernetesObject {
  const given = (object['data'] ?? {}) as Readonly<Record<string, string>>
  const plain = (object['stringData'] ?? {}) as Readonly<Record<string, string>>
  const data =
    object.kind === 'Secret'
      ? Object.fromEntries(
          Object.entries(given).map(([key, text]) => [
            key,
            Buffer.from(text, 'base64').toString('utf8'),
          ]),
        )
      : given
  return {
    kind: object.kind as KubernetesObject['kind'],
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    data: { ...data, ...plain },
  }
}

function isNamed(each: KubernetesObject, other: KubernetesObject): boolean {
  return each.kind === other.kind && each.namespace === other.namespace && each.name === other.name
}

function isSame(each: ApiObject, other: ApiObject): boolean {
  return (
    each.kind === other.kind &&
    each.metadata.name === other.metadata.name &&
    each.metadata.namespace === other.metadata.namespace
  )
}

function templateText(object: ApiObject | undefined): string {
  return JSON.stringify((object?.['spec'] as { template?: unknown } | undefined)?.template)
}

/** Each program keeps the fields that it set last. The lab notes the leaves that a write has changed. */
function managersOf(
  old: ApiObject | undefined,
  manager: string,
  written: ApiObject,
): readonly ManagedFields[] {
  const others = (old?.metadata.managedFields ?? []).filter((each) => each.manager !== manager)
  return [
    ...others,
    {
      manager,
      operation: 'Update',
      apiVersion: written.apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: fieldsOf({ spec: written['spec'] }),
    },
  ]
}

function fieldsOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([key, held]) => [`f:${key}`, fieldsOf(held)]),
  )
}

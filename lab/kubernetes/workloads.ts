import { randomUUID } from 'node:crypto'
import type { ApiObject } from './api-object.ts'

/** Seconds that the pods of a rollout take to be replaced. */
const rolloutSeconds = 1
/** When the system was installed. */
export const installedAt = '2026-09-01T08:00:00Z'

/** What runs in a fresh system: its nodes, and as many of CSM's workloads as procedures look at. */
export function initialWorkloads(): readonly ApiObject[] {
  return [
    ...['default', 'kube-system', 'services', 'ims', 'vault'].map((name) =>
      object('v1', 'Namespace', null, name, { status: { phase: 'Active' } }),
    ),
    ...['ncn-m001', 'ncn-m002', 'ncn-m003'].map((name) => node(name, 'control-plane')),
    ...['ncn-w001', 'ncn-w002'].map((name) => node(name, null)),
    ...['cray-bos', 'cray-cfs-api', 'cray-ims', 'cray-sls', 'cray-smd'].map((name) =>
      workload('Deployment', 'services', name, 2),
    ),
    workload('Deployment', 'services', 'cray-dns-unbound', 3),
    workload('Deployment', 'services', 'cray-console-operator', 1, { hasEmptyDir: true }),
    workload('StatefulSet', 'vault', 'cray-vault', 3),
    workload('DaemonSet', 'kube-system', 'kube-proxy', 0),
    cronJob('services', 'cray-dns-unbound-manager', '*/3 * * * *'),
    cronJob('services', 'hms-discovery', '*/3 * * * *'),
  ]
}

function object(
  apiVersion: string,
  kind: string,
  namespace: string | null,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): ApiObject {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === null ? {} : { namespace }),
      uid: randomUUID(),
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: installedAt,
    },
    ...fields,
  }
}

function node(name: string, role: string | null): ApiObject {
  const made = object('v1', 'Node', null, name, {
    spec: role === null ? {} : { taints: [{ effect: 'NoSchedule', key: taintOfMasters }] },
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      nodeInfo: { kubeletVersion: 'v1.24.17' },
    },
  })
  const labels = {
    'kubernetes.io/hostname': name,
    ...(role === null ? {} : { [`node-role.kubernetes.io/${role}`]: '' }),
  }
  return { ...made, metadata: { ...made.metadata, labels } }
}

const taintOfMasters = 'node-role.kubernetes.io/master'

function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  namespace: string,
  name: string,
  replicas: number,
  { hasEmptyDir = false }: { readonly hasEmptyDir?: boolean } = {},
): ApiObject {
  const labels = { 'app.kubernetes.io/name': name }
  return object('apps/v1', kind, namespace, name, {
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name, image: `artifactory.algol60.net/csm-docker/stable/${name}` }],
          ...(hasEmptyDir ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}),
        },
      },
    },
  })
}

function cronJob(namespace: string, name: string, schedule: string): ApiObject {
  return object('batch/v1', 'CronJob', namespace, name, {
    spec: { schedule, suspend: false, concurrencyPolicy: 'Forbid' },
    status: { lastScheduleTime: installedAt },
  })
}

/** When the newest template of a workload was written, by its uid: in milliseconds. */
export type Rollouts = ReadonlyMap<string, number>

/**
 * The pods that controllers have made by now: each workload has as many as it wants, of its newest template once a rollout has
 * taken its time, on nodes that take pods. Pods that are there and fit stay as they are.
 */
export function reconciledPods(
  objects: readonly ApiObject[],
  rollouts: Rollouts,
  now: number,
): readonly ApiObject[] {
  const pods = objects.filter(({ kind }) => kind === 'Pod')
  const free = pods.filter(({ metadata }) => metadata.ownerReferences === undefined)
  const nodes = objects.filter(({ kind }) => kind === 'Node')
  const owned = objects.filter(isWorkload).flatMap((owner) => {
    const isDone = isRolledOut(owner, rollouts, now)
    const template = templateOf(owner)
    const held = pods.filter(
      (pod) => isOwnedBy(pod, owner) && (!isDone || pod.metadata.labels!['hash'] === template),
    )
    return podsOf(owner, held, nodes, isDone ? template : null)
  })
  return [...free, ...owned]
}

/** The workload with the status that its controller writes. */
export function withStatus(
  owner: ApiObject,
  pods: readonly ApiObject[],
  rollouts: Rollouts,
  now: number,
): ApiObject {
  if (!isWorkload(owner)) return owner
  const own = pods.filter((pod) => isOwnedBy(pod, owner))
  const ready = own.filter((pod) => (pod['status'] as { phase: string }).phase === 'Running').length
  const updated = isRolledOut(owner, rollouts, now) ? own.length : 0
  const { generation } = owner.metadata
  const status =
    owner.kind === 'DaemonSet'
      ? {
          observedGeneration: generation,
          desiredNumberScheduled: own.length,
          currentNumberScheduled: own.length,
          updatedNumberScheduled: updated,
          numberAvailable: ready,
          numberReady: ready,
          numberMisscheduled: 0,
        }
      : {
          observedGeneration: generation,
          replicas: own.length,
          updatedReplicas: updated,
          ...(owner.kind === 'StatefulSet' ? { currentReplicas: updated } : {}),
          readyReplicas: ready,
          availableReplicas: ready,
          ...(ready < own.length ? { unavailableReplicas: own.length - ready } : {}),
        }
  return { ...owner, status }
}

/** Whether an object makes pods. */
export function isWorkload({ kind }: ApiObject): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet'
}

/** Whether a node takes new pods of ordinary workloads. */
function takesPods(each: ApiObject): boolean {
  const spec = each['spec'] as { unschedulable?: boolean; taints?: readonly { key: string }[] }
  return spec.unschedulable !== true && !spec.taints?.some(({ key }) => key === taintOfMasters)
}

function isRolledOut({ metadata }: ApiObject, rollouts: Rollouts, now: number): boolean {
  const begun = rollouts.get(metadata.uid!)
  return begun === undefined || now - begun >= rolloutSeconds * 1000
}

function isOwnedBy(pod: ApiObject, owner: ApiObject): boolean {
  return (
    pod.metadata.namespace === owner.metadata.namespace &&
    pod.metadata.ownerReferences?.some(
      ({ kind, name }) => name === owner.metadata.name && kind === controllerOf(owner.kind),
    ) === true
  )
}

/** The kind that stands in a pod's reference: a Deployment makes its pods by a ReplicaSet. */
function controllerOf(kind: string): string {
  return kind === 'Deployment' ? 'ReplicaSet' : kind
}

function templateOf(owner: ApiObject): string {
  const { template } = owner['spec'] as {
    template: { metadata: { annotations?: Record<string, string> } }
  }
  let sum = 7
  for (const letter of JSON.stringify(template)) sum = (sum * 31 + letter.charCodeAt(0)) % 0xfffffff
  return sum.toString(36)
}

function podsOf(
  owner: ApiObject,
  held: readonly ApiObject[],
  nodes: readonly ApiObject[],
  template: string | null,
): readonly ApiObject[] {
  if (template === null && held.length > 0) return held
  const hash = template ?? templateOf(owner)
  if (owner.kind === 'DaemonSet')
    return nodes.map(
      ({ metadata }) =>
        held.find((pod) => nodeOf(pod) === metadata.name) ??
        pod(owner, `${owner.metadata.name}-${tail(owner, metadata.name)}`, hash, metadata.name),
    )
  const { replicas } = owner['spec'] as { replicas: number }
  const kept = held.filter((each) => nodeOf(each) !== null).slice(0, replicas)
  const names = new Set(kept.map(({ metadata }) => metadata.name))
  const able = nodes.filter(takesPods).map(({ metadata }) => metadata.name)
  const made: ApiObject[] = []
  for (let i = 0; kept.length + made.length < replicas; i++) {
    const name =
      owner.kind === 'StatefulSet'
        ? `${owner.metadata.name}-${i}`
        : `${owner.metadata.name}-${hash}-${tail(owner, `${hash}${i}`)}`
    if (!names.has(name)) made.push(pod(owner, name, hash, able[i % able.length] ?? null))
  }
  return [...kept, ...made]
}

function tail(owner: ApiObject, text: string): string {
  let sum = 3
  for (const letter of `${owner.metadata.uid}${text}`)
    sum = (sum * 33 + letter.charCodeAt(0)) % 60_466_176
  return sum.toString(36).padStart(5, '0')
}

function nodeOf(each: ApiObject): string | null {
  return (each['spec'] as { nodeName?: string }).nodeName ?? null
}

function pod(owner: ApiObject, name: string, hash: string, on: string | null): ApiObject {
  const { template } = owner['spec'] as {
    template: { metadata: { labels: Record<string, string> }; spec: Record<string, unknown> }
  }
  const isReady = on !== null
  const made = object('v1', 'Pod', owner.metadata.namespace!, name, {
    spec: { ...template.spec, ...(on === null ? {} : { nodeName: on }) },
    status: {
      phase: isReady ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      ...(isReady
        ? {
            containerStatuses: [
              { name: owner.metadata.name, ready: true, restartCount: 0, state: { running: {} } },
            ],
          }
        : {}),
    },
  })
  return {
    ...made,
    metadata: {
      ...made.metadata,
      labels: { ...template.metadata.labels, hash },
      ownerReferences: [{ kind: controllerOf(owner.kind), name: owner.metadata.name }],
    },
  }
}

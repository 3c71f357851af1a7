import type { ApiObject } from '../../kubernetes/api-object.ts'
import { mergePatch } from '../../kubernetes/merge-patch.ts'
import { fail, ok, type Call, type Output, type Parsed } from '../command.ts'
import { findOne, isOutput, targetOf } from './find-objects.ts'

/** `kubectl cordon` and `kubectl uncordon`. */
export function setSchedulable(
  call: Call,
  verb: 'cordon' | 'uncordon',
  operands: readonly string[],
  options: Parsed,
): Output {
  const target = targetOf(['node', ...operands], options)
  if (isOutput(target)) return target
  const node = findOne(call, target)
  if (isOutput(node)) return node
  const isClosed = (node['spec'] as { unschedulable?: boolean }).unschedulable === true
  if (isClosed === (verb === 'cordon')) return ok(`node/${node.metadata.name} already ${verb}ed\n`)
  const patch = { spec: { unschedulable: verb === 'cordon' ? true : null } }
  call.machine.world.kubernetes.write(mergePatch(node, patch) as ApiObject, `kubectl-${verb}`)
  return ok(`node/${node.metadata.name} ${verb}ed\n`)
}

/** `kubectl drain NODE`: closes the node and evicts its pods, or says why it does not. */
export function drainNode(call: Call, operands: readonly string[], options: Parsed): Output {
  const closed = setSchedulable(call, 'cordon', operands, options)
  if (closed.exitCode !== 0) return closed
  const name = operands[0]!
  const { kubernetes } = call.machine.world
  const pods = kubernetes
    .list('Pod')
    .filter((pod) => (pod['spec'] as { nodeName?: string }).nodeName === name)
  const daemons = pods.filter((pod) => ownerOf(pod) === 'DaemonSet')
  const rest = pods.filter((pod) => ownerOf(pod) !== 'DaemonSet')
  const troubles = [
    ...(options.has('ignore-daemonsets')
      ? []
      : said(daemons, 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)')),
    ...(options.has('delete-emptydir-data')
      ? []
      : said(
          rest.filter(hasEmptyDir),
          'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
        )),
    ...(options.has('force')
      ? []
      : said(
          rest.filter((pod) => ownerOf(pod) === undefined),
          'cannot delete Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet (use --force to override)',
        )),
  ]
  if (troubles.length > 0)
    return fail(
      1,
      `error: unable to drain node "${name}", aborting command...\n\nThere are pending nodes to be drained:\n ${name}\n${troubles.join('')}`,
      closed.stdout,
    )
  for (const pod of rest) kubernetes.remove(pod)
  const lines = rest.map(({ metadata }) => `evicting pod ${metadata.namespace}/${metadata.name}\n`)
  const done = rest.map(({ metadata }) => `pod/${metadata.name} evicted\n`)
  return ok(`${String(closed.stdout)}${lines.join('')}${done.join('')}node/${name} drained\n`)
}

function ownerOf({ metadata }: ApiObject): string | undefined {
  return metadata.ownerReferences?.[0]?.kind
}

function hasEmptyDir(pod: ApiObject): boolean {
  const { volumes = [] } = pod['spec'] as { volumes?: readonly { emptyDir?: object }[] }
  return volumes.some((volume) => volume.emptyDir !== undefined)
}

function said(pods: readonly ApiObject[], words: string): readonly string[] {
  const names = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
  return names.length > 0 ? [`${words}: ${names.join(', ')}\n`] : []
}

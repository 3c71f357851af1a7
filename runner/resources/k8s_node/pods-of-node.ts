import { isMap, type ValueMap } from '../../contract/value.ts'
import { podName } from '../kubernetes.ts'
import { mapsAt, textAt } from '../service-answers.ts'

/** What keeps a node from being drained, or would be lost by it. */
export interface PodsOfNode {
  /** Pods that a drain moves away, as `namespace/name`. */
  readonly movable: readonly string[]
  /** Movable pods whose data is on the node (an emptyDir). */
  readonly holdingData: readonly string[]
  /** Movable pods that nothing starts again elsewhere. */
  readonly alone: readonly string[]
}

/** Sorts the pods of a node as `kubectl drain` does: those of daemons, of the node itself, and ended ones stay. */
export function podsOfNode(pods: readonly ValueMap[]): PodsOfNode {
  const movable = pods.filter((pod) => !staysAtDrain(pod))
  return {
    movable: movable.map(podName),
    holdingData: movable.filter(hasEmptyDir).map(podName),
    alone: movable.filter((pod) => ownersOf(pod).length === 0).map(podName),
  }
}

function staysAtDrain(pod: ValueMap): boolean {
  const phase = textAt(pod, 'status', 'phase')
  return (
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    textAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== null ||
    ownersOf(pod).some((owner) => owner['kind'] === 'DaemonSet')
  )
}

function ownersOf(pod: ValueMap): readonly ValueMap[] {
  return mapsAt(pod, 'metadata', 'ownerReferences')
}

function hasEmptyDir(pod: ValueMap): boolean {
  return mapsAt(pod, 'spec', 'volumes').some((volume) => isMap(volume['emptyDir']))
}

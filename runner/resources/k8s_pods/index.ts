import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { ValueMap } from '../../contract/value.ts'
import { itemsOf, kubectl, podName } from '../kubernetes.ts'
import { mapsAt, textAt } from '../service-answers.ts'

/** Pods of Kubernetes are there, and ready or ended well. */
export const k8sPods = defineResource({
  name: 'k8s_pods',
  summary: 'Pods of Kubernetes are there, and ready or ended well.',
  source: 'Validate CSM Health (kubectl get pods); Reboot NCNs',
  params: {
    type: 'object',
    properties: {
      namespace: {
        type: 'string',
        identity: true,
        pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
        description: 'Namespace of the pods. Left out: all namespaces.',
        examples: ['services'],
      },
      labels: {
        type: 'object',
        identity: true,
        keyPattern: '^[A-Za-z0-9]([A-Za-z0-9_./-]*[A-Za-z0-9])?$',
        additionalProperties: {
          type: 'string',
          pattern: '^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$',
          description: 'Value of the label.',
        },
        description: 'Labels that the pods have. Left out: any.',
        examples: [{ 'app.kubernetes.io/name': 'cray-ims' }],
      },
      node: {
        type: 'string',
        identity: true,
        pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
        description: 'Node that they run on. Left out: any.',
      },
      count: {
        type: 'integer',
        minimum: 0,
        matcher: true,
        description: 'How many there must be. Left out: at least one.',
        examples: [{ at_least: 3 }],
      },
    },
  },
  state: {
    any: { type: 'boolean', description: 'Whether there is one.' },
    count: { type: 'integer', description: 'How many there are.' },
    unhealthy: {
      type: 'array',
      items: { type: 'string', description: 'Pod and what is wrong with it.' },
      description: 'Those that are neither ready nor ended well.',
    },
    names: {
      type: 'array',
      items: { type: 'string', description: 'Pod, as `namespace/name`.' },
      information: true,
      description: 'All of them.',
    },
  },
  probe: ({ namespace, labels = {}, node }) => {
    const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
    return {
      pods: ask([
        ...(namespace === undefined ? ['kubectl'] : kubectl(namespace)),
        ...['get', 'pods', ...(namespace === undefined ? ['--all-namespaces'] : [])],
        ...(selector.length > 0 ? ['--selector', selector.join(',')] : []),
        ...(node === undefined ? [] : ['--field-selector', `spec.nodeName=${node}`]),
        ...['--output', 'json'],
      ]),
    }
  },
  observe: ({ pods }) => {
    const found = itemsOf(pods)
    return {
      any: found.length > 0,
      count: found.length,
      unhealthy: found.flatMap((pod) => {
        const trouble = troubleOf(pod)
        return trouble === null ? [] : [`${podName(pod)}: ${trouble}`]
      }),
      names: found.map(podName),
    }
  },
  desire: ({ count }) => ({ any: count === undefined ? true : undefined, count, unhealthy: [] }),
})

/** Why a pod is not well, in the words of Kubernetes; null for one that is ready or has ended well. */
function troubleOf(pod: ValueMap): string | null {
  const phase = textAt(pod, 'status', 'phase') ?? 'Unknown'
  if (phase === 'Succeeded') return null
  const waiting = containersOf(pod)
    .map((each) => textAt(each, 'state', 'waiting', 'reason'))
    .find((reason) => reason !== null)
  if (waiting !== undefined && waiting !== null) return waiting
  if (phase !== 'Running') return phase
  return containersOf(pod).every((each) => each['ready'] === true) ? null : 'not ready'
}

function containersOf(pod: ValueMap): readonly ValueMap[] {
  // An initial container that has ended is not ready any more.
  const unfinished = mapsAt(pod, 'status', 'initContainerStatuses').filter(
    (each) => textAt(each, 'state', 'terminated', 'reason') !== 'Completed',
  )
  return [...unfinished, ...mapsAt(pod, 'status', 'containerStatuses')]
}

import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { itemsOf, objectOf } from '../kubernetes.ts'
import { mapsAt, textAt, valueAt } from '../service-answers.ts'
import { nodeChanges } from './node-changes.ts'
import { podsOfNode } from './pods-of-node.ts'

/** A node of Kubernetes takes pods, or takes none, or has been drained of them. */
export const k8sNode = defineResource({
  name: 'k8s_node',
  summary: 'A node of Kubernetes takes pods, or takes none, or has been drained of them.',
  source: 'Reboot NCNs (cordon and drain a worker); Prepare the System for Power Off',
  destroys: ['drained'],
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
        description: 'Name of the node in Kubernetes.',
        examples: ['ncn-w001'],
      },
      state: {
        type: 'string',
        enum: ['schedulable', 'cordoned', 'drained'],
        description:
          'It takes new pods; it takes none; or it takes none and those that can move have left. Left out: any.',
      },
      ready: { type: 'boolean', description: 'Whether its kubelet must be ready.' },
      delete_emptydir_data: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['drained'] },
        description: 'Also move pods whose data is on the node: that data is lost.',
      },
      force: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['drained'] },
        description: 'Also remove pods that nothing starts again.',
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '10m',
        onlyWith: { state: ['drained'] },
        description: 'How long the pods may take to leave.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether Kubernetes has the node.' },
    ready: { type: 'boolean', description: 'Whether its kubelet is ready.' },
    schedulable: { type: 'boolean', description: 'Whether it takes new pods.' },
    pods: {
      type: 'array',
      items: { type: 'string', description: 'Pod, as `namespace/name`.' },
      description: 'Pods that a drain would move away.',
    },
    holding_data: {
      type: 'array',
      items: { type: 'string', description: 'Pod.' },
      information: true,
      description: 'Those of them whose data is on the node.',
    },
    alone: {
      type: 'array',
      items: { type: 'string', description: 'Pod.' },
      information: true,
      description: 'Those of them that nothing starts again.',
    },
  },
  probe: ({ name }) => ({
    node: ask(['kubectl', 'get', 'node', name, '--ignore-not-found', '--output', 'json']),
    pods: ask([
      ...['kubectl', 'get', 'pods', '--all-namespaces'],
      ...['--field-selector', `spec.nodeName=${name}`, '--output', 'json'],
    ]),
    // What a drain is decided on: the status of nodes and pods changes all the time.
    names: ask([
      ...['kubectl', 'get', 'pods', '--all-namespaces'],
      ...['--field-selector', `spec.nodeName=${name}`, '--output', 'name'],
    ]),
    uid: ask([
      ...['kubectl', 'get', 'node', name, '--ignore-not-found'],
      ...['--output', 'jsonpath={.metadata.uid}{"\\n"}{.spec.unschedulable}'],
    ]),
  }),
  observe: ({ node, pods }) => {
    const found = objectOf(node)
    if (!found)
      return {
        exists: false,
        ready: null,
        schedulable: null,
        pods: null,
        holding_data: null,
        alone: null,
      }
    const ready = mapsAt(found, 'status', 'conditions').find((each) => each['type'] === 'Ready')
    const { movable, holdingData, alone } = podsOfNode(itemsOf(pods))
    return {
      exists: true,
      ready: textAt(ready, 'status') === 'True',
      schedulable: valueAt(found, 'spec', 'unschedulable') !== true,
      pods: movable,
      holding_data: holdingData,
      alone,
    }
  },
  desire: ({ state, ready }) => ({
    exists: true,
    ready,
    schedulable: state === undefined ? undefined : state === 'schedulable',
    pods: state === 'drained' ? [] : undefined,
  }),
  change: nodeChanges,
})

import { exec, refuse, type Action } from '../../contract/change.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { drifted } from '../attributes.ts'
import { itemsOf, objectOf } from '../kubernetes.ts'
import { textAt, valueAt } from '../service-answers.ts'
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
    const conditions = valueAt(found, 'status', 'conditions')
    const ready = (Array.isArray(conditions) ? conditions : [])
      .filter(isMap)
      .find((each) => each['type'] === 'Ready')
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
  change: (diff, { name, state, delete_emptydir_data, force, timeout }, current) => {
    if (diff.exists)
      return [
        {
          title: `find the node ${name}`,
          repairs: drifted(diff, ['exists', 'ready', 'schedulable', 'pods']),
          actions: [
            refuse(`Kubernetes has no node ${name}`, 'list its nodes with `kubectl get nodes`'),
          ],
        },
      ]
    const wait = diff.ready
      ? [
          {
            title: `wait for the node ${name}`,
            repairs: ['ready' as const],
            actions: [
              refuse(
                `the node ${name} is ${current.ready ? 'ready' : 'not ready'}`,
                'look at its kubelet; use `wait` where it comes up by itself',
              ),
            ],
          },
        ]
      : []
    if (state !== 'drained')
      return diff.schedulable
        ? [
            ...wait,
            {
              title: `${state === 'schedulable' ? 'open' : 'close'} the node ${name} for pods`,
              repairs: ['schedulable'],
              actions: [exec(['kubectl', state === 'schedulable' ? 'uncordon' : 'cordon', name])],
            },
          ]
        : wait
    const action: Action =
      refusalOf(current.holding_data!, current.alone!, delete_emptydir_data, force) ??
      exec(drainOf(name, delete_emptydir_data, force, timeout), { timeout: timeout + 60 })
    const base = {
      title: `drain the node ${name}`,
      repairs: drifted(diff, ['schedulable', 'pods']),
      actions: [action],
    }
    const losesData =
      (delete_emptydir_data && current.holding_data!.length > 0) ||
      (force && current.alone!.length > 0)
    return [...wait, losesData ? { ...base, effect: 'destroys', guard: ['uid', 'names'] } : base]
  },
})

function refusalOf(
  holdingData: readonly string[],
  alone: readonly string[],
  losesData: boolean,
  force: boolean,
): Action | null {
  if (holdingData.length > 0 && !losesData)
    return refuse(
      `data of ${namesOf(holdingData)} is on the node and would be lost`,
      'move it first; or add `delete_emptydir_data: true` where it may be lost',
    )
  return alone.length > 0 && !force
    ? refuse(
        `nothing starts ${namesOf(alone)} again elsewhere`,
        'remove it first; or add `force: true` where it may end',
      )
    : null
}

function namesOf(pods: readonly string[]): string {
  const shown = pods.slice(0, 3).join(', ')
  return pods.length > 3 ? `${shown} and ${pods.length - 3} more pods` : shown
}

function drainOf(
  name: string,
  losesData: boolean,
  force: boolean,
  timeout: number,
): readonly string[] {
  return [
    ...['kubectl', 'drain', name, '--ignore-daemonsets', `--timeout=${timeout}s`],
    ...(losesData ? ['--delete-emptydir-data'] : []),
    ...(force ? ['--force'] : []),
  ]
}

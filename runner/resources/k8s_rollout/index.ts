import { exec, refuse } from '../../contract/change.ts'
import { not } from '../../contract/matcher.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { countAt, kubectl, objectOf, objectParams } from '../kubernetes.ts'
import { textAt } from '../service-answers.ts'

/** Every pod of a workload of Kubernetes is of its newest template, and ready. */
export const k8sRollout = defineResource({
  name: 'k8s_rollout',
  summary: 'Every pod of a workload of Kubernetes is of its newest template, and ready.',
  source:
    'Manage the DNS Unbound Resolver (kubectl rollout restart, rollout status); Certificate renewal',
  events: ['restarted'],
  params: {
    type: 'object',
    required: ['kind', 'name'],
    properties: {
      kind: {
        type: 'string',
        identity: true,
        enum: ['deployment', 'statefulset', 'daemonset'],
        description: 'What it is.',
      },
      ...objectParams,
      state: {
        type: 'string',
        enum: ['complete', 'restarted'],
        default: 'complete',
        description:
          'All pods newest and ready; or, in a handler, all of them replaced by new ones.',
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '10m',
        description: 'How long it may take until it is complete.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    complete: { type: 'boolean', description: 'Whether every pod is newest and ready.' },
    restarted_at: {
      type: 'string',
      description: 'When it was restarted last, as kubectl notes it; null where it never was.',
    },
    wanted: { type: 'integer', information: true, description: 'Pods that there should be.' },
    updated: { type: 'integer', information: true, description: 'Pods of the newest template.' },
    ready: { type: 'integer', information: true, description: 'Pods that are ready.' },
  },
  probe: ({ kind, namespace, name }) => ({
    object: ask(kubectl(namespace, 'get', kind, name, '--ignore-not-found', '--output', 'json')),
  }),
  observe: ({ object }, { kind }) => {
    const found = objectOf(object)
    if (!found)
      return {
        exists: false,
        complete: null,
        restarted_at: null,
        wanted: null,
        updated: null,
        ready: null,
      }
    const status = (field: string): number => countAt(found, 'status', field)
    const isDaemon = kind === 'daemonset'
    const wanted = isDaemon ? status('desiredNumberScheduled') : countAt(found, 'spec', 'replicas')
    const updated = status(isDaemon ? 'updatedNumberScheduled' : 'updatedReplicas')
    const ready = status(isDaemon ? 'numberReady' : 'readyReplicas')
    const held = isDaemon ? status('currentNumberScheduled') : status('replicas')
    const isSeen = status('observedGeneration') >= countAt(found, 'metadata', 'generation')
    return {
      exists: true,
      complete: isSeen && updated >= wanted && ready >= wanted && held <= wanted,
      restarted_at: textAt(found, 'spec', 'template', 'metadata', 'annotations', annotation),
      wanted,
      updated,
      ready,
    }
  },
  desire: ({ state }, current) => ({
    exists: true,
    complete: true,
    restarted_at: state === 'restarted' ? not(current.restarted_at) : undefined,
  }),
  change: (diff, { kind, namespace, name }) => {
    if (diff.exists)
      return [
        {
          title: `find the ${kind} ${name}`,
          repairs: drifted(diff, ['exists', 'complete', 'restarted_at']),
          actions: [
            refuse(
              `${namespace} has no ${kind} ${name}`,
              `look for it with \`kubectl get ${kind} --all-namespaces\``,
            ),
          ],
        },
      ]
    return diff.restarted_at
      ? [
          {
            title: `restart the ${kind} ${name}`,
            repairs: drifted(diff, ['complete', 'restarted_at']),
            actions: [exec(kubectl(namespace, 'rollout', 'restart', kind, name))],
          },
        ]
      : [
          {
            title: `wait for the ${kind} ${name}`,
            repairs: ['complete'],
            actions: [{ do: 'await', why: 'Kubernetes starts its pods' }],
          },
        ]
  },
  settle: {
    for: ({ timeout }) => timeout,
    every: 3,
    progress: ({ wanted, updated, ready }) =>
      `${updated ?? 0} of ${wanted ?? 0} pods are new, ${ready ?? 0} ready`,
  },
})

const annotation = 'kubectl.kubernetes.io/restartedAt'

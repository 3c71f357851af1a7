import { defineResource } from '../../contract/resource.ts'
import { countOf } from '../../text/count.ts'
import { managers } from './workload-managers.ts'
import { nodeChanges } from './wlm-changes.ts'

/** A workload manager gives a node jobs, or gives it none and none runs on it. */
export const wlmNode = defineResource({
  name: 'wlm_node',
  summary: 'A workload manager gives a node jobs, or gives it none and none runs on it.',
  source:
    'scontrol(1), squeue(1); pbsnodes(8B). Configure a Remote Build Node, steps B5 to B7: the node leaves its users',
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
        description: 'Name of the node in the workload manager.',
        examples: ['x3000c0s19b1n0', 'nid000001'],
      },
      manager: {
        type: 'string',
        enum: ['slurm', 'pbs'],
        default: 'slurm',
        identity: true,
        description:
          'Whose commands are asked on the host of the task: `scontrol` and `squeue`, or `pbsnodes`.',
      },
      state: {
        type: 'string',
        enum: ['drained', 'resumed'],
        description: 'It gets no job and none runs on it; or it gets jobs. Left out: any.',
      },
      jobs: {
        type: 'string',
        enum: ['refuse', 'wait'],
        default: 'refuse',
        onlyWith: { state: ['drained'] },
        description: 'What to do about jobs that run on it: refuse, or give it no more and wait.',
      },
      timeout: {
        type: 'string',
        format: 'duration',
        default: '1h',
        onlyWith: { state: ['drained'] },
        description: 'How long the jobs may take to end.',
      },
      reason: {
        type: 'string',
        format: 'line',
        pattern: '^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,100}$',
        default: 'trueup',
        description:
          'What is noted beside the node. One that was drained for another reason is not resumed.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the workload manager has the node.' },
    drained: { type: 'boolean', description: 'Whether it is kept from getting jobs.' },
    down: { type: 'boolean', description: 'Whether the manager takes it for broken or off.' },
    jobs: {
      type: 'array',
      items: { type: 'string', description: 'Number and user of a job.' },
      description: 'Jobs that run on it.',
    },
    status: { type: 'string', information: true, description: "Its state in the manager's words." },
    reason: { type: 'string', information: true, description: 'Why it was drained.' },
  },
  probe: ({ name, manager }) => managers[manager].probes(name),
  observe: (readings, { name, manager }) => managers[manager].seen(readings, name),
  desire: ({ state }) => ({
    exists: true,
    drained: state === undefined ? undefined : state === 'drained',
    jobs: state === 'drained' ? [] : undefined,
    // A node that is off while it is drained is as good as one that is idle.
    down: state === 'resumed' ? false : undefined,
  }),
  change: nodeChanges,
  settle: {
    for: ({ timeout, state }) => (state === 'drained' ? timeout : 300),
    every: 5,
    progress: ({ jobs, status }) =>
      jobs && jobs.length > 0
        ? `${countOf(jobs.length, 'job')} on it: ${jobs.slice(0, 3).join(', ')}`
        : `the node is ${status}`,
  },
})

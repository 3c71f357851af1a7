import { ask, type ExecReading } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { askCeph, cephAsker, cephList } from '../ceph-answers.ts'
import { cephUser, rbdName } from '../rbd.ts'
import { numberAt, valueAt } from '../service-answers.ts'
import { poolChanges } from './pool-changes.ts'

/** A pool of Ceph is there with these settings, or is not. */
export const cephPool = defineResource({
  name: 'ceph_pool',
  summary: 'A pool of Ceph is there with these settings, or is not.',
  source: 'Alternate Storage Pools (ceph osd pool create, application enable, rm)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', identity: true, pattern: rbdName, description: 'Name of the pool.' },
      ...cephAsker,
      application: {
        type: 'string',
        pattern: '^[a-z][a-z0-9_-]*$',
        onlyWith: { state: ['present'] },
        description: 'What uses it: `rbd`, `rgw`, `cephfs`. Others that use it are left alone.',
      },
      size: {
        type: 'integer',
        minimum: 1,
        maximum: 10,
        onlyWith: { state: ['present'] },
        description: 'How many copies of each object are kept. Left out: left alone.',
      },
      pg_num: {
        type: 'integer',
        minimum: 1,
        onlyWith: { state: ['present'] },
        description: 'Placement groups that a new pool gets; a pool that is there keeps its own.',
      },
      with_data: {
        type: 'boolean',
        default: false,
        onlyWith: { state: ['absent'] },
        description: 'Remove the pool with all that is in it; without this it must be empty.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'There, or not.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether it is there.' },
    enabled: { type: 'boolean', description: 'Whether the application of the task uses it.' },
    size: { type: 'integer', description: 'Copies that are kept of each object.' },
    applications: {
      type: 'array',
      items: { type: 'string', description: 'Application.' },
      information: true,
      description: 'What uses it.',
    },
    pg_num: { type: 'integer', information: true, description: 'Its placement groups.' },
    objects: { type: 'integer', information: true, description: 'Objects in it.' },
  },
  probe: (params) => ({
    pools: askCeph(params, 'osd', 'pool', 'ls', 'detail'),
    usage: askCeph(params, 'df'),
    // Usage lags behind and counts for all pools: what a removal is guarded by are the objects themselves.
    content:
      params.state === 'absent' && !params.with_data
        ? ask(['rados', ...cephUser(params), '--pool', params.name, 'ls', '--all'], [0, 1, 2], {
            ahead: false,
            timeout: 120,
          })
        : undefined,
  }),
  observe: ({ pools, usage, content }, { name, application }) => {
    const found = cephList(pools, 'which pools it has').find((each) => each['pool_name'] === name)
    const used = cephList(usage, 'what its pools hold', 'pools').find(
      (each) => each['name'] === name,
    )
    const metadata = valueAt(found, 'application_metadata')
    const applications = isMap(metadata) ? Object.keys(metadata).toSorted() : []
    return {
      exists: found !== undefined,
      enabled: found && application !== undefined ? applications.includes(application) : null,
      size: numberAt(found, 'size'),
      applications,
      pg_num: numberAt(found, 'pg_num'),
      objects: content === undefined ? numberAt(used, 'stats', 'objects') : objectsIn(content),
    }
  },
  desire: ({ application, size, state }) =>
    state === 'absent'
      ? { exists: false }
      : { exists: true, enabled: application === undefined ? undefined : true, size },
  change: poolChanges,
})

/** How many objects were listed; null where rados could not list them. */
function objectsIn({ exit, stdout }: ExecReading): number | null {
  return exit === 0 ? stdout.split('\n').filter((line) => line !== '').length : null
}

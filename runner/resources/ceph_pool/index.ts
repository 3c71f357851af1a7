import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { askCeph, cephAnswer, cephAsker } from '../ceph-answers.ts'
import { cephUser, rbdName } from '../rbd.ts'
import { mapsAt, valueAt } from '../service-answers.ts'
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
  probe: (params) => {
    const asker = { id: params.id, keyring: params.keyring }
    return {
      pools: askCeph(asker, 'osd', 'pool', 'ls', 'detail'),
      usage: askCeph(asker, 'df'),
      // Usage lags behind and counts for all pools: what a removal is guarded by are the objects themselves.
      content:
        params.state === 'absent' && !params.with_data
          ? ask(['rados', ...cephUser(asker), '--pool', params.name, 'ls', '--all'], [0, 1, 2], {
              ahead: false,
              timeout: 120,
            })
          : undefined,
    }
  },
  observe: ({ pools, usage, content }, { name, application }) => {
    const listed = { pools: cephAnswer(pools, 'which pools it has') }
    const found = mapsAt(listed, 'pools').find((each) => each['pool_name'] === name)
    const used = mapsAt(cephAnswer(usage, 'what its pools hold'), 'pools').find(
      (each) => each['name'] === name,
    )
    const metadata = valueAt(found, 'application_metadata')
    const applications = isMap(metadata) ? Object.keys(metadata).toSorted() : []
    return {
      exists: found !== undefined,
      enabled: found && application !== undefined ? applications.includes(application) : null,
      size: numberOf(found?.['size']),
      applications,
      pg_num: numberOf(found?.['pg_num']),
      objects:
        content?.exit === 0
          ? content.stdout.split('\n').filter((line) => line !== '').length
          : numberOf(valueAt(used, 'stats', 'objects')),
    }
  },
  desire: ({ application, size, state }) =>
    state === 'absent'
      ? { exists: false }
      : { exists: true, enabled: application === undefined ? undefined : true, size },
  change: poolChanges,
})

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

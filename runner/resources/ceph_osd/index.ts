import type { Change } from '../../contract/change.ts'
import { exec } from '../../contract/change.ts'
import { defineResource } from '../../contract/resource.ts'
import { drifted } from '../attributes.ts'
import { askCeph, cephAsker, cephList } from '../ceph-answers.ts'
import { cephUser } from '../rbd.ts'
import { refused } from '../refused.ts'

/** An OSD of Ceph is up, and takes part in keeping data, or does not. */
export const cephOsd = defineResource({
  name: 'ceph_osd',
  summary: 'An OSD of Ceph is up, and takes part in keeping data, or does not.',
  source: 'Remove Ceph Node; Ceph OSD Management (ceph osd out, ceph osd in, ceph osd tree)',
  params: {
    type: 'object',
    required: ['osd'],
    properties: {
      osd: { type: 'integer', identity: true, minimum: 0, description: 'Number of the OSD.' },
      ...cephAsker,
      up: { type: 'boolean', description: 'Whether its daemon must run.' },
      in: {
        type: 'boolean',
        description: 'Whether it must keep data: what leaves, or comes in, has data moved.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the cluster has it.' },
    up: { type: 'boolean', description: 'Whether its daemon runs.' },
    in: { type: 'boolean', description: 'Whether it keeps data.' },
    others_down: {
      type: 'array',
      items: { type: 'integer', description: 'Number.' },
      information: true,
      description: 'Other OSDs that keep data and are down.',
    },
  },
  probe: (params) => ({ osds: askCeph(params, 'osd', 'dump') }),
  observe: ({ osds }, { osd }) => {
    const all = cephList(osds, 'which OSDs it has', 'osds')
    const found = all.find((each) => each['osd'] === osd)
    return {
      exists: found !== undefined,
      up: found ? found['up'] === 1 : null,
      in: found ? found['in'] === 1 : null,
      others_down: all.flatMap((each) =>
        each['osd'] !== osd && each['in'] === 1 && each['up'] !== 1 ? [Number(each['osd'])] : [],
      ),
    }
  },
  desire: ({ up, in: isIn }) => ({ exists: true, up, in: isIn }),
  change: (diff, { osd, id, keyring, in: isIn }, { others_down }) => {
    if (diff.exists)
      return refused(
        `have the OSD ${osd}`,
        drifted(diff, ['exists', 'up', 'in']),
        `the cluster has no OSD ${osd}`,
        'look at them with `ceph osd tree`; cephadm makes OSDs',
      )
    const changes: Change<'up' | 'in'>[] = []
    if (diff.up)
      changes.push(
        ...refused(
          `have the OSD ${osd} ${diff.up.to === true ? 'run' : 'stand still'}`,
          ['up'],
          `the daemon of OSD ${osd} is not started or stopped by the cluster`,
          `on its host: ceph orch daemon start osd.${osd}, or stop`,
        ),
      )
    if (diff.in && isIn === false && (others_down ?? []).length > 0)
      changes.push(
        ...refused(
          `take the OSD ${osd} out`,
          ['in'],
          `OSD ${others_down!.join(', ')} is down, and copies of its data may lie on OSD ${osd} alone`,
          'repair that first, and wait for `ceph_health`',
        ),
      )
    else if (diff.in)
      changes.push({
        title: `take the OSD ${osd} ${isIn ? 'in' : 'out'}`,
        repairs: ['in'],
        effect: 'replaces',
        guard: ['osds'],
        actions: [
          exec(['ceph', ...cephUser({ id, keyring }), 'osd', isIn ? 'in' : 'out', String(osd)], {
            timeout: 60,
          }),
        ],
      })
    return changes
  },
})

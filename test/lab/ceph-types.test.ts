import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// Pools, OSDs and the health of the lab's Ceph cluster, by ceph on the management node.

const site = sharedLab('ceph-types')

function run(tasks: string): Promise<Told> {
  return runTasks({ ...site, tasks })
}
const onNode = async (command: string) =>
  (await site.lab.nodes.get('ncn-m001')!.run(command, { user: 'root' })).stdout

describe('the Ceph cluster', () => {
  it('gets a pool once', async () => {
    const made =
      '      - ensure: a pool\n        ceph_pool: { name: builders, application: rbd, size: 2, pg_num: 16 }\n'
    expect(await run(made)).toMatchObject({ exit: 0, changes: ['a pool'] })
    expect(await onNode('ceph osd pool ls')).toContain('builders')
    expect(await run(made)).toMatchObject({ exit: 0, changes: [] })
  })

  it('loses a pool when it is empty and its monitors allow it', async () => {
    const gone = '      - ensure: none\n        ceph_pool: { name: builders, state: absent }\n'
    await onNode('rbd create --size 1G builders/one')
    const full = await run(gone)
    expect(full.exit).toBe(1)
    expect(full.errors.join()).toMatch(/holds 4 objects/)
    await onNode('rbd rm builders/one')
    const refused = await run(gone)
    expect(refused.exit).toBe(1)
    expect(refused.errors.join()).toContain('pool deletion is disabled')
    await onNode('ceph config set mon mon_allow_pool_delete true')
    expect(await run(gone)).toMatchObject({ exit: 0, changes: ['none'] })
    expect(await run(gone)).toMatchObject({ exit: 0, changes: [] })
  })

  it('has an OSD taken out and in, and says when one is down', async () => {
    const out = '      - ensure: out\n        ceph_osd: { osd: 1, in: false }\n'
    expect(await run(out)).toMatchObject({ exit: 0, changes: ['out'] })
    expect(await run(out)).toMatchObject({ exit: 0, changes: [] })
    const healthy = '      - require: it is well\n        ceph_health: {}\n'
    expect((await run(healthy)).exit).toBe(0)
    site.lab.ceph.osds.get(0)!.up = false
    const ill = await run(healthy)
    expect(ill.exit).toBe(1)
    expect(ill.errors.join()).toContain('OSD_DOWN: 1 osds down')
    expect(
      (await run('      - require: known\n        ceph_health: { allow: OSD_DOWN }\n')).exit,
    ).toBe(0)
    const more = await run('      - ensure: out\n        ceph_osd: { osd: 2, in: false }\n')
    expect(more.errors.join()).toContain('OSD 0 is down')
    site.lab.ceph.osds.get(0)!.up = true
  })
})

import { describe, expect, it } from 'vitest'
import { bases, bench, intel, type Bench } from '../system.fixture.ts'

const v2 = '/apis/bos/v2'

async function staged(lab: Bench, operation: string): Promise<void> {
  await lab.ask('PUT', `${v2}/sessiontemplates/t`, {
    boot_sets: {
      compute: {
        path: `s3://boot-images/${bases.x86_64}/manifest.json`,
        type: 's3',
        arch: 'X86',
        node_roles_groups: ['Compute'],
      },
    },
  })
  const body = { name: 's', template_name: 't', operation, limit: intel, stage: true }
  expect((await lab.ask('POST', `${v2}/sessions`, body)).status).toBe(201)
  await lab.pass(5000)
}
const apply = (lab: Bench, ...xnames: readonly string[]) =>
  lab.ask('POST', `${v2}/applystaged`, { xnames })

describe('a staged session of BOS', () => {
  it('touches no node until it is applied', async () => {
    const lab = bench()
    await staged(lab, 'shutdown')
    expect(lab.machines[intel]!.on).toBe(true)
    expect((await lab.ask('GET', `${v2}/sessions/s/status`)).json).toMatchObject({
      status: 'complete',
      percent_staged: 100,
    })
    expect((await lab.ask('GET', `${v2}/components/${intel}`)).json.staged_state.session).toBe('s')
    expect(await apply(lab, intel, 'x1c0s0b0n0')).toMatchObject({
      status: 200,
      json: { succeeded: [intel], failed: [], ignored: ['x1c0s0b0n0'] },
    })
    await lab.pass(20_000)
    expect(lab.machines[intel]!.on).toBe(false)
    expect((await lab.ask('GET', `${v2}/components/${intel}`)).json).toMatchObject({
      enabled: false,
      session: 's',
      status: { status: 'stable' },
    })
  })

  it('boots nodes when it is applied', async () => {
    const lab = bench()
    await staged(lab, 'reboot')
    const { boots } = lab.machines[intel]!
    await apply(lab, intel)
    await lab.pass(60_000)
    expect(lab.machines[intel]!.boots).toBeGreaterThan(boots)
    expect(lab.machines[intel]!.order?.image).toBe(bases.x86_64)
  })

  it('cannot be applied when it is gone', async () => {
    const lab = bench()
    await staged(lab, 'shutdown')
    await lab.ask('DELETE', `${v2}/sessions/s`)
    expect((await apply(lab, intel)).json).toEqual({ succeeded: [], failed: [intel], ignored: [] })
    expect((await lab.ask('GET', `${v2}/components/${intel}`)).json.error).toContain(
      'Staged session no longer exists',
    )
  })
})

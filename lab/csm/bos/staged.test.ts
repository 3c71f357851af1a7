import { describe, expect, it } from 'vitest'
import { bases, bench, intel, type Bench } from '../system.fixture.ts'

const v2 = '/apis/bos/v2'

async function staged(lab: Bench, operation: string, limit: string = intel): Promise<void> {
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
  const body = { name: 's', template_name: 't', operation, limit, stage: true }
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

  it('looks at a node that it holds once where the clock jumps by days', async () => {
    const lab = bench()
    await staged(lab, 'shutdown')
    const machine = lab.machines[intel]!
    let looks = 0
    machine.unreachable = () => {
      looks += 1
      return true
    }
    await apply(lab, intel)
    await lab.pass(7 * 24 * 3_600_000)
    expect((await lab.ask('GET', `${v2}/components/${intel}`)).json).toMatchObject({
      enabled: true,
      status: { status_override: 'on_hold' },
    })
    expect(looks).toBeLessThan(100)
  })

  it('looks at its nodes together where several are applied', async () => {
    const nodes = ['x1000c3s0b0n0', 'x1000c3s0b1n0']
    const lab = bench('1.6', nodes)
    await staged(lab, 'shutdown', nodes.join(','))
    const planned = lab.system.agenda.at
    let looks = 0
    lab.system.agenda.at = (...deed) => {
      looks += 1
      planned(...deed)
    }
    expect((await apply(lab, ...nodes)).json.succeeded).toEqual(nodes)
    expect(looks).toBe(1)
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

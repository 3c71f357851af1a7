import { describe, expect, it } from 'vitest'
import { bench, type Bench } from '../system.fixture.ts'

const v1 = '/apis/power-control/v1'
const v2 = '/apis/smd/hsm/v2'
const [chassis, slot, card] = ['x1000c3', 'x1000c3s0', 'x1000c3s0b0']
const nodes = ['x1000c3s0b0n0', 'x1000c3s0b1n0'] as const
const blade = () => bench('1.6', nodes)

async function powers(lab: Bench, ...xnames: readonly string[]): Promise<any> {
  const query = xnames.map((each) => `xname=${each}`).join('&')
  return (await lab.ask('GET', `${v1}/power-status?${query}`)).json.status.map((each: any) => [
    each.powerState,
    each.managementState,
  ])
}
async function ended(lab: Bench, operation: string, ...xnames: readonly string[]): Promise<any> {
  const location = xnames.map((xname) => ({ xname }))
  const { transitionID } = (await lab.ask('POST', `${v1}/transitions`, { operation, location }))
    .json
  await lab.pass(10_000)
  return (await lab.ask('GET', `${v1}/transitions/${transitionID}`)).json
}

describe('slots, chassis and controllers in PCS', () => {
  it('have power, and say what can be done to them', async () => {
    const lab = blade()
    expect(
      (await lab.ask('GET', `${v1}/power-status?xname=${slot}&xname=${card}`)).json.status,
    ).toMatchObject([
      {
        xname: slot,
        powerState: 'on',
        supportedPowerTransitions: expect.arrayContaining(['Off', 'Force-Off']),
      },
      { xname: card, powerState: 'on', supportedPowerTransitions: ['Soft-Restart'] },
    ])
    const all = (await lab.ask('GET', `${v1}/power-status`)).json.status
    expect(all.map((each: any) => each.xname)).toEqual(
      expect.arrayContaining([chassis, `${chassis}b0`, slot, card, ...nodes]),
    )
    expect(all.map((each: any) => each.xname)).not.toContain('x1000c3s0e0')
  })

  it('take what they feed down with them', async () => {
    const lab = blade()
    expect(await ended(lab, 'off', slot)).toMatchObject({ taskCounts: { succeeded: 1 } })
    expect(nodes.map((each) => lab.machines[each]!.on)).toEqual([false, false])
    expect(await powers(lab, slot, card, nodes[0])).toEqual([
      ['off', 'available'],
      ['off', 'available'],
      ['undefined', 'unavailable'],
    ])
    expect((await lab.ask('GET', `${v2}/State/Components/${slot}`)).json.State).toBe('Off')
    expect(await ended(lab, 'on', nodes[0])).toMatchObject({ taskCounts: { failed: 1 } })
  })

  it('come up before what they feed, whatever the order of the request', async () => {
    const lab = blade()
    await ended(lab, 'off', ...nodes, slot)
    const on = await ended(lab, 'on', nodes[1], slot, nodes[0])
    expect(on).toMatchObject({ taskCounts: { total: 3, succeeded: 3 } })
    expect(await powers(lab, slot, ...nodes)).toEqual(Array(3).fill(['on', 'available']))
  })

  it('stay on where a node that was to go down first is locked', async () => {
    const lab = blade()
    await lab.ask('POST', `${v2}/locks/lock`, { ComponentIDs: [nodes[0]] })
    const off = await ended(lab, 'off', slot, ...nodes)
    expect(off).toMatchObject({ taskCounts: { failed: 2, succeeded: 1 } })
    expect(off.tasks.find((each: any) => each.xname === slot)).toMatchObject({
      taskStatus: 'failed',
      error: `Unable to reserve dependent component, ${nodes[0]}.`,
    })
    expect(await powers(lab, slot, ...nodes)).toEqual([
      ['on', 'available'],
      ['on', 'available'],
      ['off', 'available'],
    ])
    expect(lab.system.reservations.size).toBe(0)
  })

  it('leave the nodes on where only their controller is restarted', async () => {
    const lab = blade()
    expect(await ended(lab, 'soft-restart', card)).toMatchObject({ taskCounts: { succeeded: 1 } })
    expect(nodes.map((each) => lab.machines[each]!.on)).toEqual([true, true])
    expect(await powers(lab, card, ...nodes)).toEqual(Array(3).fill(['on', 'available']))
  })

  it('are not switched where PCS cannot', async () => {
    const lab = blade()
    expect(await ended(lab, 'off', card)).toMatchObject({
      transitionStatus: 'completed',
      taskCounts: { 'un-supported': 1 },
      tasks: [
        {
          taskStatusDescription:
            'Component does not support the specified transition operation, Off',
          error: 'Unsupported for transition operation',
        },
      ],
    })
  })
})

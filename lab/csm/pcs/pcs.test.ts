import { describe, expect, it } from 'vitest'
import { bench, intel, type Bench } from '../system.fixture.ts'

const v1 = '/apis/power-control/v1'
const locks = '/apis/smd/hsm/v2/locks'
const begin = (lab: Bench, operation: string, xname: string = intel) =>
  lab.ask('POST', `${v1}/transitions`, { operation, taskDeadlineMinutes: 5, location: [{ xname }] })
async function ended(lab: Bench, operation: string, xname: string = intel) {
  const { transitionID } = (await begin(lab, operation, xname)).json
  await lab.pass(10_000)
  return (await lab.ask('GET', `${v1}/transitions/${transitionID}`)).json
}

describe('transitions of PCS', () => {
  it('go from new through in-progress to completed, and reserve the node meanwhile', async () => {
    const lab = bench()
    const made = await begin(lab, 'soft-off')
    expect(made).toMatchObject({ status: 200, json: { operation: 'Soft-Off' } })
    const read = async () =>
      (await lab.ask('GET', `${v1}/transitions/${made.json.transitionID}`)).json
    expect(await read()).toMatchObject({
      transitionStatus: 'new',
      taskCounts: { total: 1, new: 1 },
    })
    await lab.pass(100)
    expect(await read()).toMatchObject({
      transitionStatus: 'in-progress',
      taskCounts: { 'in-progress': 1 },
    })
    expect(await lab.ask('POST', `${locks}/lock`, { ComponentIDs: [intel] })).toMatchObject({
      status: 400,
      json: { detail: 'Component is Reserved' },
    })
    await lab.pass(1000)
    expect(await read()).toMatchObject({
      transitionStatus: 'completed',
      taskCounts: { succeeded: 1, failed: 0 },
      tasks: [{ xname: intel, taskStatus: 'succeeded' }],
    })
    expect(lab.machines[intel]!.on).toBe(false)
    expect((await lab.ask('POST', `${locks}/lock`, { ComponentIDs: [intel] })).status).toBe(200)
    expect((await lab.ask('GET', `${v1}/transitions`)).json.transitions).toMatchObject([
      { transitionStatus: 'completed', operation: 'Soft-Off' },
    ])
  })

  it.each([
    ['on', true, 1],
    ['off', false, 1],
    ['force-off', false, 1],
    ['init', true, 2],
    ['hard-restart', true, 2],
    ['soft-restart', true, 2],
  ])('%s', async (operation, on, boots) => {
    const lab = bench()
    await ended(lab, operation)
    expect(lab.machines[intel]).toMatchObject({ on, boots })
    expect((await lab.ask('GET', `${v1}/power-status?xname=${intel}`)).json.status).toMatchObject([
      { powerState: on ? 'on' : 'off' },
    ])
  })

  it('are completed with failed tasks: a locked node, one whose BMC is silent, one that nobody knows', async () => {
    const lab = bench()
    await lab.ask('POST', `${locks}/lock`, { ComponentIDs: [intel] })
    expect(await ended(lab, 'off')).toMatchObject({
      transitionStatus: 'completed',
      taskCounts: { failed: 1 },
      tasks: [{ taskStatus: 'failed', error: 'Unable to reserve component' }],
    })
    await lab.ask('POST', `${locks}/unlock`, { ComponentIDs: [intel] })
    lab.machines[intel]!.silent = true
    expect(await ended(lab, 'off')).toMatchObject({ taskCounts: { failed: 1 } })
    expect(await ended(lab, 'off', 'x1c0s0b0n0')).toMatchObject({ taskCounts: { failed: 1 } })
    expect(lab.machines[intel]!.on).toBe(true)
  })

  it.each([
    ['no JSON', '{'],
    ['another operation', { operation: 'reboot', location: [{ xname: intel }] }],
    ['no operation', { location: [{ xname: intel }] }],
    ['a text for a number', { operation: 'on', taskDeadlineMinutes: '5' }],
  ])('are refused with %s', async (_, body) => {
    const lab = bench()
    expect(await lab.ask('POST', `${v1}/transitions`, body)).toMatchObject({
      status: 400,
      json: { type: 'about:blank', title: 'Bad Request' },
    })
    expect(lab.system.transitions.size).toBe(0)
  })

  it('are over at once without a node, and fail for a name that is none', async () => {
    const lab = bench()
    for (const [location, tasks] of [
      [[], undefined],
      [[{ xname: 'nid000001' }], [{ taskStatus: 'failed', error: 'Invalid xname' }]],
    ] as const) {
      const { transitionID } = (
        await lab.ask('POST', `${v1}/transitions`, { operation: 'on', location })
      ).json
      const found = (await lab.ask('GET', `${v1}/transitions/${transitionID}`)).json
      expect(found.transitionStatus).toBe('completed')
      if (tasks) expect(found.tasks).toMatchObject(tasks)
      else expect(found).not.toHaveProperty('tasks')
    }
  })

  it('are aborted while they go on, and not after', async () => {
    const lab = bench()
    const { transitionID } = (await begin(lab, 'off')).json
    const abort = () => lab.ask('DELETE', `${v1}/transitions/${transitionID}`)
    expect(await abort()).toMatchObject({
      status: 202,
      json: { abortStatus: 'Accepted - abort initiated' },
    })
    await lab.pass(10_000)
    expect((await lab.ask('GET', `${v1}/transitions/${transitionID}`)).json).toMatchObject({
      transitionStatus: 'aborted',
      tasks: [{ taskStatus: 'failed', error: 'Transition aborted' }],
    })
    expect(lab.machines[intel]!.on).toBe(true)
    expect(lab.system.reservations.size).toBe(0)
    const { transitionID: done } = await ended(lab, 'off')
    expect((await lab.ask('DELETE', `${v1}/transitions/${done}`)).status).toBe(400)
  })

  it('are 404 when unknown, and forgotten after a day', async () => {
    const lab = bench()
    const { transitionID } = await ended(lab, 'off')
    expect((await lab.ask('GET', `${v1}/transitions/none`)).json).toMatchObject({
      status: 400,
      detail: 'invalid UUID length: 4',
    })
    await lab.pass(86_400_000)
    expect((await lab.ask('GET', `${v1}/transitions/${transitionID}`)).status).toBe(404)
  })
})

describe('what PCS and HSM say of a node in trouble', () => {
  it('undefined where the BMC is silent, On where the boot failed', async () => {
    const lab = bench()
    lab.machines[intel]!.silent = true
    expect((await lab.ask('GET', `${v1}/power-status?xname=${intel}`)).json.status).toMatchObject([
      { powerState: 'undefined', managementState: 'unavailable', error: '' },
    ])
    lab.machines[intel]!.dead = true
    expect((await lab.ask('GET', `/apis/smd/hsm/v2/State/Components/${intel}`)).json.State).toBe(
      'On',
    )
  })

  it('a lock race is lost once, and the lock is as wanted', async () => {
    const lab = bench()
    lab.system.faults.push({ kind: 'lock-race', times: 1 })
    expect(await lab.ask('POST', `${locks}/lock`, { ComponentIDs: [intel] })).toMatchObject({
      status: 400,
      json: { detail: 'Component is Locked' },
    })
    expect(
      (await lab.ask('POST', `${locks}/status`, { ComponentIDs: [intel] })).json.Components,
    ).toMatchObject([{ Locked: true }])
    expect((await lab.ask('POST', `${locks}/unlock`, { ComponentIDs: [intel] })).status).toBe(200)
  })
})

import { describe, expect, it } from 'vitest'
import { bench, intel, type Bench } from '../system.fixture.ts'

const v2 = '/apis/smd/hsm/v2'
const slot = 'x3000c0s19b1'

async function found(lab: Bench, xname: string): Promise<any> {
  return (await lab.ask('GET', `${v2}/State/Components/${xname}`)).json
}

describe('the components of HSM beside the nodes', () => {
  it('are the controller and the enclosure of each node in a rack', async () => {
    const lab = bench()
    expect(await found(lab, slot)).toEqual({
      ID: slot,
      Type: 'NodeBMC',
      State: 'Ready',
      Flag: 'OK',
      Enabled: true,
      NetType: 'Sling',
      Arch: 'X86',
      Class: 'River',
    })
    expect(await found(lab, 'x3000c0s19e1')).toMatchObject({ Type: 'NodeEnclosure', State: 'On' })
    expect((await lab.ask('GET', `${v2}/State/Components?type=Chassis`)).json).toEqual({
      Components: [],
    })
  })
})

describe('the role of a component', () => {
  const write = (lab: Bench, body: unknown, xname: string = intel) =>
    lab.ask('PATCH', `${v2}/State/Components/${xname}/Role`, body)

  it('is written in its own spelling, and takes the subrole away that is left out', async () => {
    const lab = bench()
    expect(await write(lab, { Role: 'application', SubRole: 'uan' })).toMatchObject({ status: 204 })
    expect(await found(lab, intel)).toMatchObject({ Role: 'Application', SubRole: 'UAN' })
    expect(
      (await lab.ask('GET', `${v2}/State/Components?subrole=UAN`)).json.Components,
    ).toHaveLength(1)
    await write(lab, { Role: 'Compute' })
    expect(await found(lab, intel)).not.toHaveProperty('SubRole')
  })

  it('is written for many, and what is not there is passed over', async () => {
    const lab = bench()
    const many = (body: unknown) => lab.ask('PATCH', `${v2}/State/Components/BulkRole`, body)
    expect((await many({ ComponentIDs: [intel, 'x1c0s0b0n0'], Role: 'Service' })).status).toBe(204)
    expect((await found(lab, intel)).Role).toBe('Service')
    expect(await many({ Role: 'Service' })).toMatchObject({ json: { detail: 'Missing IDs' } })
  })

  it.each([
    [{}, intel, 'Missing Role'],
    [{ Role: '' }, intel, 'a required argument was missing'],
    [{ Role: 'Cook' }, intel, 'a required argument did not match any valid input'],
    [
      { Role: 'Compute', SubRole: 'Cook' },
      intel,
      'a required argument did not match any valid input',
    ],
    [{ Role: 'Compute' }, 'nid1', 'invalid xname ID'],
    [{ Role: 'Compute', ID: slot }, intel, 'ID in URL and PATCH body do not match'],
  ])('is refused with %j of %s', async (body, xname, detail) => {
    const lab = bench()
    expect(await write(lab, body, xname)).toMatchObject({
      status: 400,
      json: { type: 'about:blank', title: 'Bad Request', detail },
    })
    expect((await found(lab, intel)).Role).toBe('Compute')
  })
})

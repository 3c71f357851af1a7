import { describe, expect, it } from 'vitest'
import { bench, intel } from '../system.fixture.ts'

const hardware = '/apis/sls/v1/hardware'

describe('an entry of SLS that is written', () => {
  it('has the properties that were sent, and no others', async () => {
    const lab = bench()
    const body = { Class: 'River', ExtraProperties: { NID: 7 } }
    expect(await lab.ask('PUT', `${hardware}/${intel}`, body)).toEqual({
      status: 200,
      type: 'application/json',
      json: {
        Parent: 'x3000c0s19b1',
        Xname: intel,
        Type: 'comptype_node',
        Class: 'River',
        TypeString: 'Node',
        ExtraProperties: { NID: 7 },
      },
    })
    expect((await lab.ask('GET', `${hardware}/${intel}`)).json).toMatchObject({
      ExtraProperties: { NID: 7 },
      LastUpdated: expect.any(Number),
    })
    expect((await lab.ask('GET', '/apis/sls/v1/version')).json.Counter).toBe(2)
  })

  it('is made where it is not there', async () => {
    const lab = bench()
    const made = await lab.ask('PUT', `${hardware}/x1000c3s0`, { Class: 'Mountain' })
    expect(made).toMatchObject({ status: 201, json: { Type: 'comptype_compmod' } })
    expect((await lab.ask('GET', `${hardware}/x1000c3s0`)).status).toBe(200)
  })

  it.each([
    ['nid1', { Class: 'River' }, 400, 'invalid xname'],
    [intel, '{', 400, 'unable to unmarshal JSON payload'],
    [intel, {}, 400, 'missing fields Class '],
    [intel, { Class: 'Lake' }, 400, 'invalid component class'],
    [intel, { Class: 'river' }, 500, 'DB update failed'],
  ])('is refused for %s with %j', async (xname, body, status, detail) => {
    const lab = bench()
    expect(await lab.ask('PUT', `${hardware}/${xname}`, body)).toMatchObject({
      status,
      json: { detail },
    })
    expect((await lab.ask('GET', `${hardware}/${intel}`)).json.ExtraProperties.NID).toBe(1)
  })
})

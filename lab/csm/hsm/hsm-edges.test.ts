import { describe, expect, it } from 'vitest'
import { arm, bench, intel } from '../system.fixture.ts'

const hsm = '/apis/smd/hsm/v2'

describe('what HSM 2.45.0 answers at its edges', () => {
  it.each([
    ['/State/Components?type=all', 400, 'bad query param: Argument was not a valid HMS Type'],
    ['/State/Components?type=INVALID', 400, 'bad query param: Argument was not a valid HMS Type'],
    ['/State/Components?nid=99999999999999999999', 500, 'failed to query DB.'],
    ['/State/Components?role=%', 500, 'failed to decode query parameters.'],
    ['/State/Components?role=Compute;state=Ready', 500, 'failed to decode query parameters.'],
    ['/State/Components/ByNID/99999999999999999999', 400, 'a required argument was not an integer'],
    ['/groups?partition=', 400, 'Invalid partition name.'],
    ['/partitions?tag=%zz', 500, 'failed to decode query parameters.'],
  ])('GET %s', async (path, status, detail) => {
    const { ask } = bench('1.7')
    expect(await ask('GET', hsm + path)).toMatchObject({ status, json: { detail } })
  })

  it('knows the type NodePowerConnector', async () => {
    const { ask } = bench('1.7')
    const found = await ask('GET', `${hsm}/State/Components?type=NodePowerConnector`)
    expect(found).toMatchObject({ status: 200, json: { Components: [] } })
  })

  it.each([
    ['POST', '/State/Components/Query', 200, undefined],
    ['POST', '/locks/lock', 400, 'Argument was not a valid xname ID'],
    ['POST', '/locks/status', 400, 'Argument was not a valid xname ID'],
    ['PATCH', '/State/Components/BulkEnabled', 400, 'invalid xname ID'],
  ])('%s %s takes null in a list for an empty text', async (method, path, status, detail) => {
    const { ask } = bench('1.7')
    const enabled = method === 'PATCH' ? { Enabled: true } : {}
    const reply = await ask(method, hsm + path, { ComponentIDs: [null], ...enabled })
    expect([reply.status, reply.json.detail]).toEqual([status, detail])
  })

  it('reserves no components by their group', async () => {
    const { ask } = bench('1.7')
    await ask('POST', `${hsm}/groups`, { label: 'g', members: { ids: [intel, arm] } })
    expect(
      await ask('POST', `${hsm}/locks/service/reservations`, {
        Group: ['g'],
        ReservationDuration: 1,
      }),
    ).toMatchObject({ status: 500, json: { detail: "operation 'POST' failed during store." } })
  })

  it('keeps no text that is too long for its database', async () => {
    const { ask } = bench('1.7')
    const long = 'é'.repeat(256)
    const refused = await ask('POST', `${hsm}/groups`, { label: 'g', description: long })
    expect(refused.json.detail).toBe("operation 'POST' failed during store.")
    await ask('POST', `${hsm}/groups`, { label: 'g', description: long.slice(1) })
    const patched = await ask('PATCH', `${hsm}/groups/g`, { description: long })
    expect(patched).toMatchObject({ status: 500, json: { detail: 'failed to query DB.' } })
  })
})

import { describe, expect, it } from 'vitest'
import { hsm } from '../hsm/index.ts'
import { sls } from '../sls/index.ts'
import { bench } from '../system.fixture.ts'

describe('a path that no route of SLS is for', () => {
  it.each([
    ['GET', '/hardware/?a=b', 301, '/v1/hardware?a=b'],
    ['HEAD', '/hardware/', 405, undefined],
    ['OPTIONS', '/networks/HMN/', 405, undefined],
    ['TRACE', '/networks/', 405, undefined],
    ['GET', '//networks', 301, '/v1/networks'],
    ['DELETE', '/networks//HMN', 301, '/v1/networks/HMN'],
    ['GET', '/nothing/', 404, undefined],
  ])('%s %s is answered as by the real one', (method, url, status, location) => {
    const [below = '', query] = url.split('?')
    const search = query === undefined ? '' : `?${query}`
    const reply = sls.unrouted({ method, below, search, allowed: [] })
    expect([reply.status, reply.headers?.['location']]).toEqual([status, location])
  })

  it('HSM forgets the wrong method where a later route has it', () => {
    const asked = { method: 'GET', below: '/locks/lock/', search: '', allowed: [] }
    expect(hsm.unrouted(asked).status).toBe(404)
  })
})

describe('an xname as it is spelled', () => {
  it.each([
    ['x03000c0s21b1n0', 400],
    ['x3000c00s21b1n0', 400],
    ['X3000c0s21b1n0', 400],
    [' x3000c0s21b1n0', 400],
    ['x3000c0s021b1n0', 201],
  ])('SLS answers %j with %i', async (Xname, status) => {
    const { ask } = bench('1.7')
    expect((await ask('POST', '/apis/sls/v1/hardware', { Xname, Class: 'River' })).status).toBe(
      status,
    )
  })
})

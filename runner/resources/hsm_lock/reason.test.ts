import { expect, it } from 'vitest'
import { builtinTypes } from '../index.generated.ts'

const type = builtinTypes.find(({ name }) => name === 'hsm_lock')!
const params = { xname: 'x3000c0s19b1n0', state: 'locked' }
const locks = { json: { Components: [{ ID: params.xname, Locked: false }] } }

it.each([
  [
    'a refusal',
    { status: 400, json: { detail: 'Component is Reserved' } },
    'Component is Reserved',
  ],
  [
    'an answer of success that says otherwise inside',
    { status: 200, json: { Failure: [{ ID: params.xname, Reason: 'ServerError' }] } },
    'ServerError',
  ],
])('says why HSM did not lock: %s', (_, set, why) => {
  expect(() => type.observe({ locks, set }, params)).toThrow(why)
})

it('takes no reason of another component for its own', () => {
  const set = { status: 200, json: { Failure: [{ ID: 'x3000c0s19b2n0', Reason: 'Locked' }] } }
  expect(type.observe({ locks, set }, params)).toMatchObject({ locked: false })
})

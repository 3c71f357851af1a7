import { expect, it } from 'vitest'
import { createTally } from './tally.ts'

it('counts outcomes, and names the hosts that failed, changed or could not be reached', () => {
  const tally = createTally()
  tally.add({ host: 'a', outcome: 'changed' })
  tally.add({ host: 'b', outcome: 'would change' })
  tally.add({ host: 'c', outcome: 'failed' })
  tally.add({ host: 'd', outcome: 'failed', ignored: true })
  tally.add({ host: 'e', outcome: 'failed', rescued: true })
  tally.add({ host: 'f', outcome: 'unreachable' })
  tally.add({ host: 'f', outcome: 'ok' })
  expect(tally.counts).toMatchObject({ failed: 3, changed: 1, 'would change': 1, ok: 1 })
  expect([...tally.failed]).toEqual(['c'])
  expect([...tally.unreachable]).toEqual(['f'])
  expect([...tally.changed]).toEqual(['a', 'b'])
})

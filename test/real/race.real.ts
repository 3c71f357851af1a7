import { describe, expect, it } from 'vitest'
import { missing, race, type Score } from '../race/race.ts'

// Root in a folder of another user, who exchanges what it can in a loop. `npm run race -- --rounds 1000` plays more of it.

describe.runIf(missing() === null)('another user who races', () => {
  it('wins in no round of any action, and in those of a command by path', async () => {
    const scores: Score[] = []
    await race(50, (score) => scores.push(score))
    const lost = scores.filter(({ isControl, wins }) => !isControl && wins.length > 0)
    expect(lost).toEqual([])
    const unmeasured = scores.filter(({ isControl, wins }) => isControl && wins.length === 0)
    expect(unmeasured).toEqual([])
    expect(scores.length).toBeGreaterThan(10)
  })
})

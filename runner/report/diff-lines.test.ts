import { describe, expect, it } from 'vitest'
import { Matcher } from '../contract/matcher.ts'
import { diffLines } from './diff-lines.ts'

const plainly = (_: unknown, text: string): string => text

describe('the lines of a diff', () => {
  it('print a number in the unit of its field on both sides', () => {
    const wanted = new Matcher('at_least', 900 * 2 ** 40, 'size')
    expect(
      diffLines(
        { free: { from: 75_782_057_984, to: wanted }, wait: { from: 30, to: 5400 } },
        plainly,
        80,
        { free: 'size', wait: 'duration' },
      ),
    ).toEqual(['free: 70.6G → at least 900T', 'wait: 30s → 1h 30m'])
    expect(diffLines({ size: { from: 1024, to: 2048 } }, plainly, 80, { size: 'size' })).toEqual([
      'size: 1K → 2K',
    ])
    const sizes = { from: { a: 1024, b: 2 ** 30 }, to: { a: 2048, b: 2 ** 30 } }
    expect(diffLines({ sizes }, plainly, 80, { sizes: 'size' })).toEqual(['sizes.a: 1K → 2K'])
    const times = { from: [60, 90], to: [60, 3600] }
    expect(diffLines({ times }, plainly, 80, { times: 'duration' })).toEqual([
      'times:',
      '  - 1m 30s',
      '  + 1h 00m',
    ])
    const all = { from: null, to: [60, 90] }
    expect(diffLines({ all }, plainly, 80, { all: 'duration' })).toEqual([
      'all: (none) → [1m 00s, 1m 30s]',
    ])
    expect(diffLines({ count: { from: 1024, to: 2048 } }, plainly, 80)).toEqual([
      'count: 1024 → 2048',
    ])
  })
})

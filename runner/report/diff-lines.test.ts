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
    expect(diffLines({ count: { from: 1024, to: 2048 } }, plainly, 80)).toEqual([
      'count: 1024 → 2048',
    ])
  })
})

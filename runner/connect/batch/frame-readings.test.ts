import { describe, expect, it } from 'vitest'
import { ask } from '../../contract/probe.ts'
import { readingsOf } from './frame-readings.ts'
import { readUnit } from './units.ts'

const frame = (status: string, seconds: number) => ({
  status,
  seconds,
  content: Buffer.from('half of it'),
  stderr: Buffer.alloc(0),
  inner: new Map(),
})
const code = (answers: readonly unknown[] | null): unknown =>
  (answers?.[0] as { failed?: { code: string } }).failed?.code

describe('a command that was ended at its time limit', () => {
  const unit = readUnit(ask(['sleep', '600'], 'any', { timeout: 2 }))

  it('is a failed read also when a little less time was counted here', () => {
    for (const seconds of [1.4, 1.998, 2, 2.3])
      expect(code(readingsOf(unit, frame('124', seconds)))).toBe('timeout')
    expect(code(readingsOf(unit, frame('137', 1.99)))).toBe('timeout')
  })

  it('is not one that ended itself with that exit long before', () => {
    expect(readingsOf(unit, frame('124', 0.2))).toMatchObject([{ exit: 124, stdout: 'half of it' }])
    expect(readingsOf(unit, frame('137', 0.2))).toMatchObject([{ exit: 137 }])
  })
})

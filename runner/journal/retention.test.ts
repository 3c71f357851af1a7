import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pruneLogs } from './retention.ts'

const now = Date.parse('2026-11-30T12:00:00Z')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-retention-'))
  // Four logs of 100 bytes, a day apart; the last one is of now.
  for (let day = 0; day < 4; day++) {
    const file = join(folder, `2026-11-${27 + day}.jsonl`)
    writeFileSync(file, 'x'.repeat(100))
    utimesSync(file, now / 1000, (now - (3 - day) * 86_400_000) / 1000)
  }
  writeFileSync(join(folder, 'notes.txt'), 'mine')
})
afterEach(() => rmSync(folder, { recursive: true }))

const left = (): readonly string[] => readdirSync(folder).sort()
const logs = (...days: readonly number[]): readonly string[] => [
  ...days.map((day) => `2026-11-${day}.jsonl`),
  'notes.txt',
]

describe('run logs', () => {
  it('are kept by their number, with room for one more', () => {
    pruneLogs(folder, { count: 3 }, now)
    expect(left()).toEqual(logs(29, 30))
  })

  it('are kept by the bytes of all of them', () => {
    pruneLogs(folder, { bytes: 250 }, now)
    expect(left()).toEqual(logs(29, 30))
  })

  it('are kept by their age', () => {
    pruneLogs(folder, { seconds: 1.5 * 86_400 }, now)
    expect(left()).toEqual(logs(29, 30))
  })

  it('are kept by the strictest limit', () => {
    pruneLogs(folder, { count: 10, bytes: 1000, seconds: 3600 }, now)
    expect(left()).toEqual(logs(30))
  })

  it('are all kept where they are few', () => {
    pruneLogs(folder, {}, now)
    expect(left()).toEqual(logs(27, 28, 29, 30))
  })
})

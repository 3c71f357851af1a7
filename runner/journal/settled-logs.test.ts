import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unsettledLogs } from './settled-logs.ts'

let home = ''
let folder = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'trueup-settled-'))
  folder = join(home, 'runs')
  mkdirSync(folder)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const name = (i: number): string => `20260101-${String(i).padStart(6, '0')}-aaaaaaa.jsonl`
const log = (i: number, end: object | null): void =>
  writeFileSync(
    join(folder, name(i)),
    `{"n":0,"type":"header"}\n${end ? `${JSON.stringify({ n: 1, type: 'run-ended', ...end })}\n` : ''}`,
  )
const open = (): readonly string[] =>
  unsettledLogs(folder, ({ end }) => !end || end.failedHosts.length > 0).map((file) =>
    file.slice(folder.length + 1),
  )

describe('the logs that may owe something', () => {
  it('are those without a good end, however many ended well, also when all were looked at before', () => {
    for (let i = 0; i < 50; i++) log(i, { failedHosts: i === 7 ? ['n1'] : [] })
    log(50, null)
    for (let times = 0; times < 3; times++) expect(open()).toEqual([name(50), name(7)])
    // It went on, and failed.
    log(50, { failedHosts: ['n2'] })
    log(51, null)
    expect(open()).toEqual([name(51), name(50), name(7)])
  })

  it('are found without what was written down of them', () => {
    for (let i = 0; i < 40; i++) log(i, { failedHosts: [] })
    log(40, null)
    expect(open()).toEqual([name(40)])
    const kept = join(home, 'runs-settled.txt')
    expect(readFileSync(kept, 'utf8').split('\n')).toHaveLength(41)
    for (const text of ['', 'what is this\n', '\0\xff']) {
      writeFileSync(kept, text)
      expect(open()).toEqual([name(40)])
    }
    rmSync(kept)
    expect(open()).toEqual([name(40)])
  })

  it('are none of a folder that is not there', () => {
    expect(unsettledLogs(join(folder, 'none'), () => true)).toEqual([])
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decisionsIn, decisionSections } from '../../runner/manual/decisions-index.ts'

const decisions = decisionsIn(join(import.meta.dirname, '../../docs/decisions'))

describe('a decision', () => {
  it.each(decisions)('$file has a title, an area and all sections', ({ title, area, sections }) => {
    expect(title).toMatch(/^.{10,}[^.]$/)
    expect(area).toMatch(/^[a-z][a-z ]+$/)
    expect(sections).toEqual(decisionSections)
  })

  it('names tests that are there, where it says of a kind what holds it', () => {
    const root = join(import.meta.dirname, '../..')
    const rows = decisions
      .filter(({ file }) => file.startsWith('faults-by-kind'))
      .flatMap(({ file }) =>
        readFileSync(join(root, 'docs/decisions', file), 'utf8').match(/^\| .*`.+$/gm),
      )
    const held = rows.flatMap((row) => [
      ...(row ?? '').matchAll(/`([\w/.-]+\.(?:ts|yaml))`: (.+?)(?=; `| \|$)/g),
    ])
    expect(held.length).toBeGreaterThan(40)
    const missing = held
      .filter(([, file, words]) => !readFileSync(join(root, file!), 'utf8').includes(words!.trim()))
      .map(([text]) => text)
    expect(missing).toEqual([])
  })

  it('has a title of its own', () => {
    const titles = decisions.map((each) => each.title)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

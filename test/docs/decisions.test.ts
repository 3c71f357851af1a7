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

  it('has a title of its own', () => {
    const titles = decisions.map((each) => each.title)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

import { describe, expect, it } from 'vitest'
import { cells, cut } from './screen-text.ts'

describe('the width of a text', () => {
  it.each([
    ['plain', 5],
    ['läßt → …', 8],
    ['漢字', 4],
    ['a\u0301', 1],
    ['👩‍🚀', 2],
    ['❤️', 2],
    ['🇨🇭', 2],
    ['👍🏽', 2],
  ])('%s takes %i columns', (text, columns) => {
    expect(cells(text)).toBe(columns)
  })

  it('is kept by a cut, which takes no picture apart', () => {
    expect(cut('👩‍🚀👩‍🚀👩‍🚀', 5)).toBe('👩‍🚀👩‍🚀…')
    expect(cut('👩‍🚀👩‍🚀👩‍🚀', 4)).toBe('👩‍🚀…')
    expect(cut('läßt sich öffnen', 6)).toBe('läßt …')
  })
})

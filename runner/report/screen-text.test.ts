import stringWidth from 'string-width'
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

  it.each([
    '👩‍🚀 🏳️‍🌈 👨‍👩‍👧‍👦',
    '1️⃣ #️⃣ *⃣ 5⃣',
    '🇨🇭🇩🇪🇦',
    '❤ ❤️ ☎ ☎️ ✔ ✔️ ⚠️ ℹ️',
    '👍🏽👍 🧑🏿‍💻 ⌚ ⏰ ⭐ ♻️ 🈚 ㊗️',
    '漢字👍 läßt\u200d',
    'x1000c0s0b0n0 🚀 \u001b[31mred ❤️\u001b[39m',
    'ha\ufe0f 5\ufe0f',
  ])('of %j is the one that string-width gives', (text) => {
    expect(cells(text)).toBe(stringWidth(text))
  })

  it('is kept by a cut, which takes no picture apart', () => {
    expect(cut('👩‍🚀👩‍🚀👩‍🚀', 5)).toBe('👩‍🚀👩‍🚀…')
    expect(cut('👩‍🚀👩‍🚀👩‍🚀', 4)).toBe('👩‍🚀…')
    expect(cut('läßt sich öffnen', 6)).toBe('läßt …')
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** The literal that a code stands in, from its brace to the brace that ends it. */
function literalAround(text: string, at: number): string {
  let from = at
  for (let depth = 0; from > 0; from--) {
    if (text[from] === '}') depth++
    if (text[from] === '{' && depth-- === 0) break
  }
  let to = at
  for (let depth = 0; to < text.length; to++) {
    if (text[to] === '{') depth++
    if (text[to] === '}' && depth-- === 0) break
  }
  return text.slice(from, to)
}

it('every error of a run says what to type or to look at next', () => {
  const without: string[] = []
  for (const file of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue
    const text = readFileSync(join(import.meta.dirname, file), 'utf8')
    for (const match of text.matchAll(/code: ['`]([a-z]+\/[^'`]+)['`]/g))
      if (!/\bhint\b/.test(literalAround(text, match.index))) without.push(`${file}: ${match[1]}`)
  }
  expect(without).toEqual([])
})

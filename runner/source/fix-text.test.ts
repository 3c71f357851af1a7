import { describe, expect, it } from 'vitest'
import type { Diagnostic, Fix } from '../model/diagnostic.ts'
import { fixText } from './fix-text.ts'

/** A fix at the first place of `word` in a text. */
function fixAt(text: string, word: string, fix: Fix): Diagnostic {
  const start = text.indexOf(word)
  const before = text.slice(0, start).split('\n')
  return {
    code: 'param/unknown',
    message: word,
    at: {
      file: 'f',
      line: before.length,
      column: before.at(-1)!.length + 1,
      width: word.length,
    },
    fix,
  }
}
const removed = (text: string, at: string, removeKey: string): string =>
  fixText(text, [fixAt(text, at, { removeKey })]).text

describe('fixes of a text', () => {
  it('replace what stands at a place, and leave each other character', () => {
    const text = 'a: {  b: 0644,c: pkg } # é 😀\r\nd:   pkg\r\n'
    const { text: after, fixed } = fixText(text, [
      fixAt(text, 'pkg', { replace: 'name' }),
      fixAt(text, '0644', { replace: '"0644"' }),
    ])
    expect(after).toBe('a: {  b: "0644",c: name } # é 😀\r\nd:   pkg\r\n')
    expect(fixed.map(({ message }) => message)).toEqual(['0644', 'pkg'])
  })

  it('take a key away with its line, or out of its braces', () => {
    expect(removed('- a: 1\n  b: 2 # c\n  d: 3\n', 'a', 'b')).toBe('- a: 1\n  d: 3\n')
    expect(removed('- a: 1\n  b:\n    - x\n    - y\n  d: 3\n', 'a', 'b')).toBe('- a: 1\n  d: 3\n')
    expect(removed('- a: 1\n  b: 2', 'a', 'b')).toBe('- a: 1\n')
    expect(removed('- { a: 1, b: 2, d: 3 }\n', 'a', 'b')).toBe('- { a: 1, d: 3 }\n')
    expect(removed('- { a: 1, b: 2 }\n', 'a', 'b')).toBe('- { a: 1 }\n')
  })

  it('leave a key that stands behind a dash, or alone in its braces', () => {
    for (const text of ['- b: 2\n  a: 1\n', '- { b: 2 }\n'])
      expect(fixText(text, [fixAt(text, 'b', { removeKey: 'b' })])).toEqual({ text, fixed: [] })
  })

  it('mean the innermost map that has the key', () => {
    expect(removed('b: 1\nc:\n  - a: 1\n    b: 2\n', 'a', 'b')).toBe('b: 1\nc:\n  - a: 1\n')
  })
})

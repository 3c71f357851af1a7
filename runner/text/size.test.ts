import { describe, expect, it } from 'vitest'
import { parseSize, readSize, sizeText } from './size.ts'
import { printedText } from './formats.ts'

describe('a size', () => {
  it.each([
    ['512', 512],
    ['64 KiB', 65_536],
    ['1.5T', 1.5 * 2 ** 40],
    [' 50g ', 50 * 2 ** 30],
    ['8P', 2 ** 53],
    ['10P', 10 * 2 ** 50],
    ['1E', 2 ** 60],
  ])('%s is so many bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
    expect(parseSize(sizeText(bytes))).toBe(bytes)
  })

  it('that is none is told from one that is too large', () => {
    for (const text of ['', 'big', '-5', '5X', '1e3', '0x10', '1.G'])
      expect(readSize(text)).toBe('form')
    for (const text of ['1024E', `${'9'.repeat(400)}G`]) expect(readSize(text)).toBe('range')
  })

  it('and a time print as people write them', () => {
    expect(printedText('size', 75_782_057_984)).toBe('70.6G')
    expect(printedText('duration', 5400)).toBe('1h 30m')
  })
})

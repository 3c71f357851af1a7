import { describe, expect, it } from 'vitest'
import { splitter } from './framing.ts'

const mark = '0123456789abcdef01234567'

function cutInto(stream: Buffer, size: number): { content: string; words: readonly string[] }[] {
  const found: { content: string; words: readonly string[] }[] = []
  const split = splitter(mark)
  for (let at = 0; at < stream.length; at += size) {
    for (const { content, words } of split.push(stream.subarray(at, at + size)))
      found.push({ content: content.toString('latin1'), words })
  }
  return found
}

describe('cutting a stream at its marks', () => {
  const contents = [
    'noise of a .bashrc',
    '',
    'no final newline',
    'with one\n',
    '\n\n',
    '\0\xff\r\n',
    `look-alike ${mark} 0 0`,
    `\n${mark}`,
    `x${mark} 3 0\ny`,
    'z'.repeat(100_000),
  ]
  const stream = Buffer.from(
    contents.map((content, index) => `${content}\n${mark} ${index} 0\n`).join(''),
    'latin1',
  )

  it.each([1, 2, 3, 7, 24, 25, 26, 63, 64, 91, 92, 93, 1000, 4096, 65_536, 1e6])(
    'gives the same in pieces of %i bytes',
    (size) => {
      expect(cutInto(stream, size)).toEqual(
        contents.map((content, index) => ({ content, words: [String(index), '0'] })),
      )
    },
  )

  it('gives nothing for a mark that is cut short', () => {
    expect(cutInto(Buffer.from(`abc\n${mark} 0 `), 5)).toEqual([])
    expect(cutInto(Buffer.from(`abc\n${mark.slice(0, -1)}\n`), 5)).toEqual([])
  })

  it('keeps only the end of what is trimmed, and still sees a mark across it', () => {
    const split = splitter(mark)
    split.push(Buffer.from(`${'a'.repeat(500)}b\n${mark}`))
    split.trim(200)
    expect(split.held()).toBe(200)
    expect(split.push(Buffer.from(' 1 0\nrest'))).toMatchObject([{ words: ['1', '0'] }])
    expect(split.rest().toString()).toBe('rest')
  })
})

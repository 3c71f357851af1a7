import { expect, it } from 'vitest'
import { joinLines, newLines, splitLines } from './lines.ts'

it.each(['', 'a\n', 'a\r\nb\r\n', 'a\nb\r\n\n', '\n', '\r\n'])(
  'gives the text back: %j',
  (text) => {
    expect(joinLines(splitLines(text))).toBe(text)
  },
)

it('ends the last line as the file ends its lines, and new ones too', () => {
  expect(joinLines(splitLines('a\r\nb'))).toBe('a\r\nb\r\n')
  expect(joinLines(splitLines('a\nb'))).toBe('a\nb\n')
  expect(newLines(['x'], splitLines('a\r\nb\n'))).toEqual([{ text: 'x', end: '\r\n' }])
  expect(newLines(['x'], [])).toEqual([{ text: 'x', end: '\n' }])
  expect(splitLines('a\r\nb').map(({ text }) => text)).toEqual(['a', 'b'])
})

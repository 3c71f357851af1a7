import { expect, it } from 'vitest'
import { fromBase64 } from './base64.ts'

const decoded = (...bytes: number[]): string | null =>
  fromBase64(Buffer.from(bytes).toString('base64'))

it.each(['', 'a', 'pässwörd', '\u0000\uffff', '日本語', '🔑 key\n'])(
  'gives the text back: %j',
  (text) => {
    expect(fromBase64(Buffer.from(text).toString('base64'))).toBe(text)
  },
)

it.each([
  ['overlong in two bytes', [0xc0, 0xaf]],
  ['overlong in three bytes', [0xe0, 0x80, 0xaf]],
  ['overlong in four bytes', [0xf0, 0x80, 0x80, 0xaf]],
  ['half of a pair', [0xed, 0xa0, 0x80]],
  ['beyond the last character', [0xf4, 0x90, 0x80, 0x80]],
  ['a byte that begins nothing', [0xf8, 0x88, 0x80, 0x80]],
  ['cut off', [0xe6, 0x97]],
])('takes no byte for what it is not: %s', (_what, bytes) => {
  expect(decoded(...bytes, 0x41)).toBeNull()
})

it.each([
  'a',
  'abc',
  'YQ',
  'YQ=',
  'YQ===',
  'Y!==',
  'YR==',
  'YWI=YQ==',
  'error: you must be logged in',
])('takes no text for base64 that is none: %j', (text) => {
  expect(fromBase64(text)).toBeNull()
})

import { expect, it } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'
import { utf8 } from './utf8.ts'

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
])('refuses bytes that are not UTF-8: %s', (_what, bytes) => {
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
])('refuses a text that is not base64: %j', (text) => {
  expect(fromBase64(text)).toBeNull()
})

it.each([
  '',
  'a',
  'ab',
  'abc',
  'abcd',
  'ä€😀',
  'line\nline\n',
  '\u0000\u007f\u0080\u07ff\u0800\uffff',
  'half \ud800 a pair',
])('writes %j as every other tool does', (text) => {
  expect(toBase64(text)).toBe(Buffer.from(text, 'utf8').toString('base64'))
  expect([...utf8(text)]).toEqual([...Buffer.from(text, 'utf8')])
})

it('keeps a byte order mark as a character', () => {
  expect(decoded(0xef, 0xbb, 0xbf, 0x61)).toBe('\ufeffa')
})

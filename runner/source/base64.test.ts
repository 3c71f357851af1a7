import { describe, expect, it } from 'vitest'
import { utf8 } from '../text/utf8.ts'
import { base64 } from './base64.ts'

describe('base64', () => {
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
  ])('of %j is what every other tool says', (text) => {
    expect(base64(text)).toBe(Buffer.from(text, 'utf8').toString('base64'))
    expect(utf8(text)).toEqual([...Buffer.from(text, 'utf8')])
  })
})

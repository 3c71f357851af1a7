import { describe, expect, it } from 'vitest'
import { compilePattern, patternFault } from './pattern.ts'

describe('compilePattern', () => {
  it.each([
    ['^a=(\\d+)$', 'a=12', ['12']],
    ['(x)|(y)', 'ay', [undefined, 'y']],
    ['(?i)ROOT', 'toor root', []],
    ['(?P<key>\\w+)=(?<value>.*)', 'a=b', ['a', 'b']],
    ['\\u00e9', 'café', []],
    ['[[:alpha:]]+', '12ab', []],
  ])('finds %s in %s', (source, text, groups) => {
    const found = compilePattern(source).find(text)
    expect(found?.groups).toEqual(groups)
    expect(text.slice(found!.index, found!.index + found!.text.length)).toBe(found!.text)
  })

  it('lets ^ and $ match at line ends where that is wanted', () => {
    expect(compilePattern('^b$').test('a\nb\nc')).toBe(false)
    expect(compilePattern('^b$', { multiline: true }).find('a\nb\nc')?.index).toBe(2)
  })

  it('answers simple patterns as the other engine does', () => {
    const texts = [
      '',
      '/',
      '/a',
      'a',
      'a-b',
      'ab/',
      'Zz_9',
      'é',
      'a\n',
      '\na',
      '😀',
      '/😀',
      'aaaa/aa',
      '-',
    ]
    for (const source of [
      '^',
      '^$',
      '^/',
      '^[a-z]+$',
      '^[a-zA-Z_][a-zA-Z0-9_.-]*$',
      '^/[a]*/a',
      '^a*',
      '^[-a]+$',
      '^[+.]*-$',
    ])
      for (const text of texts) {
        const plain = compilePattern(source)
        // A group makes it a pattern of the other engine.
        const other = compilePattern(`(?:${source})`)
        expect(plain.test(text), `${source} on ${text}`).toBe(other.test(text))
        expect(plain.find(text), `${source} on ${text}`).toEqual(other.find(text))
      }
    for (const source of ['^a**', '^[z-a]', '^a+*', '^[*'])
      expect(patternFault(source), source).not.toBeNull()
  })

  it.each(['^(a+)+$', '(a|a)*b', '(a|aa)+$', '([a-z]+)*=', '(a*)*b', '^(?:a?){60}a{60}$'])(
    'answers %s at once, where JavaScript would not end',
    (source) => {
      expect(compilePattern(source).test(`${'a'.repeat(50)}!`)).toBe(false)
    },
  )

  it.each([
    ['(?=a)b', 'looks ahead', 0, 3],
    ['a(?!b)', 'looks ahead', 1, 3],
    ['(?<!a)b', 'looks ahead', 0, 4],
    ['(a)\\1', 'refers back', 3, 2],
    ['a++', 'possessive', 1, 2],
    ['x(?>a)', 'atomic', 1, 3],
    ['a(b', 'a ( is not closed', 0, 3],
    ['[a', 'a [ is not closed', 0, 2],
    ['b*a**', 'a repetition is repeated', 3, 2],
    ['*a', 'a repetition has nothing before it', 0, 1],
    ['a{1001}', 'further than 1000', 1, 6],
    ['a\\h', 'an escape', 1, 2],
    ['[a\\h]', 'an escape', 2, 2],
    ['a\\', 'single backslash', 0, 2],
    ['a'.repeat(10_001), 'at most 10000', 0, 10_001],
  ])('says what is wrong with %s', (source, message, index, length) => {
    expect(patternFault(source)).toEqual({
      message: expect.stringContaining(message),
      hint: expect.any(String),
      index,
      length,
    })
  })

  it('mistakes nothing inside of brackets or behind a backslash for syntax', () => {
    for (const source of ['[(?=]', '\\(\\?=', '\\\\1', '[*+]+'])
      expect(patternFault(source)).toBeNull()
  })
})

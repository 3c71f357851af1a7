import { describe, expect, it } from 'vitest'
import { readYamlTexts } from './yaml-texts.ts'

describe('YAML from a host', () => {
  it.each([
    [
      'versions stay texts',
      'a: 1.10\nb: true\nc: ~\nd:\n',
      { a: '1.10', b: 'true', c: '~', d: '' },
    ],
    [
      'lines that go on are one text, as Python folds them',
      'url: https://vcs.local/a\nnote: one\n  two\n',
      { url: 'https://vcs.local/a', note: 'one two' },
    ],
    ['what an anchor names', 'a: &id001 {x: y}\nb: *id001\n', { a: { x: 'y' }, b: { x: 'y' } }],
    ['a block of lines', 'a: |\n  x\n  y\n', { a: 'x\ny\n' }],
    [
      'lists and quotes',
      "- \"a\\n\"\n- 'it''s'\n- [b, {c: d}]\n",
      ['a\n', "it's", ['b', { c: 'd' }]],
    ],
    ['nothing', '# a comment\n', ''],
  ])('gives %s', (_what, text, value) => {
    expect(readYamlTexts(text)).toEqual({ value })
  })

  it.each([
    ['a key that stands twice', 'a: 1\na: 2\n', /the key 'a' stands twice/],
    ['one that stands twice further in', '- {b: {c: 1, "c": 2}}\n', /the key 'c' stands twice/],
    ['a tag', 'a: !!python/tuple [1]\n', /tag/i],
    ['a bracket that is not closed', 'a: {b: c\nd: e\n', /./],
    ['two documents', 'a: 1\n---\nb: 2\n', /more than one document/],
    ['an alias of nothing', 'a: *b\n', /alias/i],
    ['a bomb of aliases', bomb(), /alias/i],
    ['brackets without end', '['.repeat(100_000), /deeper than 64 levels/],
    ['lists without end', '- '.repeat(100_000), /deeper than 64 levels/],
  ])('refuses %s', (_what, text, fault) => {
    expect(readYamlTexts(text)).toEqual({ fault: expect.stringMatching(fault) })
  })
})

describe('YAML of a hostile host', () => {
  it('of nothing but keys is read in one pass', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i}`)
    const read = readYamlTexts(keys.map((key) => `${key}: x\n`).join(''))
    expect('value' in read && Object.keys(read.value)).toEqual(keys)
  })

  it('of more than a quarter of a megabyte is not read', () => {
    expect(readYamlTexts('- a\n'.repeat(70_000))).toEqual({ fault: 'it is larger than 256 KiB' })
  })
})

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const inner = i === 0 ? Array(9).fill('x') : Array(9).fill(`*l${i - 1}`)
    return `l${i}: &l${i} [${inner.join(', ')}]\n`
  })
  return levels.join('')
}

import { describe, expect, it } from 'vitest'
import { parseYaml } from './located-yaml.ts'
import { plain, type Located, type LocatedMap, type LocatedScalar } from './located.ts'

function entry(located: Located | null, ...path: readonly (string | number)[]): Located {
  let found = located!
  for (const part of path)
    found =
      found.kind === 'map'
        ? found.entries.get(String(part))!.value
        : (found as { items: readonly Located[] }).items[Number(part)]!
  return found
}

describe('parseYaml', () => {
  it('reads values as YAML 1.2 does, and knows how they were written', () => {
    const { value, diagnostics } = parseYaml(
      'f',
      'mode: 0644\nversion: 1.10\nanswer: no\nempty:\nold: 08\ndate: 2024-01-01\nhex: "0x1F"\n',
    )
    expect(diagnostics).toEqual([])
    expect(plain(value!)).toEqual({
      mode: 644,
      version: 1.1,
      answer: 'no',
      empty: null,
      old: 8,
      date: '2024-01-01',
      hex: '0x1F',
    })
    expect(entry(value, 'mode')).toMatchObject({
      text: '0644',
      quoted: false,
      at: { line: 1, column: 7, width: 4, source: 'mode: 0644' },
    })
    expect(entry(value, 'version')).toMatchObject({ text: '1.10' })
    expect(entry(value, 'hex')).toMatchObject({ quoted: true })
  })

  it('keeps the order of keys and their places', () => {
    const map = parseYaml('f', 'b: 1\n"a": [x]\n').value as LocatedMap
    expect([...map.entries.keys()]).toEqual(['b', 'a'])
    expect(map.entries.get('a')?.keyAt).toMatchObject({ file: 'f', line: 2, column: 1 })
    expect(entry(map, 'a', 0).at).toMatchObject({ line: 2, column: 7 })
  })

  it('survives a byte order mark and CRLF', () => {
    const { value, diagnostics } = parseYaml('f', '\uFEFFa: 1\r\nb: two\r\n')
    expect(diagnostics).toEqual([])
    expect(plain(value!)).toEqual({ a: 1, b: 'two' })
    expect(entry(value, 'b').at).toMatchObject({ line: 2, column: 4, source: 'b: two' })
  })

  it('knows the tags !raw and !expr and no other', () => {
    const { value } = parseYaml('f', 'a: !raw "{{ x }}"\nb: !expr facts.sp + 1\n')
    expect(entry(value, 'a')).toMatchObject({ tag: '!raw', value: '{{ x }}' })
    expect(entry(value, 'b')).toMatchObject({ tag: '!expr', value: 'facts.sp + 1' })
    expect(parseYaml('f', 'a: !raw [x]\n').diagnostics).toMatchObject([{ code: 'yaml/tag' }])
  })

  it('says where a comment ends a plain text', () => {
    const { value } = parseYaml('f', 'a: x == 1 # 2\nb: "x # y" # z\nc: plain\n# own line\n')
    expect((entry(value, 'a') as LocatedScalar).comment).toMatchObject({
      line: 1,
      column: 11,
      width: 3,
    })
    expect((entry(value, 'b') as LocatedScalar).comment).toBeNull()
    expect((entry(value, 'c') as LocatedScalar).comment).toBeNull()
  })

  it('places a part of a text in plain, quoted and block scalars', () => {
    const { value } = parseYaml(
      'f',
      'a: one two\nb: "x\\ty two"\nc: |\n  one\n  a two two\nd: >\n  one\n  two three\n',
    )
    const where = (key: string, word: string, nth = 0): unknown => {
      const scalar = entry(value, key) as LocatedScalar
      let offset = scalar.text.indexOf(word)
      for (let i = 0; i < nth; i++) offset = scalar.text.indexOf(word, offset + 1)
      const { line, column, width } = scalar.locate(offset, word.length)
      return [line, column, width]
    }
    expect(where('a', 'two')).toEqual([1, 8, 3])
    expect(where('b', 'two')).toEqual([2, 10, 3])
    expect(where('c', 'two', 1)).toEqual([5, 9, 3])
    expect(where('d', 'two')).toEqual([8, 3, 3])
  })

  it('makes maps without a prototype', () => {
    expect(Object.getPrototypeOf(plain(parseYaml('f', 'toString: 1').value!))).toBeNull()
  })

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 'yaml/duplicate-key', 3, 1],
    ['__proto__', 'a:\n  __proto__: { x: 1 }\n', 'yaml/forbidden-key', 2, 3],
    ['constructor', 'constructor: 1\n', 'yaml/forbidden-key', 1, 1],
    ['a merge key', 'a: &x { b: 1 }\nc:\n  <<: *x\n', 'yaml/merge', 3, 3],
    ['a tag by accident', 'when: !x\n', 'yaml/tag', 1, 7],
    ['a tab', 'a:\n\tb: 1\n', 'yaml/tab', 2, 1],
    ['two documents', 'a: 1\n---\nb: 2\n', 'yaml/several-documents', 2, 1],
    ['another version', '%YAML 1.1\n---\na: yes\n', 'yaml/version', 1, 1],
    ['NUL', 'a: 1\nb: \0\n', 'yaml/nul', 2, 4],
    ['an alias to nothing', 'a: *x\n', 'yaml/alias', 1, 4],
    ['an alias to what it stands in', 'a: &x [1, *x]\n', 'yaml/alias', 1, 11],
    ['an open quote', 'a: "x\nb: 1\n', 'yaml/syntax', 1, 4],
    ['a colon in plain text', 'a: b: c\n', 'yaml/syntax', 1, 4],
    ['a list as key', '? [a]\n: b\n', 'yaml/key', 1, 3],
    ['an unquoted template', 'a: 1\nb: {{ x }}\nc: 2\n', 'yaml/unquoted-template', 2, 4],
    ['an unquoted template with a tail', 'a: {{ x }}/y\nc: 2\n', 'yaml/unquoted-template', 1, 4],
    ['an unquoted template in a flow map', 'a: { b: {{ x }} }\n', 'yaml/unquoted-template', 1, 9],
    [
      'an unquoted template within a text of a flow map',
      'a: { b: /x/{{ y }}, c: d }\n',
      'yaml/unquoted-template',
      1,
      9,
    ],
    [
      'an unquoted template with a tail in a flow map',
      'a: { b: {{ x }}/y, c: d }\n',
      'yaml/unquoted-template',
      1,
      9,
    ],
    [
      'an unquoted template within a text of a flow list',
      'a: [echo, -n{{ y }}-{{ z }}]\n',
      'yaml/unquoted-template',
      1,
      11,
    ],
    [
      'another mistake beside a quoted template',
      'a: { b: "x, y {{ z }}", c: d e: f }\n',
      'yaml/syntax',
      1,
      28,
    ],
    [
      'an unquoted template in a list',
      '- x\n- {{ item.name }}-z\n- y\n',
      'yaml/unquoted-template',
      2,
      3,
    ],
    ['deep nesting', `${'['.repeat(100)}${']'.repeat(100)}`, 'yaml/depth', 1, 65],
    ['very deep nesting', '['.repeat(100_000), 'yaml/depth', 1, expect.any(Number)],
    ['a line without a colon', 'a: 1\nb\nc: 2\n', 'yaml/syntax', 2, 1],
    ['a line that is indented unlike its neighbours', 'a:\n  b: 1\n c: 2\n', 'yaml/syntax', 3, 1],
    ['a key further in than its neighbour', '- a: b\n   c: 1\n', 'yaml/syntax', 2, 4],
    ['an open bracket', 'a: [1, 2\nb: 3\nc: 4\n', 'yaml/syntax', 2, 1],
    ['an escape that is none', 'a: "\\d"\n', 'yaml/syntax', 1, 5],
  ])('%s is one error', (_, text, code, line, column) => {
    expect(parseYaml('f', text).diagnostics).toMatchObject([
      { code, at: { file: 'f', line, column }, hint: expect.any(String) },
    ])
  })

  it('stops an alias bomb with one error', () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`
    const bomb = `a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}${level('g', 'f')}`
    expect(parseYaml('f', bomb).diagnostics).toMatchObject([{ code: 'yaml/alias' }])
  })

  it('goes on after mistakes that leave the structure whole', () => {
    const { value, diagnostics } = parseYaml('f', 'a: 1\na: 2\nb: {{ x }}\nc: 3\n')
    expect(diagnostics.map((d) => d.code)).toEqual(['yaml/duplicate-key', 'yaml/unquoted-template'])
    expect(plain(value!)).toEqual({ a: 1, b: '{{ x }}', c: 3 })
  })

  it('gives null for an empty file', () => {
    expect(parseYaml('f', '# nothing\n')).toEqual({ value: null, diagnostics: [] })
  })
})

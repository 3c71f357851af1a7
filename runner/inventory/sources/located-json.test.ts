import { describe, expect, it } from 'vitest'
import { plain } from '../../source/located.ts'
import { parseJson } from './located-json.ts'

const read = (text: string) => parseJson('/a.json', text, { raw: true })

describe('JSON with places', () => {
  it.each([
    '{}',
    '[]',
    ' [ 1 , -2.5e3 , 0 , true , false , null , "" ] ',
    '{"a":{"b":[{"c":"d"}]},"é":"\\u00e9\\n\\"\\\\","t":"a\\\\"}',
    '"x"',
    '\uFEFF{"a": 1}',
    '{\r\n\t"a"\r\n:\r\n1}',
    '{"\\u0061b": "{{ x }}"}',
  ])('reads %j as JSON.parse does', (text) => {
    const { value, diagnostics } = read(text)
    expect(diagnostics).toEqual([])
    expect(JSON.parse(JSON.stringify(plain(value!)))).toEqual(
      JSON.parse(text.replace('\uFEFF', '')),
    )
  })

  it.each([
    ['', '1:1'],
    ['{', '1:2'],
    ['{"a" 1}', '1:6'],
    ['{"a": 1,}', '1:9'],
    ['[1 2]', '1:4'],
    ['[1,]', '1:4'],
    ["{'a': 1}", '1:2'],
    ['{\n  "a": tru\n}', '2:8'],
    ['{"a": "b}', '1:7'],
    ['{"a": "\\x"}', '1:7'],
    ['{"a": "b\nc"}', '1:7'],
    ['{} x', '1:4'],
    ['{"a": 1, "a": 2}', '1:10'],
    ['{"a": {"__proto__": 1}}', '1:8'],
    ['[01]', '1:3'],
    ['[1.]', '1:3'],
    ['NaN', '1:1'],
    ['{"a": // why\n1}', '1:7'],
  ])('refuses %j at %s', (text, place) => {
    const { value, diagnostics } = read(text)
    expect(value).toBeNull()
    expect(diagnostics.map(({ code, at }) => `${code} ${at!.line}:${at!.column}`)).toEqual([
      `inventory/json ${place}`,
    ])
  })

  it('ends at what nests too deeply, however deep', () => {
    expect(read(`${'['.repeat(100_000)}${']'.repeat(100_000)}`).diagnostics).toMatchObject([
      { code: 'inventory/json' },
    ])
  })

  it('knows where a key, a value and a part of a text stand', () => {
    const { value } = read('{\n  "web": { "hosts": ["n1", "n2"] }\n}')
    if (value?.kind !== 'map') throw new Error('no map')
    const web = value.entries.get('web')!
    expect(web.keyAt).toMatchObject({
      line: 2,
      column: 3,
      width: 5,
      source: '  "web": { "hosts": ["n1", "n2"] }',
    })
    const hosts = web.value.kind === 'map' ? web.value.entries.get('hosts')!.value : null
    const second = hosts?.kind === 'list' ? hosts.items[1]! : null
    expect(second!.at).toMatchObject({ line: 2, column: 28, width: 4 })
    expect(second!.kind === 'scalar' ? second!.locate(1, 1) : null).toMatchObject({
      line: 2,
      column: 30,
      width: 1,
    })
  })

  it('does not carry a line of megabytes along', () => {
    const { diagnostics } = read(`{"a": "${'x'.repeat(100_000)}", b}`)
    expect(diagnostics[0]!.at).toEqual({ file: '/a.json', line: 1, column: 100_011 })
  })
})

import { describe, expect, it } from 'vitest'
import { foldNames } from '../text/host-ranges.ts'
import { matchPattern, parsePattern, type Known } from './nodeset.ts'
import { expandRanges } from './expand-ranges.ts'

const nodes = [
  'x3000c0s19b1n0',
  'x3000c0s19b2n0',
  'x3000c0s19b3n0',
  'x3000c0s19b4n0',
  'x3000c0s21b1n0',
  'x3000c0s21b2n0',
  'nid000001',
  'nid000002',
  'nid000010',
  'ncn-m001',
  'fe80::1%eth0',
]
const groups = new Map<string, readonly string[]>([
  ['builders', ['x3000c0s19b1n0', 'x3000c0s19b2n0', 'x3000c0s21b1n0']],
  ['spares', ['x3000c0s19b2n0', 'ncn-m001']],
  ['rack1', ['nid000001']],
  ['rack2', ['nid000002']],
  ['empty', []],
])
const known: Known = { hosts: new Set(nodes), groups }

function match(pattern: string): readonly string[] | string {
  const parsed = parsePattern(pattern)
  if ('code' in parsed) return parsed.code
  const found = matchPattern(parsed, known)
  return 'code' in found ? found.code : nodes.filter((name) => found.has(name))
}

describe('ranges', () => {
  it.each([
    ['n[1-3]', 'n1 n2 n3'],
    ['n[8-11]', 'n8 n9 n10 n11'],
    ['n[08-10]', 'n08 n09 n10'],
    ['n[099-101]', 'n099 n100 n101'],
    ['nid[000001-000004]', 'nid000001 nid000002 nid000003 nid000004'],
    ['n[1-10/3]', 'n1 n4 n7 n10'],
    ['n[00-10/5]', 'n00 n05 n10'],
    ['n[1-3/4]', 'n1'],
    ['n[5,1-2]', 'n1 n2 n5'],
    ['n[1-3,2-4]', 'n1 n2 n3 n4'],
    ['n[1,02]', 'n1 n02'],
    ['n[001,1,01]', 'n1 n01 n001'],
    ['n[1 , 3- 4]', 'n1 n3 n4'],
    ['n[7]', 'n7'],
    ['n[0-0]', 'n0'],
    ['[1-2]', '1 2'],
    ['[1-2]n', '1n 2n'],
    ['n1[1-2]', 'n11 n12'],
    ['n1[9,10]', 'n19 n110'],
    ['n[1-2]3', 'n13 n23'],
    ['n[1-2]-[3-4]', 'n1-3 n1-4 n2-3 n2-4'],
    ['x[1-2]c[0-1]s[0-1]', 'x1c0s0 x1c0s1 x1c1s0 x1c1s1 x2c0s0 x2c0s1 x2c1s0 x2c1s1'],
    ['plain', 'plain'],
  ])('%s is %s', (text, names) => {
    expect(expandRanges(text)).toEqual(names.split(' '))
  })

  it.each([
    ['n[3-1]', 'inventory/range-reversed', 2],
    ['x[1000-999]', 'inventory/range-reversed', 2],
    ['n[8-010]', 'inventory/range-padding', 2],
    ['n[01-100]', 'inventory/range-padding', 2],
    ['n[1,2,5-0009]', 'inventory/range-padding', 6],
    ['n[1-10/0]', 'inventory/range-step', 2],
    ['n[1-10/-1]', 'inventory/range-syntax', 2],
    ['n[5/2]', 'inventory/range-syntax', 2],
    ['n1[8-10]', 'inventory/range-ambiguous', 3],
    ['nid00000[8-10]', 'inventory/range-ambiguous', 9],
    ['n[]', 'inventory/range-empty', 2],
    ['n[1,]', 'inventory/range-empty', 4],
    ['n[1-]', 'inventory/range-syntax', 2],
    ['n[-5]', 'inventory/range-syntax', 2],
    ['n[1--5]', 'inventory/range-syntax', 2],
    ['n[1-2-3]', 'inventory/range-syntax', 2],
    ['n[a-c]', 'inventory/range-syntax', 2],
    ['n[1:3]', 'inventory/range-syntax', 2],
    ['n[1-99999999999999999999]', 'inventory/range-syntax', 2],
    ['n[1-3', 'inventory/range-bracket', 1],
    ['n1-3]', 'inventory/range-bracket', 4],
    ['n[1-[2]]', 'inventory/range-syntax', 2],
    ['n[1-2][3-4]', 'inventory/range-bracket', 6],
    ['n[1-1000000]', 'inventory/range-too-large', 2],
    ['x[1-1000]c[0-7]s[0-7]b[0-1]', 'inventory/range-too-large', 23],
    ['n[1-60000,100000-160000]', 'inventory/range-too-large', 2],
  ])('%s is refused: %s', (text, code, offset) => {
    expect(expandRanges(text)).toMatchObject({ code, offset })
  })

  it('says how a range of another program is written here', () => {
    expect(expandRanges('web[01:50]')).toMatchObject({ hint: 'write [01-50]' })
    expect(expandRanges('web[1:50:2]')).toMatchObject({ hint: 'write [1-50/2]' })
    expect(expandRanges('n[08-100]')).toMatchObject({
      hint: 'pad both ends alike: [008-100], or none: [8-100]',
    })
  })
})

describe('patterns', () => {
  it.each([
    ['x3000c0s19b1n0', 'x3000c0s19b1n0'],
    [' X3000C0S019B01N0 ', 'x3000c0s19b1n0'],
    ['x3000c0s19b[1-2]n0', 'x3000c0s19b1n0 x3000c0s19b2n0'],
    ['x3000c0s[19-21]b[1,4]n0', 'x3000c0s19b1n0 x3000c0s19b4n0 x3000c0s21b1n0'],
    ['nid[000001-000002],ncn-m001', 'nid000001 nid000002 ncn-m001'],
    ['nid000002 , nid000001', 'nid000001 nid000002'],
    ['@builders', 'x3000c0s19b1n0 x3000c0s19b2n0 x3000c0s21b1n0'],
    ['builders', 'x3000c0s19b1n0 x3000c0s19b2n0 x3000c0s21b1n0'],
    ['@rack[1-2]', 'nid000001 nid000002'],
    ['@rack*', 'nid000001 nid000002'],
    ['@builders!@spares', 'x3000c0s19b1n0 x3000c0s21b1n0'],
    ['@builders&@spares', 'x3000c0s19b2n0'],
    ['@builders^@spares', 'x3000c0s19b1n0 x3000c0s21b1n0 ncn-m001'],
    ['@builders!x3000c0s19b[1-2]n0,nid000001', 'x3000c0s21b1n0 nid000001'],
    ['nid*,@builders&nid000001', 'nid000001'],
    ['@builders&@spares,nid000001', 'x3000c0s19b2n0 nid000001'],
    ['nid000001!nid000001', ''],
    ['*!x*', 'nid000001 nid000002 nid000010 ncn-m001 fe80::1%eth0'],
    ['nid00000?', 'nid000001 nid000002'],
    ['X3000c0s21*', 'x3000c0s21b1n0 x3000c0s21b2n0'],
    ['x*s19b[1-2]n?', 'x3000c0s19b1n0 x3000c0s19b2n0'],
    ['all!*n*', 'fe80::1%eth0'],
    ['all&fe80::1%eth0', 'fe80::1%eth0'],
    ['@empty', ''],
    ['all!@empty&ncn-*', 'ncn-m001'],
  ])('%s matches %s', (pattern, names) => {
    expect(match(pattern)).toEqual(names === '' ? [] : names.split(' '))
  })

  it.each(['all', '*', '@all', '@*'])('%s is every host', (pattern) => {
    expect(match(pattern)).toEqual(nodes)
  })

  it.each([
    ['', 'inventory/pattern'],
    ['  ', 'inventory/pattern'],
    ['a,,b', 'inventory/pattern'],
    ['nid000001,', 'inventory/pattern'],
    ['!nid000001', 'inventory/pattern'],
    ['~nid.*', 'inventory/pattern'],
    ['builders:&spares', 'inventory/pattern'],
    ['builders:!spares', 'inventory/pattern'],
    ['@', 'inventory/pattern'],
    ['@a b', 'inventory/pattern'],
    ['nid000001 nid000002', 'inventory/host-name'],
    ['-oProxyCommand=id', 'inventory/host-name'],
    ['`id`', 'inventory/host-name'],
    ['$(id)', 'inventory/host-name'],
    ['nid000001;reboot', 'inventory/host-name'],
    ['nid000001|id', 'inventory/host-name'],
    ['root@nid000001', 'inventory/host-name'],
    ['nid000001:22', 'inventory/host-name'],
    ['n{1..3}', 'inventory/host-name'],
    ['büro', 'inventory/host-name'],
    ['a'.repeat(300), 'inventory/host-name'],
    ['n[3-1]', 'inventory/range-reversed'],
    ['nid000001,n[1-9999999]', 'inventory/range-too-large'],
    ['n[1-60000],m[1-60000]', 'inventory/range-too-large'],
    ['@failed', 'inventory/reserved'],
    ['all!@changed', 'inventory/reserved'],
    ['@nosuch', 'inventory/no-group'],
    ['@nid000001', 'inventory/no-group'],
    ['nosuch', 'inventory/no-host'],
    ['nid000001,nosuch', 'inventory/no-host'],
    ['all!nosuch', 'inventory/no-host'],
    ['nid*&nid000003', 'inventory/no-host'],
    ['z*', 'inventory/no-host'],
    ['nid[3-5]', 'inventory/no-host'],
    ['x3000c0s19b4', 'inventory/no-host'],
    ['toString', 'inventory/no-host'],
    ['@constructor', 'inventory/no-group'],
  ])('%j is refused: %s', (pattern, code) => {
    expect(match(pattern)).toBe(code)
  })

  it('points at the term that is wrong', () => {
    const parsed = parsePattern('nid000001, nid[3-1]')
    expect(parsed).toMatchObject({ code: 'inventory/range-reversed', offset: 15, width: 3 })
    const missing = parsePattern('nid000001, @buildres')
    expect(matchPattern(missing as never, known)).toMatchObject({
      offset: 11,
      width: 9,
      hint: "did you mean 'builders'?",
    })
  })

  it.each([
    ['x3000c0s19b4', /x3000c0s19b4n0/],
    ['x3000c0s19', /x3000c0s19b\[1-4\]n0/],
    ['x3000', /x3000c0s19b\[1-4\]n0,x3000c0s21b\[1-2\]n0/],
    ['nid00001', /nid000001/],
    ['spare', /@spares/],
    ['ncn-m01', /ncn-m001/],
  ])('for %s hints at %s', (pattern, hint) => {
    const found = matchPattern(parsePattern(pattern) as never, known)
    expect((found as { hint: string }).hint).toMatch(hint)
  })

  it('matches wildcards in linear time', () => {
    const hosts = new Set(['a'.repeat(250)])
    expect(
      matchPattern(parsePattern(`${'*a'.repeat(100)}*b`) as never, { hosts, groups: new Map() }),
    ).toMatchObject({ code: 'inventory/no-host' })
  })
})

describe('folding and ranges', () => {
  it("is each other's inverse, whatever the names", () => {
    let seed = 7
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below
    for (let round = 0; round < 300; round += 1) {
      const names = new Set<string>()
      for (let i = random(60); i >= 0; i -= 1) {
        const number = String(random(120))
        names.add(
          ['n', 'y', 'ncn-m'][random(3)] +
            number.padStart(random(5), '0') +
            (random(2) ? `c${random(3)}s${String(random(12)).padStart(random(3), '0')}` : '') +
            (random(4) ? '' : '-nmn'),
        )
      }
      const parsed = parsePattern(foldNames([...names], 1e6))
      const back = matchPattern(parsed as never, { hosts: names, groups: new Map() })
      expect(back).toEqual(names)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { foldNames } from './host-ranges.ts'

describe('folded names', () => {
  it.each([
    ['', ''],
    ['a', 'a'],
    ['b a', 'a,b'],
    ['n1 n2 n3', 'n[1-3]'],
    ['n3 n1 n2 n1', 'n[1-3]'],
    ['n1 n3 n5', 'n[1,3,5]'],
    ['n9 n10 n11', 'n[9-11]'],
    ['n09 n10 n11', 'n[09-11]'],
    ['n098 n099 n100', 'n[098-100]'],
    ['n1 n01', 'n01,n1'],
    ['n8 n9 n01 n10', 'n[01,10],n[8-9]'],
    ['nid000001 nid000002 nid000004', 'nid[000001-000002,000004]'],
    ['x3000c0s19b1n0 x3000c0s19b2n0 x3000c0s20b1n0 x3000c0s20b2n0', 'x3000c0s[19-20]b[1-2]n0'],
    ['x3000c0s19b1n0 x3000c0s19b2n0 x3000c0s20b1n0', 'x3000c0s19b[1-2]n0,x3000c0s20b1n0'],
    ['x1c0s0 x2c1s1', 'x1c0s0,x2c1s1'],
    ['ncn-m001 ncn-w001 ncn-m002 ncn-w002', 'ncn-m[001-002],ncn-w[001-002]'],
    ['1 2 3', '[1-3]'],
    ['10.0.0.9 10.0.0.10', '10.0.0.[9-10]'],
    ['n1-nmn n2-nmn', 'n[1-2]-nmn'],
    ['n99999999999999999999 n99999999999999999998', 'n99999999999999999998,n99999999999999999999'],
    ['constructor __proto__', '__proto__,constructor'],
  ])('%s is %s', (names, folded) => {
    expect(foldNames(names.split(' ').filter(Boolean))).toBe(folded)
  })

  it('says how many names there was no room for', () => {
    const scattered = Array.from({ length: 1000 }, (_, i) => `n${i * i}`)
    expect(foldNames(scattered, 30)).toMatch(/^n\[0-1,4,9,16,25,36,.*\] … and 9\d\d more$/)
    const different = Array.from(
      { length: 100 },
      (_, i) => `${'abcdefghij'[i % 10]}-${'klmnopqrst'[Math.floor(i / 10)]}`,
    )
    expect(foldNames(different, 12)).toBe('a-k,a-l,a-m … and 97 more')
    expect(foldNames(['abcdefgh'], 3)).toBe('1 host')
  })

  it('is one block for a whole machine', () => {
    const names: string[] = []
    for (let x = 1000; x < 1008; x += 1)
      for (let c = 0; c < 8; c += 1)
        for (let s = 0; s < 8; s += 1)
          for (let b = 0; b < 2; b += 1)
            for (let n = 0; n < 4; n += 1) names.push(`x${x}c${c}s${s}b${b}n${n}`)
    expect(names).toHaveLength(4096)
    expect(foldNames(names)).toBe('x[1000-1007]c[0-7]s[0-7]b[0-1]n[0-3]')
    expect(foldNames(names.filter((name) => name !== 'x1003c4s5b1n2')).length).toBeLessThan(250)
  })
})

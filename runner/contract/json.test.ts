import { describe, expect, it } from 'vitest'
import type { Rejection } from './reject.ts'
import { boundDepth, deepest, parseJson, readJson } from './json.ts'
import { Secret } from './secret.ts'

const nested = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + close.repeat(levels)

function codeOf(act: () => unknown): string | null {
  try {
    act()
    return null
  } catch (error) {
    return (error as Rejection).reason
  }
}

describe('foreign JSON', () => {
  it('is read to a depth that comparing and printing can bear', () => {
    expect(readJson(nested(deepest)).value).toBeDefined()
    expect(readJson(nested(deepest + 1))).toEqual({ fault: 'too-deep' })
    expect(codeOf(() => parseJson(nested(100_000)))).toBe('too-deep')
    expect(codeOf(() => parseJson(nested(5_000, '{"a":', '1}')))).toBe('too-deep')
  })

  it('counts no bracket inside of a text', () => {
    const text = JSON.stringify({ a: '['.repeat(999), b: '\\"{'.repeat(999), c: [['x']] })
    expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  it('is no value where a text is not JSON', () => {
    for (const text of ['', 'plain words', '{"a":', nested(5_000).slice(1)])
      expect(readJson(text).value).toBeUndefined()
    expect(parseJson('not JSON')).toBeUndefined()
  })
})

describe('boundDepth', () => {
  it('gives back what is not too deep', () => {
    const value = { a: [1, { b: null }], s: new Secret('s', 'x') }
    expect(boundDepth(value)).toBe(value)
  })

  it('refuses what nests too deeply, and what goes in a circle', () => {
    const circle: unknown[] = []
    circle.push(circle)
    // Each level holds the one below twice: as a tree it would never end.
    const shared = Array.from({ length: 300 }).reduce<unknown[]>((below) => [below, below], [])
    for (const value of [JSON.parse(nested(5_000)), circle, shared])
      expect(codeOf(() => boundDepth(value))).toBe('too-deep')
  })
})

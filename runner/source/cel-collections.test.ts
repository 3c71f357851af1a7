import { describe, expect, it } from 'vitest'
import { Secret } from '../contract/secret.ts'
import { DiagnosticError } from '../model/diagnostic.ts'
import { Unknown } from '../model/signal.ts'
import { compileExpression } from './expression.ts'
import { anyShape, type Names } from './known-names.ts'
import { parseYaml } from './located-yaml.ts'
import type { LocatedMap, LocatedScalar } from './located.ts'

const names = (...known: readonly string[]): Names => ({
  known: new Map(known.map((name) => [name, anyShape])),
  later: new Map(),
  open: false,
})

function evaluate(text: string, scope: Readonly<Record<string, unknown>> = {}): unknown {
  const { value } = parseYaml('f', `x: ${JSON.stringify(text)}\n`)
  const scalar = (value as LocatedMap).entries.get('x')!.value as LocatedScalar
  const { computed, diagnostics } = compileExpression(
    text,
    names(...Object.keys(scope)),
    scalar,
    'value',
  )
  expect(diagnostics).toEqual([])
  return computed.evaluate(Object.assign(Object.create(null) as object, scope) as never)
}

function faultOf(text: string, scope: Readonly<Record<string, unknown>> = {}): string {
  try {
    evaluate(text, scope)
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message
    throw error
  }
  return 'no fault'
}

/** A map with a part that is known later. */
const pending = (): object =>
  Object.defineProperty({ name: 'a' }, 'id', {
    enumerable: true,
    get: () => {
      throw new Unknown('it is made')
    },
  })

describe('functions over lists and maps', () => {
  it.each([
    ['[[1], [], [2, [3]]].flatten()', [1, 2, [3]]],
    ['["b", "a", "B"].sort()', ['B', 'a', 'b']],
    ['[2, 1.5, 10].sort()', [1.5, 2, 10]],
    ['[{"n": 2, "k": "x"}, {"n": 1, "k": "y"}].sort("n").map(e, e.k)', ['y', 'x']],
    ['[1, 2, 1, "1", [1], [1], {"a": 1}, {"a": 1}].unique()', [1, 2, '1', [1], { a: 1 }]],
    ['[null, "null", null].unique()', [null, 'null']],
    ['toMap([["a", 1], {"key": "b", "value": [2]}])', { a: 1, b: [2] }],
    ['toMap([])', {}],
    ['{"a": 1, "b": 2}.without("a")', { b: 2 }],
    ['{"a": 1, "b": 2}.without(["a", "c"])', { b: 2 }],
    ['{"a": 1}.merge({"a": 2, "b": 3})', { a: 2, b: 3 }],
  ])('%s', (text, value) => {
    expect(JSON.parse(JSON.stringify(evaluate(text)))).toEqual(value)
  })

  it('take a key out of each map of a map: what a service answers becomes what it takes', () => {
    const sets = {
      uan: { name: 'uan', path: 's3://a' },
      compute: { name: 'compute', path: 's3://b' },
    }
    expect(evaluate('toMap(sets.map(k, [k, sets[k].without("name")]))', { sets })).toEqual({
      uan: { path: 's3://a' },
      compute: { path: 's3://b' },
    })
  })

  it.each([
    ['[1, "a"].sort()', 'sort(): item 1 is a text, and item 0 is an integer'],
    ['[null].sort()', 'sort(): item 0 is null'],
    ['[{"a": 1}].sort("b")', 'sort("b"): item 0 has no such field'],
    ['toMap([["a"]])', 'toMap(): item 0 is not a pair of a text and a value'],
    ['toMap([[1, 2]])', 'toMap(): item 0 is not a pair of a text and a value'],
    ['toMap([["a", 1], ["a", 1]])', 'toMap(): the key "a" stands twice'],
  ])('%s is refused', (text, message) => {
    expect(faultOf(text)).toBe(message)
  })

  it('read a part of a map only when it is touched', () => {
    expect(evaluate('m.without("id").name', { m: pending() })).toBe('a')
    expect(evaluate('{"x": 1}.merge(m).name', { m: pending() })).toBe('a')
    expect(() => evaluate('m.without("name").id', { m: pending() })).toThrow(Unknown)
    expect(() => evaluate('[m].sort("id")', { m: pending() })).toThrow(Unknown)
  })

  it('hand secrets on, and have no order for them', () => {
    const token = new Secret('token', 'hush-4711')
    expect((evaluate('{"a": token, "b": 1}.without("b")', { token }) as { a: unknown }).a).toBe(
      token,
    )
    expect(evaluate('[token, token].unique().size()', { token })).toBe(1)
    expect(faultOf('[token].sort()', { token })).not.toContain('hush')
  })
})

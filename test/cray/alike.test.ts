import { expect, it } from 'vitest'
import { holds, unlike, valueAt } from './alike.ts'

it.each([
  [{ a: '<id>' }, { a: '295aa9a1-f56c-4307-acad-21b58d02321c', b: 1 }],
  ['<time>Z', '2024-04-23T16:44:55Z'],
  ['<time>', '2024-04-24T12:40:30.786609+00:00'],
  ['<truth>', false],
  [[{ a: 1 }], [{ a: 1 }]],
])('%j is like %j', (shown, printed) => {
  expect(unlike(shown, printed)).toBeNull()
})

it.each([
  [{ a: '<id>' }, { a: 'x' }, '.a'],
  ['<time>Z', '2024-04-23T16:44:55', 'the output'],
  [[], [1], 'the output'],
  [{ a: { b: true } }, { a: null }, '.a'],
  [{ a: null }, {}, '.a'],
  ['<number>', '1', 'the output'],
])('%j is not like %j', (shown, printed, place) => {
  expect(unlike(shown, printed)).toMatch(new RegExp(`^${place}: the page has `))
})

it('finds what lies deeper, and reads values by their place', () => {
  const printed = { a: [{ b: 'unbound' }] }
  expect(holds({ b: 'unbound' }, printed)).toBe(true)
  expect(holds({ b: 'other' }, printed)).toBe(false)
  expect(valueAt('.a.0.b', printed)).toBe('unbound')
  expect(valueAt('.c.0', printed)).toBeUndefined()
})

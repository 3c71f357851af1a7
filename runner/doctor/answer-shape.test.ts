import { expect, it } from 'vitest'
import { shapeFault, type Shape } from './answer-shape.ts'

const image: Shape = { list: { map: { id: 'text', 'link?': { map: { path: 'text' } } } } }

it.each([
  [[]],
  [[{ id: 'a' }]],
  [[{ id: 'a', link: null, more: 1 }]],
  [[{ id: 'a', link: { path: 'p' } }]],
])('%j has the shape', (json) => {
  expect(shapeFault(image, json)).toBeNull()
})

it('a text may have to fit', () => {
  expect(shapeFault(/^Requested/, 'Requested')).toBeNull()
  expect(shapeFault(/^Requested/, 'The')).toBe('it is another text')
  expect(shapeFault(/^Requested/, null)).toBe('it is null, not a text')
})

it.each([
  [undefined, 'it is missing, not a list'],
  [{}, 'it is a map, not a list'],
  [[null], 'it[0] is null, not a map'],
  [[{}], 'it[0].id is missing'],
  [[{ id: 1 }], 'it[0].id is a number, not a text'],
  [[{ id: 'a', link: [] }], 'it[0].link is a list, not a map'],
  [[{ id: 'a', link: { path: true } }], 'it[0].link.path is a boolean, not a text'],
] as const)('%j has another shape', (json, fault) => {
  expect(shapeFault(image, json as never)).toBe(fault)
})

import { expect, it } from 'vitest'
import { thrownText } from './thrown-text.ts'

const unreadable = Object.defineProperty(new Error('x'), 'message', {
  get() {
    throw new Error('no')
  },
})
it.each<[unknown, string]>([
  [new Error('its words'), 'its words'],
  [null, 'it threw null'],
  [undefined, 'it threw undefined'],
  ['a text', 'it threw a text'],
  [Symbol('s'), 'it threw Symbol(s)'],
  [Object.create(null), 'it threw an object that has no text'],
  [Object.assign(new Error(), { message: 7 }), '7'],
  [unreadable, 'it threw an object that has no text'],
])('says what was thrown, case %#', (thrown, text) => {
  expect(thrownText(thrown)).toBe(text)
})

import { expect, it } from 'vitest'
import { elementsOf } from './xml.ts'

it('gives elements with their attributes and the text up to the next tag', () => {
  expect(
    elementsOf(`<?xml version="1.0"?><!-- <x/> --><a b="1" c='&quot;2&quot;'> t &lt;<d/></a>`),
  ).toEqual([
    { name: 'a', attributes: { b: '1', c: '"2"' }, text: 't <' },
    { name: 'd', attributes: {}, text: '' },
  ])
})

it.each([
  ['&#65;&#x42;&#X43;', 'ABC'],
  ['&#x10ffff;', '\u{10ffff}'],
  ['&#99999999999;', '&#99999999999;'],
  ['&#xffffffffff;', '&#xffffffffff;'],
  ['&constructor;&toString;&nosuch;', '&constructor;&toString;&nosuch;'],
])('reads %s as characters, and leaves what stands for none', (written, text) => {
  expect(elementsOf(`<a>${written}</a>`)[0]!.text).toBe(text)
  expect(elementsOf(`<a b="${written}"/>`)[0]!.attributes['b']).toBe(text)
})

it.each(['<!', '<!--', '<?', '<', '<a ', '<a b="', "<a b='", '<a b = ', '&#', 'b=', ' '])(
  'is at its end of half a document of %s, however long it is',
  (part) => {
    expect(elementsOf(part.repeat(300_000))).toBeInstanceOf(Array)
  },
)

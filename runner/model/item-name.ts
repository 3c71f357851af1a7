import { isMap, keysOf, type Value } from '../contract/value.ts'

/** Fields by which people name a thing, the best first. */
const naming = ['name', 'key', 'id', 'path', 'dest', 'user', 'host']

/**
 * A short name for each item of a loop: of a map, the field whose text differs in all of them. An item of a loop over another
 * loop's register is named as its own item is.
 */
export function itemNamer(items: readonly Value[]): (item: Value) => Value {
  const own = items.map(ownItem)
  const field = naming.find((each) => {
    const texts = own.map((item) => (isMap(item) && Object.hasOwn(item, each) ? item[each] : null))
    return (
      texts.every((text) => typeof text === 'string' && text !== '') &&
      new Set(texts).size === items.length
    )
  })
  return (item) => {
    const inner = ownItem(item)
    return field === undefined ? inner : (inner as { readonly [name: string]: Value })[field]!
  }
}

/** The item of an entry of a looped task's register; any other item itself. */
function ownItem(item: Value): Value {
  return isMap(item) && ['item', 'changed', 'state'].every((key) => keysOf(item).includes(key))
    ? item['item']!
    : item
}

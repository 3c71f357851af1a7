import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { Secret } from '../contract/secret.ts'
import { canonical, kindOf, type Value } from '../contract/value.ts'
import { fromCel } from './cel-values.ts'

/** What a function over a list or a map says of a value that it cannot use. */
export type Refuse = (message: string, hint: string) => never

type CelMap = Readonly<Record<string, unknown>>

/** The functions over lists and maps that cel-js lacks. `refuse` throws what the evaluation says of a wrong value. */
export function collections(
  refuse: Refuse,
): Readonly<Record<string, (...args: never[]) => unknown>> {
  return {
    'list.flatten(): list': (list: readonly unknown[]) => list.flat(1),
    'list.sort(): list': (list: readonly unknown[]) => sorted(list, list, refuse),
    'list.sort(string): list': (list: readonly unknown[], field: string) =>
      sorted(
        list,
        list.map((item, i) => fieldOf(item, field, i, refuse)),
        refuse,
      ),
    'list.unique(): list': unique,
    'toMap(list): map': (pairs: readonly unknown[]) => mapOf(pairs, refuse),
    'map.without(string): map': (map: CelMap, key: string) => copied(map, (each) => each !== key),
    'map.without(list): map': (map: CelMap, keys: readonly unknown[]) =>
      copied(map, (each) => !keys.includes(each)),
    'map.merge(map): map': (map: CelMap, over: CelMap) => copied(over, () => true, copied(map)),
  }
}

function fieldOf(item: unknown, field: string, at: number, refuse: Refuse): unknown {
  if (typeof item === 'object' && item !== null && Object.hasOwn(item, field))
    return (item as CelMap)[field]
  return refuse(
    `sort(${JSON.stringify(field)}): item ${at} has no such field`,
    'name a field that every item has',
  )
}

/** The items in the order of their keys: all texts, or all numbers. */
function sorted(
  items: readonly unknown[],
  keys: readonly unknown[],
  refuse: Refuse,
): readonly unknown[] {
  const kinds = keys.map(orderOf)
  const strange = kinds.findIndex((kind) => kind === null || kind !== kinds[0])
  if (strange >= 0)
    refuse(
      `sort(): item ${strange} is ${kindOf(plainOf(keys[strange]))}${kinds[strange] === null ? '' : `, and item 0 is ${kindOf(plainOf(keys[0]))}`}`,
      'only texts, or only numbers, have an order: map(x, string(x)) makes texts of them',
    )
  const order = keys.map(comparable)
  return items
    .map((item, at) => ({ item, at }))
    .sort((a, b) => compared(order[a.at]!, order[b.at]!) || a.at - b.at)
    .map(({ item }) => item)
}

function orderOf(key: unknown): 'text' | 'number' | null {
  if (typeof key === 'string') return 'text'
  return typeof key === 'number' || typeof key === 'bigint' || key instanceof UnsignedInt
    ? 'number'
    : null
}

function comparable(key: unknown): string | number | bigint {
  return key instanceof UnsignedInt ? key.value : (key as string | number | bigint)
}

function compared(a: string | number | bigint, b: string | number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Each value once, where it stands first. */
function unique(list: readonly unknown[]): readonly unknown[] {
  const seen = new Set<unknown>()
  return list.filter((item) => {
    const key = item instanceof Secret ? item : canonical(plainOf(item) as Value)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function plainOf(value: unknown): Value {
  const plain = fromCel(value)
  return (plain === undefined ? String(value) : plain) as Value
}

/** A map of pairs: `[key, value]`, or a map with `key` and `value`. */
function mapOf(pairs: readonly unknown[], refuse: Refuse): CelMap {
  const map = Object.create(null) as Record<string, unknown>
  for (const [at, pair] of pairs.entries()) {
    const [key, value] = Array.isArray(pair)
      ? (pair as readonly unknown[])
      : [(pair as CelMap | null)?.['key'], (pair as CelMap | null)?.['value']]
    const isPair = Array.isArray(pair) ? pair.length === 2 : value !== undefined
    if (!isPair || typeof key !== 'string')
      refuse(
        `toMap(): item ${at} is not a pair of a text and a value`,
        'write toMap(list.map(x, [x.name, x.value]))',
      )
    if (Object.hasOwn(map, key as string))
      refuse(
        `toMap(): the key ${JSON.stringify(key)} stands twice`,
        'filter the list first, or take unique keys',
      )
    map[key as string] = value
  }
  return map
}

/** A copy of the keys that are kept. A field is read when it is touched, as in the map that it comes from. */
function copied(
  map: CelMap,
  keeps: (key: string) => boolean = () => true,
  into: Record<string, unknown> = Object.create(null) as Record<string, unknown>,
): Record<string, unknown> {
  for (const key of Object.keys(map))
    if (keeps(key)) Object.defineProperty(into, key, Object.getOwnPropertyDescriptor(map, key)!)
  return into
}

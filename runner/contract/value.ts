import { Secret } from './secret.ts'

/** What params, state fields, facts and registers hold: JSON, and secrets. */
export type Value = null | boolean | number | string | Secret | readonly Value[] | ValueMap
/** A map of values. Maps made by the engine have no prototype, so `constructor` is not one of their keys. */
export interface ValueMap {
  readonly [key: string]: Value
}

const order: unique symbol = Symbol('order of keys')

/**
 * The keys of a map in the order in which they were written. JavaScript puts keys that look like numbers (a VLAN, a partition)
 * before all others; where a map was written with some, `keepOrder` remembers how.
 */
export function keysOf(map: object): readonly string[] {
  return (map as { readonly [order]?: readonly string[] })[order] ?? Object.keys(map)
}

/** Remembers the order of keys in a map, where JavaScript would give another. */
export function keepOrder<M extends object>(map: M, keys: Iterable<string>): M {
  const written = [...keys]
  if (written.some((key) => /^\d+$/.test(key)))
    Object.defineProperty(map, order, { value: written, enumerable: false })
  return map
}

/** Whether a value is a map (not a list, not a secret). */
export function isMap(value: unknown): value is ValueMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret)
  )
}

/** A text that is the same for equal values, whatever the order of their keys. Secrets show by name only. */
export function canonical(value: unknown): string {
  if (value === undefined) return 'null'
  if (value instanceof Secret || value === null || typeof value !== 'object')
    return JSON.stringify(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value) text += text === '' ? canonical(item) : `,${canonical(item)}`
    return `[${text}]`
  }
  for (const key of Object.keys(value).sort()) {
    const held = (value as Readonly<Record<string, unknown>>)[key]
    if (held !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(held)}`
  }
  return `{${text}}`
}

/** Deep equality of values; a secret equals a secret or a text that has its text. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a instanceof Secret) return b instanceof Secret || typeof b === 'string' ? a.equals(b) : false
  if (b instanceof Secret) return typeof a === 'string' && b.equals(a)
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]))
  if (isMap(a)) {
    if (!isMap(b)) return false
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
    )
  }
  return a === b
}

/** The value's shape in words, for messages: `a number`, `a list`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Secret) return 'a secret'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'boolean') return 'a boolean'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number'
    ? Number.isInteger(value)
      ? 'an integer'
      : 'a number'
    : typeof value
}

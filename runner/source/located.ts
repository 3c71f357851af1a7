import type { Place } from '../model/diagnostic.ts'
import { type Value, keepOrder } from '../contract/value.ts'

/** One scalar and where it stands. */
export interface LocatedScalar {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, without its quotes: `0644` where `value` is 644. */
  readonly text: string
  /** Quoted, or a block scalar: text that nothing was guessed of. */
  readonly quoted: boolean
  readonly tag: '!raw' | '!expr' | null
  /** The comment that ends this plain scalar on its own line: ` #` where it was perhaps meant as text. */
  readonly comment: Place | null
  readonly at: Place
  /** The place of a part of `text`. */
  locate(offset: number, width?: number): Place
}

/** A list and where it stands. */
export interface LocatedList {
  readonly kind: 'list'
  readonly items: readonly Located[]
  readonly at: Place
}

/** One entry of a map, with the place of its key. */
export interface LocatedEntry {
  readonly key: string
  readonly keyAt: Place
  readonly value: Located
}

/** A map and where it stands, its keys in the order in which they were written. */
export interface LocatedMap {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, LocatedEntry>
  readonly at: Place
}

/** A value of a YAML file and where it stands. */
export type Located = LocatedScalar | LocatedList | LocatedMap

/** Whether nothing is written there, or `null`. */
export function isNothing(located: Located): boolean {
  return located.kind === 'scalar' && located.value === null
}

/** The values of a located tree, without places. Maps have no prototype. */
export function plain(located: Located): Value {
  if (located.kind === 'scalar') return located.value
  if (located.kind === 'list') return located.items.map(plain)
  const map: Record<string, Value> = Object.create(null)
  for (const [key, entry] of located.entries) map[key] = plain(entry.value)
  return keepOrder(map, located.entries.keys())
}

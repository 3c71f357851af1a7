import { isDeepStrictEqual } from 'node:util'
import { masked } from './masks.ts'
import type { Fact } from './transcripts.ts'

/** What the lab answered. */
export interface Given {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

const comparedHeaders = ['content-type', 'allow', 'location', 'www-authenticate', 'retry-after']
// Nobody promises an order of these.
const unordered = new Set(['Components', 'ComponentIDs', 'ids', 'transitions'])

/** How an answer of the lab differs from the recorded one; null: not at all. `loose` compares names and types of fields only. */
export function differenceOf(
  fact: Fact,
  given: Given,
  ids: ReadonlyMap<string, string>,
  loose: boolean,
): string | null {
  if (given.status !== fact.status) return `status ${given.status}, real ${fact.status}`
  for (const name of comparedHeaders) {
    const [mine, real] = [headerOf(name, given, ids), fact.answer_headers?.[name] ?? null]
    const isSame =
      name === 'allow' && mine !== null && real !== null
        ? isDeepStrictEqual(methodsIn(mine), methodsIn(real))
        : mine === real
    if (!isSame) return `${name} ${mine ?? 'absent'}, real ${real ?? 'absent'}`
  }
  return bodyDifference(fact, given, ids, loose)
}

function headerOf(name: string, given: Given, ids: ReadonlyMap<string, string>): string | null {
  const value = given.headers[name]
  if (value === undefined) return null
  if (name === 'content-type') return value.split(';')[0]!
  return name === 'location' ? String(masked(value, ids)) : value
}

function methodsIn(header: string): readonly string[] {
  return header.split(/\s*,\s*/).sort()
}

function bodyDifference(
  fact: Fact,
  given: Given,
  ids: ReadonlyMap<string, string>,
  loose: boolean,
): string | null {
  if (!('json' in fact)) {
    const real = fact.text?.trim() ?? ''
    const mine = String(masked(given.text, ids)).trim()
    return mine === real ? null : `text ${JSON.stringify(mine)}, real ${JSON.stringify(real)}`
  }
  const value = parsed(given.text)
  if (value === undefined) return `no JSON: ${given.text.slice(0, 80)}`
  const [mine, real] = [settled(masked(value, ids)), settled(fact.json)]
  const isSame = loose ? hasShapeOf(mine, real) : isAlike(mine, real)
  return isSame
    ? null
    : `${loose ? 'shape' : 'json'} ${JSON.stringify(mine)}, real ${JSON.stringify(real)}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A value with its unordered lists in one order. */
function settled(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => settled(each))
    return unordered.has(name) ? items.sort(byText) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => [key, settled(held, key)]),
  )
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Equal; `...` in the transcript stands for any text. */
function isAlike(mine: unknown, real: unknown): boolean {
  if (real === '...') return typeof mine === 'string' && mine !== ''
  if (Array.isArray(real))
    return (
      Array.isArray(mine) &&
      mine.length === real.length &&
      real.every((each, i) => isAlike(mine[i], each))
    )
  if (typeof real !== 'object' || real === null) return mine === real
  if (typeof mine !== 'object' || mine === null || Array.isArray(mine)) return false
  const names = Object.keys(real)
  return (
    names.length === Object.keys(mine).length &&
    names.every((name) =>
      isAlike((mine as Record<string, unknown>)[name], (real as Record<string, unknown>)[name]),
    )
  )
}

/** Whether each field of the recorded answer is there, in its type: what the lab holds of its own may be more. */
function hasShapeOf(mine: unknown, real: unknown): boolean {
  if (Array.isArray(real))
    return (
      Array.isArray(mine) &&
      (mine.length === 0 || real.length === 0 || hasShapeOf(mine[0], real[0]))
    )
  if (typeof real !== 'object' || real === null)
    return typeof mine === typeof real || (typeof mine !== 'object' && real === '<seconds>')
  if (typeof mine !== 'object' || mine === null || Array.isArray(mine)) return false
  return Object.entries(real).every(
    ([name, held]) =>
      Object.hasOwn(mine, name) && hasShapeOf((mine as Record<string, unknown>)[name], held),
  )
}

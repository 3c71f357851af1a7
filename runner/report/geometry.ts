import { countOf } from '../text/count.ts'
import { foldNames } from '../text/host-ranges.ts'
import { elementsOf, isNode } from '../text/xname.ts'

/** Letters that names of components may have at each level, and what a component there is called. */
const levels = [
  { letters: 'x', name: 'cabinet' },
  { letters: 'c', name: 'chassis' },
  { letters: 's', name: 'slot' },
  { letters: 'b', name: 'board' },
  { letters: 'n', name: 'node' },
] as const

/** Parts of a set that may be missing where it is named by its place: a quarter. */
const mayMiss = 0.25
/** Hosts that an exception may name. */
const exceptions = 3

/** Names hosts by where they are. */
export type Places = (hosts: readonly string[]) => string | null

/**
 * Names hosts by where they are, of all that could be meant: `slot 3 of every chassis`, `cabinet x3000`, `all 200 hosts but
 * x1c0s0b0n0`. Null where a place says nothing that the names do not.
 */
export function createPlaces(all: readonly string[]): Places {
  let numbers: ReadonlyMap<string, Numbers> | null = null
  return (hosts) => {
    if (hosts.length < 3 || all.length < 4) return null
    const but = allBut(hosts, all)
    if (but !== null) return but
    numbers ??= numbersOfAll(all)
    return byPlace(hosts, numbers)
  }
}

function allBut(hosts: readonly string[], all: readonly string[]): string | null {
  if (hosts.length === all.length) return `all ${all.length} hosts`
  if (all.length - hosts.length > exceptions || hosts.length < all.length * 0.75) return null
  const inside = new Set(hosts)
  return `all ${all.length} hosts but ${foldNames(all.filter((host) => !inside.has(host)))}`
}

/** The numbers of all hosts; empty where one of them is not a node of a cabinet. */
function numbersOfAll(all: readonly string[]): ReadonlyMap<string, Numbers> {
  const found = new Map<string, Numbers>()
  for (const host of all) {
    const numbers = numbersOf(host)
    if (!numbers) return new Map()
    found.set(host, numbers)
  }
  return found
}

type Numbers = readonly number[]

function numbersOf(host: string): Numbers | null {
  const elements = isNode(host) ? elementsOf(host) : []
  const fits =
    elements.length === levels.length &&
    elements.every(({ letters }, i) => letters === levels[i]!.letters)
  return fits ? elements.map(({ number }) => number) : null
}

function byPlace(hosts: readonly string[], all: ReadonlyMap<string, Numbers>): string | null {
  const others = [...all.values()]
  const bad = hosts.flatMap((host) => [all.get(host)].filter((each) => each !== undefined))
  if (bad.length < hosts.length) return null
  const seen = levels.map((_, level) => new Set(bad.map((each) => each[level]!)))
  const said = neededLevels(seen, others)
  if (!said.includes(true)) return null
  const meant = meantBy(seen, said, others)
  if (bad.length < meant.length * (1 - mayMiss)) return null
  const words = wordsOf(seen, said)
  if (words === null) return null
  const count =
    bad.length === meant.length
      ? countOf(bad.length, 'host')
      : `${bad.length} of ${countOf(meant.length, 'host')}`
  return `${words} (${count})`
}

function meantBy(
  seen: readonly ReadonlySet<number>[],
  said: readonly boolean[],
  all: readonly Numbers[],
): readonly Numbers[] {
  return all.filter((each) =>
    each.every((number, level) => !said[level] || seen[level]!.has(number)),
  )
}

/** The levels without which other hosts would be meant too: the lowest ones are left out first. */
function neededLevels(
  seen: readonly ReadonlySet<number>[],
  all: readonly Numbers[],
): readonly boolean[] {
  const said = levels.map(() => true)
  const count = meantBy(seen, said, all).length
  for (let level = levels.length - 1; level >= 0; level -= 1) {
    said[level] = false
    if (meantBy(seen, said, all).length > count) said[level] = true
  }
  return said
}

/** `slot 3 of every chassis in cabinet x1000`; null where so many numbers are meant that names are shorter. */
function wordsOf(seen: readonly ReadonlySet<number>[], said: readonly boolean[]): string | null {
  const last = said.lastIndexOf(true)
  // Down from the cabinet as long as one number is said: that is a place with a name.
  let top = 0
  while (top <= last && said[top] && seen[top]!.size === 1) top += 1
  const name = levels
    .slice(0, top)
    .map(({ letters }, level) => `${letters}${[...seen[level]!][0]!}`)
    .join('')
  const place = top === 0 ? '' : `${levels[top - 1]!.name} ${name}`
  const inner = levels
    .map(({ name: level }, at) => ({ level, at }))
    .slice(top)
    .filter(({ at }) => said[at])
    .reverse()
  if (inner.some(({ at }) => seen[at]!.size > 4)) return null
  if (inner.length === 0) return place
  const parts = inner.map(({ level, at }) => {
    const numbers = [...seen[at]!].sort((a, b) => a - b)
    return `${level} ${at === 0 ? numbers.map((each) => `x${each}`).join(', ') : numbers.join(', ')}`
  })
  const first = inner[0]!.at
  const above = levels[first - 1]
  const every = above && !said[first - 1] ? ` of every ${above.name}` : ''
  const [head = '', ...rest] = parts
  const within = [...rest, ...(place === '' ? [] : [place])].map((part) => ` in ${part}`).join('')
  return `${head}${every}${within}`
}

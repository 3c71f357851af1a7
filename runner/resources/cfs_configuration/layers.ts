import { isMap, type Value, type ValueMap } from '../../contract/value.ts'

/** What a layer says of itself, as far as it can be compared. */
const always = ['clone_url', 'source', 'playbook', 'branch', 'commit']
const all = [...always, 'name', 'special_parameters']

/** A layer of CFS as a task writes it: what CFS adds is left out. CFS turns a branch into a commit and keeps both. */
export function layerAs(layer: ValueMap, wanted: ValueMap | undefined): ValueMap {
  const keys =
    wanted === undefined ? all : [...always, ...all.filter((key) => wanted[key] !== undefined)]
  const isBranch = wanted?.['branch'] !== undefined
  return filled(
    Object.fromEntries(
      [...new Set(keys)]
        .filter((key) => !(isBranch && key === 'commit'))
        .map((key) => [key, layer[key] ?? null]),
    ),
  )
}

/** What can be sent back to CFS of what it answered: of branch and commit it takes only one. */
export function sendable(source: ValueMap | null): ValueMap | undefined {
  if (source === null) return undefined
  return Object.fromEntries(
    Object.entries(source).filter(([key]) => key !== 'commit' || source['branch'] === undefined),
  )
}

/** The map without what is not given. */
export function filled(map: { readonly [key: string]: unknown }): ValueMap {
  const given = Object.entries(map).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return Object.fromEntries(
    given.map(([key, value]) => [key, isMap(value) ? filled(value) : (value as Value)]),
  )
}

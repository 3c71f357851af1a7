import { isMap, same, type Value, type ValueMap } from '../../contract/value.ts'
import { mapsAt } from '../service-answers.ts'

/** As much of a current value as a wanted one names: null for what is not there. */
export function partOf(current: Value | undefined, wanted: Value): Value {
  if (isMap(wanted)) {
    const now: ValueMap = isMap(current) ? current : {}
    return Object.fromEntries(
      Object.keys(wanted).map((key) => [key, partOf(now[key], wanted[key]!)]),
    )
  }
  if (isNamedList(wanted) && Array.isArray(current))
    return wanted.map((item) => {
      const held = current.find((each) => isMap(each) && each['name'] === item['name'])
      return held === undefined ? null : partOf(held, item)
    })
  return current ?? null
}

/** The JSON merge patch that brings the wanted fields, and nothing else; null where nothing is to be done. */
export function patchOf(current: Value | undefined, wanted: ValueMap): ValueMap | null {
  const now: ValueMap = isMap(current) ? current : {}
  const patch: Record<string, Value> = {}
  for (const [key, want] of Object.entries(wanted)) {
    const held = now[key]
    if (same(partOf(held, want), want)) continue
    if (isMap(want)) patch[key] = patchOf(held, want) ?? {}
    // A merge patch replaces a list as a whole: the items that the task does not name are sent as they are.
    else patch[key] = isNamedList(want) && Array.isArray(held) ? mergedList(held, want) : want
  }
  return Object.keys(patch).length > 0 ? patch : null
}

type NamedItem = ValueMap & { readonly name: string }

/** A list whose items are distinguished by their names, as containers and volumes are. */
function isNamedList(value: Value): value is readonly NamedItem[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => isMap(item) && typeof item['name'] === 'string')
  )
}

function mergedList(current: readonly Value[], wanted: readonly NamedItem[]): readonly Value[] {
  const nameOf = (item: Value): Value | undefined => (isMap(item) ? item['name'] : undefined)
  const names = new Set(current.map(nameOf))
  return [
    ...current.map((held) => {
      const want = wanted.find(({ name }) => name === nameOf(held))
      return want ? merged(held, want) : held
    }),
    ...wanted.filter(({ name }) => !names.has(name)),
  ]
}

function merged(current: Value, wanted: Value): Value {
  if (!isMap(wanted)) return wanted
  const now: ValueMap = isMap(current) ? current : {}
  const keys = [...new Set([...Object.keys(now), ...Object.keys(wanted)])]
  return Object.fromEntries(
    keys
      .filter((key) => wanted[key] !== null)
      .map((key) => {
        const want = wanted[key]
        if (want === undefined) return [key, now[key]!]
        const held = now[key]
        return [
          key,
          isNamedList(want) && Array.isArray(held)
            ? mergedList(held, want)
            : merged(held ?? null, want),
        ]
      }),
  )
}

/** The programs that apply the fields of a patch, as an object's `managedFields` name them. */
export function appliersOf(object: ValueMap, patch: ValueMap): readonly string[] {
  return mapsAt(object, 'metadata', 'managedFields')
    .filter(
      ({ operation, manager, fieldsV1 }) =>
        operation === 'Apply' && manager !== 'trueup' && owns(fieldsV1, patch),
    )
    .map(({ manager }) => String(manager))
}

function owns(fields: Value | undefined, patch: Value): boolean {
  if (!isMap(fields)) return false
  if (!isMap(patch) || Object.keys(fields).length === 0) return true
  return Object.entries(patch).some(([key, value]) => owns(fields[`f:${key}`], value))
}

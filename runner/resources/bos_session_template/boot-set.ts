import { isMap, type Value, type ValueMap } from '../../contract/value.ts'

/** A boot set as a task writes it: what BOS fills in (its name, an architecture that the task does not say) and what is empty is left out. */
export function asWritten(set: unknown, wanted: object | undefined): ValueMap {
  const given = Object.entries(isMap(set) ? set : {}).filter(([key, value]) => {
    if (key === 'name' || isEmpty(value)) return false
    return key !== 'arch' || wanted === undefined || 'arch' in wanted
  })
  return {
    type: 's3',
    ...Object.fromEntries(
      given.map(([key, value]) => [
        key,
        isMap(value)
          ? Object.fromEntries(Object.entries(value).filter(([, held]) => !isEmpty(held)))
          : value,
      ]),
    ),
  }
}

/** The boot sets of a task, with what it leaves out taken as BOS takes it. */
export function writtenSets(sets: { readonly [name: string]: object }): {
  readonly [name: string]: Value
} {
  return Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, asWritten(set, set)]))
}

function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isMap(value) && Object.values(value).every(isEmpty)
}

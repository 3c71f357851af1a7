import type { HttpReading } from '../contract/probe.ts'
import { isMap, type Value, type ValueMap } from '../contract/value.ts'
import { unclear } from './unclear.ts'

/** The body as an object, or a failed read: what answers there is not the service. */
export function objectFrom(reading: HttpReading, service: string): ValueMap {
  return isMap(reading.json)
    ? reading.json
    : unclear(
        `${service} answered with something that is not an object`,
        `check the URL of the service \`${service}\` in the inventory`,
      )
}

/** The list that the body is, or that it holds under a name; its items are objects. */
export function listFrom(
  reading: HttpReading,
  service: string,
  field?: string,
): readonly ValueMap[] {
  const list =
    field === undefined ? reading.json : isMap(reading.json) ? reading.json[field] : undefined
  return Array.isArray(list)
    ? list.filter(isMap)
    : unclear(
        `${service} answered with something that is not a list`,
        `check the URL of the service \`${service}\` in the inventory`,
      )
}

/** A text that lies so deep, or null. */
export function textAt(value: Value | undefined, ...path: readonly string[]): string | null {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : null
}

/** A number that lies so deep, or null. */
export function numberAt(value: Value | undefined, ...path: readonly string[]): number | null {
  const found = valueAt(value, ...path)
  return typeof found === 'number' ? found : null
}

/** Yes or no that lies so deep, or null. */
export function flagAt(value: Value | undefined, ...path: readonly string[]): boolean | null {
  const found = valueAt(value, ...path)
  return typeof found === 'boolean' ? found : null
}

/** What lies so deep, or undefined. */
export function valueAt(value: Value | undefined, ...path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>((held, key) => (isMap(held) ? held[key] : undefined), value)
}

/** The maps in a list that lies so deep; none where it is missing: services and Kubernetes leave out an empty list. */
export function mapsAt(value: Value | undefined, ...path: readonly string[]): readonly ValueMap[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found.filter(isMap) : []
}

/** What of a request is given: a field that is undefined is left out. */
export function given(fields: { readonly [field: string]: unknown }): ValueMap {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as ValueMap
}

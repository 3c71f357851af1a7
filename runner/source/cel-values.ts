import { Secret } from '../contract/secret.ts'
import { Signal } from '../model/signal.ts'

/** A version that can be compared; it exists inside expressions only. */
export class Version {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Remembers what was met on the way. A signal that was thrown: so that an error beside it does not hide what is only not known yet. */
export interface Watch {
  signal: Signal | null
  /** Whether the expression has touched a secret. */
  secret: boolean
}

/** A value as CEL sees it: integers are ints, and each field of a map is converted when it is touched. */
export function toCel(value: unknown, watch?: Watch): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (value instanceof Secret && watch) watch.secret = true
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value
  if (Array.isArray(value)) return value.map((item) => toCel(item, watch))
  const map = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) {
    if (key === 'constructor' || key === '__proto__') continue
    lazily(map, key, () =>
      toCel(
        touch(() => (value as Record<string, unknown>)[key], watch),
        watch,
      ),
    )
  }
  return map
}

/** Reads what may throw a signal, and remembers that it did. */
export function touch<T>(read: () => T, watch: Watch | undefined): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Signal && watch) watch.signal ??= error
    throw error
  }
}

/** Defines a field that is read when it is touched. */
export function lazily(target: Record<string, unknown>, name: string, get: () => unknown): void {
  Object.defineProperty(target, name, { get, enumerable: true, configurable: true })
}

/** What CEL gave as a value of a playbook, or undefined where a playbook has no such value (a timestamp, bytes, a type). */
export function fromCel(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      // Beyond 2^53 a number of JSON would be another one than was computed.
      return Number.isSafeInteger(Number(value)) ? Number(value) : undefined
    case 'string':
    case 'boolean':
    case 'number':
      return value
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null || value instanceof Secret) return value
  if (value instanceof Version) return value.text
  if (Array.isArray(value)) {
    const items = value.map(fromCel)
    return items.includes(undefined) ? undefined : items
  }
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== null && prototype !== Object.prototype) return undefined
  const map = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value)) {
    const held = fromCel((value as Record<string, unknown>)[key])
    if (held === undefined) return undefined
    map[key] = held
  }
  return map
}

/** What a service remembers: a map that its routes read and write. */
export type ServiceState = Record<string, unknown>

type Held = Record<string, unknown>

/** Puts a value at a path; maps that are missing on the way are made. Returns what is in the way, or null. */
export function setIn(state: ServiceState, path: readonly string[], value: unknown): string | null {
  const [last, ...above] = [...path].reverse()
  let held: Held = state
  for (const key of above.reverse()) {
    if (!Object.hasOwn(held, key)) put(held, key, Object.create(null) as Held)
    const next = held[key]
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return key
    held = next as Held
  }
  put(held, last!, value)
  return null
}

/** Removes what is at a path, if anything is. */
export function removeIn(state: ServiceState, path: readonly string[]): void {
  const [last, ...above] = [...path].reverse()
  let held: unknown = state
  for (const key of above.reverse())
    held =
      typeof held === 'object' && held !== null && Object.hasOwn(held, key)
        ? (held as Held)[key]
        : null
  if (typeof held === 'object' && held !== null) delete (held as Held)[last!]
}

// A key that a request brings may be `__proto__`: it is an ordinary key here.
function put(held: Held, key: string, value: unknown): void {
  Object.defineProperty(held, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

/** After so many layers a map is written out: a look-up stays short, and an addition does not copy all that was there before. */
const mostLayers = 32

/** A map with more entries in front of another map, and some of its keys hidden, without a copy of it. */
export function layered<T>(
  below: ReadonlyMap<string, T>,
  added: ReadonlyMap<string, T>,
  hidden: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, T> {
  const map = new LayeredMap(below, added, hidden)
  return map.layers < mostLayers ? map : new Map(map)
}

class LayeredMap<T> implements ReadonlyMap<string, T> {
  readonly layers: number
  readonly #below: ReadonlyMap<string, T>
  readonly #added: ReadonlyMap<string, T>
  readonly #hidden: ReadonlySet<string>
  #whole: ReadonlyMap<string, T> | null = null

  constructor(
    below: ReadonlyMap<string, T>,
    added: ReadonlyMap<string, T>,
    hidden: ReadonlySet<string>,
  ) {
    this.#below = below
    this.#added = added
    this.#hidden = hidden
    this.layers = below instanceof LayeredMap ? below.layers + 1 : 1
  }

  get size(): number {
    return this.#written().size
  }

  get(key: string): T | undefined {
    if (this.#added.has(key)) return this.#added.get(key)
    return this.#hidden.has(key) ? undefined : this.#below.get(key)
  }

  has(key: string): boolean {
    return this.#added.has(key) || (!this.#hidden.has(key) && this.#below.has(key))
  }

  entries(): MapIterator<[string, T]> {
    return this.#written().entries()
  }

  keys(): MapIterator<string> {
    return this.#written().keys()
  }

  values(): MapIterator<T> {
    return this.#written().values()
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries()
  }

  forEach(visit: (value: T, key: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [key, value] of this) visit(value, key, this)
  }

  #written(): ReadonlyMap<string, T> {
    if (!this.#whole) {
      const whole = new Map(this.#below)
      for (const key of this.#hidden) whole.delete(key)
      for (const [key, value] of this.#added) whole.set(key, value)
      this.#whole = whole
    }
    return this.#whole
  }
}

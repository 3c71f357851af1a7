/** The `forks` places: hosts whose own connections are open at once. */
export interface Slots {
  /** Waits for a place; one that is held already is kept. */
  take(name: string): Promise<void>
  tryTake(name: string): boolean
  /** Gives the place back. */
  give(name: string): void
  /** Whether somebody waits for a place. */
  wanted(): boolean
}

/** As many places as `forks` says. */
export function createSlots(forks: number): Slots {
  const held = new Set<string>()
  const waiting: { name: string; go: () => void }[] = []
  return {
    take(name) {
      if (held.has(name)) return Promise.resolve()
      if (held.size < forks) {
        held.add(name)
        return Promise.resolve()
      }
      return new Promise((go) => waiting.push({ name, go }))
    },
    tryTake(name) {
      if (held.has(name)) return true
      if (held.size >= forks) return false
      held.add(name)
      return true
    },
    give(name) {
      if (!held.delete(name)) return
      const next = waiting.shift()
      if (!next) return
      held.add(next.name)
      next.go()
    },
    wanted: () => waiting.length > 0,
  }
}

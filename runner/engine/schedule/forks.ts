import { beforeActing, type Ends } from '../decide/drain.ts'

/** The `forks` places: hosts whose own connections are open at once. */
export interface Slots {
  /** Waits for a place; one that is held already is kept. Rejects with Interrupted when the run ends before. */
  take(name: string): Promise<void>
  tryTake(name: string): boolean
  /** Gives the place back. */
  give(name: string): void
  /**
   * The host waits for other hosts: `leave` is called as soon as one waits for a place, now or later. What it gives back ends
   * that, for a host that goes on.
   */
  rest(name: string, leave: () => void): () => void
  /** Whether a host waits for a place. */
  wanted(): boolean
}

interface Waiter {
  readonly name: string
  readonly go: () => void
}

/** As many places as `forks` says. */
export function createSlots(forks: number, ends: Ends = {}): Slots {
  const held = new Set<string>()
  const waiting: Waiter[] = []
  const resting = new Map<string, () => void>()
  const makeRoom = (): void => {
    for (const [name, leave] of resting) {
      if (!held.has(name)) continue
      resting.delete(name)
      leave()
      return
    }
  }
  const tryTake = (name: string): boolean => {
    if (held.has(name)) return true
    if (held.size >= forks) return false
    held.add(name)
    return true
  }
  return {
    async take(name) {
      if (tryTake(name)) return
      let go!: () => void
      const turn = new Promise<void>((resolve) => (go = resolve))
      const waiter: Waiter = { name, go }
      waiting.push(waiter)
      makeRoom()
      await beforeActing(ends, turn, () => {
        const at = waiting.indexOf(waiter)
        if (at >= 0) waiting.splice(at, 1)
      })
    },
    tryTake,
    give(name) {
      if (!held.delete(name)) return
      const next = waiting.shift()
      if (!next) return
      held.add(next.name)
      next.go()
    },
    rest(name, leave) {
      resting.set(name, leave)
      if (waiting.length > 0) makeRoom()
      return () => void resting.delete(name)
    },
    wanted: () => waiting.length > 0,
  }
}

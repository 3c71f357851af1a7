import { beforeActing, type Ends } from '../decide/drain.ts'

/** The `forks` places: hosts whose own connections are open at once. */
export interface Slots {
  /** Waits for a place; one that is held already is kept. Rejects with Interrupted when the run ends before. */
  take(name: string): Promise<void>
  tryTake(name: string): boolean
  /** Gives the place back. */
  give(name: string): void
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
    wanted: () => waiting.length > 0,
  }
}

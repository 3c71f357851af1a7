import type { Interrupt } from '../../model/session.ts'

/** sshd's own limit of sessions, unless its MaxSessions says less. */
const usual = 10

/** The sessions of one connection: so many at once, fewer where the server refuses. */
export interface SessionQueue {
  /** Waits for a place; an abort ends the waiting. Gives what frees the place. */
  enter(signal: Interrupt | undefined): Promise<() => void>
  /** The server refused one that had a place: resolves when it may be tried again. */
  wasFull(): Promise<void>
}

/** A queue for one connection. */
export function sessionQueue(): SessionQueue {
  let limit = usual
  let inside = 0
  const waiting: (() => void)[] = []
  const next = (): void => {
    if (inside < limit) waiting.shift()?.()
  }
  return {
    async enter(signal) {
      while (inside >= limit && !signal?.aborted)
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          signal?.addEventListener('abort', resolve, { once: true })
        })
      inside++
      let left = false
      return () => {
        if (left) return
        left = true
        inside--
        next()
      }
    },
    async wasFull() {
      limit = Math.max(1, Math.min(limit, inside - 1))
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200))
    },
  }
}

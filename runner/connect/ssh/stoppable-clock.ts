/** The longest time that a timer of Node holds. */
const longestTimer = 2 ** 31 - 1

/** A limit that stands still while a person types. */
export interface StoppableClock {
  stop(): void
  go(): void
  end(): void
}

/** Calls `ring` after so many milliseconds, not counting those while it was stopped; never for Infinity. */
export function stoppableClock(milliseconds: number, ring: () => void): StoppableClock {
  let deadline = Date.now() + milliseconds
  let stopped = 0
  let stops = 0
  let ended = false
  let timer: NodeJS.Timeout | undefined
  // Most stops are over at once, so the timer is left alone: when it goes off, what was stopped is added.
  function look(): void {
    timer = undefined
    if (stops > 0) return
    const left = deadline - Date.now()
    if (left <= 0) ring()
    else timer = setTimeout(look, Math.min(left, longestTimer))
  }
  timer = setTimeout(look, Math.min(milliseconds, longestTimer))
  return {
    stop() {
      if (stops++ === 0) stopped = Date.now()
    },
    go() {
      if (--stops > 0 || ended) return
      deadline += Date.now() - stopped
      if (!timer) look()
    },
    end() {
      ended = true
      clearTimeout(timer)
    },
  }
}

/** How many may be under way at once; it learns from how those before fared. */
export interface Width {
  /** The number now. */
  readonly now: number
  /** One was done in so many milliseconds. */
  done(milliseconds: number): void
  /** One that began at a moment was turned away at another, for being too many. */
  refused(began: number, now: number): void
}

/** Where a width begins and between which it stays. */
export interface Bounds {
  readonly least: number
  readonly first: number
  readonly most: number
}

/** So many answers are one look at how things are: a single slow host says nothing of the others. */
const look = 8
/** Slower than the best look by this factor and this many milliseconds: what is under way waits for itself. */
const slowerBy = 2.5
const slack = 100

/**
 * A width that grows while answers come as fast as at their best, shrinks when they slow down, and halves when the other
 * side refuses. Refusals of what began before the last halving are of the old width and count once.
 */
export function adaptiveWidth({ least, first, most }: Bounds): Width {
  let width = Math.min(first, most)
  let best = Infinity
  let halved = -Infinity
  let seen: number[] = []
  return {
    get now() {
      return Math.floor(width)
    },
    done(milliseconds) {
      seen.push(milliseconds)
      if (seen.length < look) return
      const middle = [...seen].sort((a, b) => a - b)[look / 2]!
      seen = []
      if (middle > best * slowerBy + slack) width = Math.max(least, width * 0.8)
      else width = Math.min(most, width + Math.max(1, width / 4))
      // The best fades, or one quick minute would be the measure of a whole day.
      best = Math.min(best * 1.05, middle)
    },
    refused(began, now) {
      if (began < halved) return
      halved = now
      seen = []
      width = Math.max(least, width / 2)
    },
  }
}

import type { Interrupt } from '../../runner/model/session.ts'

/** Milliseconds that waiting has skipped so far; a lab that is given `now` of it goes along. */
export const time = { skipped: 0 }

/**
 * In place of the command line's clock, so that whoever waits moves the time:
 * `vi.mock('../runner/wiring/clock.ts', () => import('./harness/skipped-time.ts'))`.
 */
export const clock = {
  now: () => Date.now() + time.skipped,
  sleep: (milliseconds: number, signal?: Interrupt) => {
    if (!signal?.aborted) time.skipped += milliseconds
    return new Promise<void>((resolve) => setTimeout(resolve, 2))
  },
}

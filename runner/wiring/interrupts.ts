import { setMaxListeners } from 'node:events'
import type { Interrupt } from '../model/session.ts'

/** The two ways in which a person ends a run early. */
export interface Interrupts {
  readonly drain: Interrupt
  readonly stop: Interrupt
  /** Begins nothing new, as one Ctrl-C does. */
  drainNow(): void
  /**
   * From here on a signal ends what was begun in good order; before, and when what is returned was called, it ends the process at
   * once, as it does by default: while files are read and checked nothing was begun, and no loop in them can keep a signal from being heard.
   */
  listen(): () => void
}

/** Two signals in less than this are one end: systemd sends SIGHUP right behind SIGTERM. In milliseconds. */
const oneEnd = 1000

/**
 * The first Ctrl-C drains: what was begun is finished, nothing new begins. The second stops what runs; the third ends the
 * process. SIGTERM does the same where it comes again a second later; a lost terminal only drains.
 */
export function createInterrupts(say: (line: string) => void): Interrupts {
  const drain = new AbortController()
  const stop = new AbortController()
  // Every exchange under way listens: thousands of listeners at once are not a leak.
  setMaxListeners(0, drain.signal, stop.signal)
  let latest = -Infinity
  const drainSaying = (again: string): void => {
    say(`interrupted: what was begun is finished, nothing new begins; ${again} stops at once`)
    drain.abort()
  }
  const stopOrExit = (): void => {
    if (stop.signal.aborted) process.exit(130)
    say('stopping what runs')
    stop.abort()
  }
  const onInterrupt = (): void =>
    drain.signal.aborted ? stopOrExit() : drainSaying('Ctrl-C again')
  const onTerminate = (): void => {
    const since = performance.now() - latest
    latest = performance.now()
    if (!drain.signal.aborted) drainSaying('SIGTERM again')
    else if (since >= oneEnd) stopOrExit()
  }
  const onEnd = (): void => {
    latest = performance.now()
    if (!drain.signal.aborted) drain.abort()
  }
  let listening = 0
  return {
    drain: drain.signal,
    stop: stop.signal,
    drainNow: onEnd,
    listen() {
      if (listening++ === 0) {
        process.on('SIGINT', onInterrupt)
        process.on('SIGTERM', onTerminate)
        process.on('SIGHUP', onEnd)
      }
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        if (--listening > 0) return
        process.off('SIGINT', onInterrupt)
        process.off('SIGTERM', onTerminate)
        process.off('SIGHUP', onEnd)
      }
    },
  }
}

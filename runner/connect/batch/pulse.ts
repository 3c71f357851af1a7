import { Unreachable } from '../../model/session.ts'

/** The times after which a silent host counts as gone; all in seconds. */
export interface PulseTimes {
  /** Between two marks of life, and before the controller asks for one. */
  readonly every: number
  /** A host that sends nothing at all for so long is gone. */
  readonly silence: number
  /** How long the first word of the shell may take. */
  readonly start: number
}

/** The times of a run. With the time between two looks they add up to less than the bound that docs/runs.md states. */
export const pulseTimes: PulseTimes = { every: 5, silence: 30, start: 35 }

/** Watches over the life of a host while one script runs there. */
export interface Pulse {
  /** Something came from the host. */
  heard(): void
  /** A mark of life came: from now on their absence counts. `asked`: the script sends one for each line it gets. */
  beat(asked: boolean): void
  /** Whether the host may be gone: then a limit that has passed says nothing of the command yet. */
  isDoubtful(): boolean
  end(): void
}

/** A pulse: `ask` sends a line, `gone` hears the end of a host. */
export function watchPulse(
  name: string,
  times: PulseTimes,
  ask: () => void,
  gone: (error: Unreachable) => void,
): Pulse {
  const pause = (times.every * 1000) / 2
  let expects = false
  let asks = false
  let last = performance.now()
  let looked = last
  const timer = setInterval(() => {
    const now = performance.now()
    // This process itself stood still (a stopped job, a laptop that slept): that says nothing of the host.
    if (now - looked > pause + times.every * 1000) last = now
    looked = now
    const silent = (now - last) / 1000
    if (!expects) return
    if (silent >= times.silence)
      return gone(
        new Unreachable(
          name,
          `nothing came from the host for ${times.silence}s, not even the marks that a script sends while a command is silent`,
          {
            midway: true,
            hint: 'the host may have lost power, or the network may have failed: check that it is up, and read its console',
          },
        ),
      )
    if (asks && silent >= times.every) ask()
  }, pause)
  return {
    heard() {
      last = performance.now()
    },
    beat(asked) {
      expects = true
      asks ||= asked
    },
    isDoubtful: () => expects && performance.now() - last > times.every * 2000,
    end: () => clearInterval(timer),
  }
}

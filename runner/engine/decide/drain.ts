import { Interrupted, type Clock, type Interrupt } from '../../model/session.ts'

/** The two ways in which a run ends early: `drain` begins nothing new, `stop` ends what runs. */
export interface Ends {
  readonly drain?: Interrupt | undefined
  readonly stop?: Interrupt | undefined
}

/** Milliseconds that a reading is given when the run ends early: most answers are near, and a hash of a large file is not. */
const graceOfReading = 5000

/** Whether the run ends early. */
export function isEnding({ drain, stop }: Ends): boolean {
  return drain?.aborted === true || stop?.aborted === true
}

/** Throws Interrupted when the run ends early. To be asked immediately before an action begins. */
export function mayBegin(ends: Ends): void {
  if (isEnding(ends)) throw new Interrupted('the run ended before this began', { begun: false })
}

/**
 * Every wait that stands before an action: a place among the forks, a connection that another turn acts through. It ends when
 * the run does, by Interrupted; `left` hears that nothing waits any more.
 */
export async function beforeActing<T>(
  ends: Ends,
  wait: Promise<T>,
  left: () => void = () => undefined,
): Promise<T> {
  const end = endOf(ends)
  try {
    // What has come already wins: it was there before the end.
    const first = await Promise.race([wait, end.come])
    if (first !== 'ended') return first
    left()
    throw new Interrupted('the run ended before this began', { begun: false })
  } finally {
    end.forget()
  }
}

/**
 * A reading on which nothing was done yet. When the run ends early it is given a few seconds, and then left: it changes nothing, and
 * what runs for it on the host ends with the connection.
 */
export async function whileReading<T>(
  ends: Ends & { readonly clock: Clock },
  reading: Promise<T>,
): Promise<T> {
  const end = endOf(ends)
  // Made at the end alone: an abort makes an exception each time, with its stack.
  const pauses: AbortController[] = []
  const late = end.come.then(async () => {
    const pause = new AbortController()
    pauses.push(pause)
    await ends.clock.sleep(graceOfReading, pause.signal)
    return 'ended' as const
  })
  try {
    const first = await Promise.race([reading, late])
    if (first !== 'ended') return first
    reading.catch(() => undefined)
    throw new Interrupted('interrupted while it was read', { begun: true })
  } finally {
    end.forget()
    for (const pause of pauses) pause.abort()
  }
}

/** The early end of a run, as something to wait for. */
function endOf(ends: Ends): { readonly come: Promise<'ended'>; forget(): void } {
  let wake: () => void = () => undefined
  const come = new Promise<'ended'>((resolve) => (wake = () => resolve('ended')))
  const signals = [ends.drain, ends.stop].filter((each) => each !== undefined)
  for (const signal of signals) signal.addEventListener('abort', wake, { once: true })
  if (isEnding(ends)) wake()
  return {
    come,
    forget: () => {
      for (const signal of signals) signal.removeEventListener('abort', wake)
    },
  }
}

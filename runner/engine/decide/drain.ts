import { Interrupted, type Interrupt } from '../../model/session.ts'

/** The two ways in which a run ends early: `drain` begins nothing new, `stop` ends what runs. */
export interface Ends {
  readonly drain?: Interrupt | undefined
  readonly stop?: Interrupt | undefined
}

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
  let wake: () => void = () => undefined
  const ended = new Promise<'ended'>((resolve) => (wake = () => resolve('ended')))
  const signals = [ends.drain, ends.stop].filter((each) => each !== undefined)
  for (const signal of signals) signal.addEventListener('abort', wake, { once: true })
  if (isEnding(ends)) wake()
  try {
    // What has come already wins: it was there before the end.
    const first = await Promise.race([wait, ended])
    if (first !== 'ended') return first
    left()
    throw new Interrupted('the run ended before this began', { begun: false })
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', wake)
  }
}

import type { Event } from '../../model/event.ts'
import type { Header } from '../../model/record.ts'
import { verdictWords } from '../verdict-words.ts'

/** How a run ended: in words, and how good that is. */
export interface Verdict {
  readonly words: string
  readonly tone: 'good' | 'pending' | 'bad'
  /** The exit code; null where the run has no end. */
  readonly exit: number | null
}

/** How a run ended, or that it has not. */
export function verdictOf(
  header: Pick<Header, 'mode'>,
  state: 'ended' | 'running' | 'cut off',
  ended: Extract<Event, { type: 'run-ended' }> | null,
): Verdict {
  if (!ended)
    return {
      words: state === 'running' ? 'still running' : 'cut off: it was killed',
      tone: state === 'running' ? 'pending' : 'bad',
      exit: null,
    }
  const isBad = ended.interrupted || ended.exit === 1
  return {
    words: verdictWords(header.mode === 'plan', ended),
    tone: isBad ? 'bad' : ended.exit === 2 ? 'pending' : 'good',
    exit: ended.exit,
  }
}

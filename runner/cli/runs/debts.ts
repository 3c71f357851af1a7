import type { Event } from '../../core/event.ts'
import type { Note } from '../../core/note.ts'

/** What a run owes while it goes on. */
export interface Debts {
  note(note: Note): void
  hear(event: Event): void
  /** Whether a host was notified of a handler that it has not been through. */
  any(): boolean
}

/** Keeps the handlers that hosts were notified of until they have run: a run that ends before leaves them to `trueup resume`. */
export function createDebts(): Debts {
  const owed = new Set<string>()
  const handlers = new Map<string, string>()
  const debt = (play: number, host: string, sentence: string): string => JSON.stringify([play, host, sentence])
  return {
    note(note) {
      if (note.type === 'notified') for (const sentence of note.handlers) owed.add(debt(note.play, note.host, sentence))
    },
    hear(event) {
      if (event.type === 'play-started') for (const task of event.tasks) if (task.handler) handlers.set(task.id, task.sentence)
      if (event.type !== 'outcome' || event.outcome === 'failed' || event.outcome === 'unreachable') return
      const sentence = handlers.get(event.task)
      if (sentence !== undefined) owed.delete(debt(event.play, event.host, sentence))
    },
    any: () => owed.size > 0,
  }
}

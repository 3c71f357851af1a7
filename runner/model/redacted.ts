import type { Event } from './event.ts'
import type { Note } from './note.ts'
import { redactAll } from '../contract/secret.ts'

/**
 * An event without the secrets that a host may have echoed: in its words, its diffs and what is shown. The names of
 * hosts and tasks stay, because reports match events by them.
 */
export function redactedEvent(event: Event): Event {
  switch (event.type) {
    case 'outcome': {
      const { reason, diff, changes, error, shown, said, items } = event
      return {
        ...event,
        ...redactAll(withoutUndefined({ reason, diff, changes, error, shown, said, items })),
      } as Event
    }
    case 'task-progress':
      return { ...event, text: redactAll(event.text) }
    case 'warning':
      return { ...event, diagnostic: redactAll(event.diagnostic) }
    default:
      return event
  }
}

/** A note of the run log without the secrets that a host may have echoed. */
export function redactedNote(note: Note): Note {
  return redactAll(note)
}

function withoutUndefined(
  parts: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))
}

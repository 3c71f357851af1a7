import type { Event, Listener, OutcomeEvent } from '../model/event.ts'

/** Keeps every event, for tests and for whoever wants to count. */
export function createRecorder(): {
  readonly events: readonly Event[]
  readonly hear: Listener
  outcomes(): readonly OutcomeEvent[]
} {
  const events: Event[] = []
  return {
    events,
    hear: (event) => {
      events.push(event)
    },
    outcomes: () => events.filter((event) => event.type === 'outcome'),
  }
}

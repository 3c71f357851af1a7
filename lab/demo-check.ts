import type { Event, OutcomeEvent } from '../runner/model/event.ts'

/** What the demo tells of a run. */
export interface RunFacts {
  readonly hosts: number
  readonly changed: number
  /** The most scripts that one connection and user got in one play. */
  readonly scripts: number
  /** Sentences that changed, or would, by host. */
  readonly drift: ReadonlyMap<string, readonly string[]>
}

/** Reads a run's events. */
export function factsOf(events: readonly Event[]): RunFacts {
  const sentences = new Map<string, string>()
  const drift = new Map<string, string[]>()
  const scripts = new Map<string, number>()
  let hosts = 0
  let changed = 0
  for (const event of events) {
    if (event.type === 'run-started') hosts = event.hosts
    if (event.type === 'play-started')
      for (const task of event.tasks) sentences.set(task.id, task.sentence)
    if (event.type === 'run-ended') changed = event.totals.changed
    if (event.type === 'exchange') {
      const key = JSON.stringify([event.play, event.connection, event.user])
      scripts.set(key, (scripts.get(key) ?? 0) + event.scripts)
    }
    if (event.type === 'outcome' && drifted(event)) {
      drift.set(event.host, [
        ...(drift.get(event.host) ?? []),
        sentences.get(event.task) ?? event.task,
      ])
    }
  }
  return { hosts, changed, scripts: Math.max(0, ...scripts.values()), drift }
}

function drifted(event: OutcomeEvent): boolean {
  return event.outcome === 'changed' || event.outcome === 'would change'
}

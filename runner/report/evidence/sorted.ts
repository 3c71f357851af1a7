import type { Event, OutcomeEvent, TaskLabel } from '../../model/event.ts'
import type { Note } from '../../model/note.ts'
import type { Header, LogRecord } from '../../model/record.ts'
import { compareNames } from '../../text/xname.ts'
import { createPlaces, type Places } from '../geometry.ts'

/** What stands in a run log, or what a run says while it goes on. */
export type Recorded = LogRecord | Event | Note

/** A task of a run, with the outcomes of all hosts. */
export interface TaskRecord {
  readonly play: string
  readonly label: TaskLabel
  readonly outcomes: OutcomeEvent[]
}

/** A run log by its parts. */
export interface Sorted {
  readonly started: Extract<Event, { type: 'run-started' }> | null
  readonly ended: Extract<Event, { type: 'run-ended' }> | null
  /** All hosts of its plays, in the order of their names. */
  readonly hosts: readonly string[]
  readonly tasks: readonly TaskRecord[]
  readonly exchanges: readonly Extract<Event, { type: 'exchange' }>[]
  readonly warnings: readonly Extract<Event, { type: 'warning' }>[]
  /** When the last record was written. */
  readonly last: number
}

/** The records of a run by what they are. */
export function sortRecords(header: Header, records: readonly Recorded[]): Sorted {
  const hosts = new Set<string>()
  const tasks = new Map<string, TaskRecord>()
  const exchanges: Sorted['exchanges'][number][] = []
  const warnings: Sorted['warnings'][number][] = []
  let started: Sorted['started'] = null
  let ended: Sorted['ended'] = null
  let last = header.at
  for (const record of records) {
    last = Math.max(last, record.at)
    if (record.type === 'run-started') started = record
    if (record.type === 'run-ended') ended = record
    if (record.type === 'exchange') exchanges.push(record)
    if (record.type === 'warning') warnings.push(record)
    if (record.type === 'play-started') {
      for (const host of record.hosts) hosts.add(host)
      for (const label of record.tasks) {
        const key = `${record.play} ${label.id}`
        if (!tasks.has(key)) tasks.set(key, { play: record.name, label, outcomes: [] })
      }
    }
    if (record.type === 'outcome') tasks.get(`${record.play} ${record.task}`)?.outcomes.push(record)
  }
  return {
    started,
    ended,
    hosts: [...hosts].sort(compareNames),
    tasks: [...tasks.values()],
    exchanges,
    warnings,
    last,
  }
}

/** Gives what names hosts by their place, among those that came to a task. */
export function createPlacesOf(): (task: TaskRecord) => Places {
  const made = new Map<TaskRecord, Places>()
  return (task) => {
    const places =
      made.get(task) ??
      createPlaces([...new Set(task.outcomes.map(({ host }) => host))].sort(compareNames))
    made.set(task, places)
    return places
  }
}

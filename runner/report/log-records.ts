import type { Event, Listener, OutcomeEvent } from '../model/event.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { cleanLine } from './screen-text.ts'

/** A line for the log of a machine or of a site. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly severity: 'info' | 'warning' | 'error'
  /** One line, without control characters. */
  readonly text: string
  readonly fields: Readonly<Record<string, string | number>>
}

const severities = {
  failed: 'error',
  unreachable: 'error',
  interrupted: 'warning',
  changed: 'info',
  'would change': 'info',
} as const satisfies Partial<Record<OutcomeEvent['outcome'], LogRecord['severity']>>

/** Gives a record of each event that a log keeps: how a run begins and ends, what changed, what failed, and warnings. What is true already is not among them. */
export function createLogRecords(take: (record: LogRecord) => void): Listener {
  const sentences = new Map<string, string>()
  let run: Readonly<Record<string, string>> = {}
  return (event) => {
    if (event.type === 'run-started')
      run = { run: event.run, playbook: event.playbook, mode: event.mode }
    if (event.type === 'play-started')
      for (const { id, verb, sentence } of event.tasks)
        sentences.set(`${event.play} ${id}`, `${verb}: ${sentence}`)
    const record = recordOf(event, sentences)
    if (record)
      take({ ...record, text: cleanLine(record.text), fields: { ...run, ...record.fields } })
  }
}

function recordOf(event: Event, sentences: ReadonlyMap<string, string>): LogRecord | null {
  switch (event.type) {
    case 'run-started':
      return {
        at: event.at,
        severity: 'info',
        text: `${event.mode} begins: ${event.playbook} (${event.file}), run ${event.run}`,
        fields: { event: event.type, file: event.file, hosts: event.hosts },
      }
    case 'outcome':
      return outcomeRecord(event, sentences.get(`${event.play} ${event.task}`) ?? event.task)
    case 'warning':
      return {
        at: event.at,
        severity: 'warning',
        text: `${withHost(event.diagnostic)}${event.diagnostic.message} [${event.diagnostic.code}]`,
        fields: {
          event: event.type,
          code: event.diagnostic.code,
          ...(event.diagnostic.host === undefined ? {} : { host: event.diagnostic.host }),
        },
      }
    case 'run-ended':
      return endRecord(event)
    default:
      return null
  }
}

function withHost({ host }: Diagnostic): string {
  return host === undefined ? '' : `${host}: `
}

function outcomeRecord(event: OutcomeEvent, task: string): LogRecord | null {
  const { at, outcome, host, error, seconds } = event
  if (!Object.hasOwn(severities, outcome)) return null
  const severity = severities[outcome as keyof typeof severities]
  const why = error ? `: ${error.message} [${error.code}]` : ''
  return {
    at,
    severity: event.ignored || event.rescued ? 'warning' : severity,
    text: `${host}: ${outcome}: ${task}${why}`,
    fields: {
      event: event.type,
      host,
      task,
      outcome,
      seconds,
      ...(error ? { code: error.code } : {}),
    },
  }
}

function endRecord(event: Extract<Event, { readonly type: 'run-ended' }>): LogRecord {
  const { at, exit, interrupted, failedHosts, unreachableHosts, changedHosts, seconds } = event
  const counts = [
    [changedHosts.length, 'changed'],
    [failedHosts.length, 'failed'],
    [unreachableHosts.length, 'unreachable'],
  ] as const
  const words = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const hosts = words.length === 0 ? 'no host changed or failed' : `hosts: ${words.join(', ')}`
  return {
    at,
    severity: failedHosts.length + unreachableHosts.length > 0 ? 'error' : 'info',
    text: `the run ${interrupted ? 'was interrupted' : 'ended'} with exit ${exit}; ${hosts}`,
    fields: {
      event: event.type,
      exit,
      seconds,
      changed: changedHosts.length,
      failed: failedHosts.length,
      unreachable: unreachableHosts.length,
    },
  }
}

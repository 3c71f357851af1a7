import type { HttpReading } from '../../contract/probe.ts'
import { isMap, type Value, type ValueMap } from '../../contract/value.ts'
import { numberAt, textAt, valueAt } from '../service-answers.ts'
import type { Stage } from '../service-job.ts'

/** A session of BOS, as far as it is known. */
export interface Session {
  readonly name: string
  readonly stage: Stage
  readonly operation: string | null
  /** Whether it only records what the nodes are to do. */
  readonly isStaged: boolean
  readonly template: string | null
  /** The nodes that it is for; none: all of its template. */
  readonly limit: readonly string[]
  /** What BOS does just now, in words. */
  readonly phase: string | null
  /** Why it has failed, in the words of BOS. */
  readonly trouble: string | null
}

/** The sessions of a task: NAME, then NAME-2, NAME-3 … The last one counts. */
export function lastOf(
  sessions: Value | undefined,
  name: string,
): { readonly record: ValueMap; readonly number: number } | null {
  const ours = (Array.isArray(sessions) ? sessions.filter(isMap) : [])
    .map((record) => ({ record, number: numberOf(textAt(record, 'name') ?? '', name) }))
    .filter((each) => each.number > 0)
  return ours.sort((a, b) => b.number - a.number)[0] ?? null
}

/** Whether a session is one of a task's: NAME, NAME-2, NAME-3 … */
export function isOfBase(found: string, name: string): boolean {
  return numberOf(found, name) > 0
}

/** What a session is called that comes after so many. */
export function nameAfter(name: string, number: number): string {
  return number === 0 ? name : `${name}-${number + 1}`
}

function numberOf(found: string, name: string): number {
  if (found === name) return 1
  const number = found.startsWith(`${name}-`) ? found.slice(name.length + 1) : ''
  return /^[2-9]$|^[1-9]\d{1,3}$/.test(number) ? Number(number) : 0
}

/**
 * How far a session is. `complete` is not yet a success: it must also have acted on as many nodes as were meant, and on each of
 * them to the end.
 */
export function sessionOf(record: ValueMap, status: HttpReading | undefined): Session {
  const counts = {
    name: textAt(record, 'name') ?? '',
    operation: textAt(record, 'operation'),
    isStaged: record['stage'] === true,
    template: textAt(record, 'template_name'),
    limit: (textAt(record, 'limit') ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
    phase: phaseOf(status?.json),
  }
  const word = textAt(record, 'status', 'status')
  if (word !== 'complete')
    return { ...counts, stage: word === 'pending' ? 'pending' : 'running', trouble: null }
  const done = counts.isStaged ? 'percent_staged' : 'percent_successful'
  const trouble = troubleOf(record, status?.json, counts.limit.length, done)
  return { ...counts, stage: trouble === null ? 'succeeded' : 'failed', trouble }
}

function troubleOf(
  record: ValueMap,
  status: Value | undefined,
  nodes: number,
  done: 'percent_staged' | 'percent_successful',
): string | null {
  const error = textAt(record, 'status', 'error') || null
  if (error !== null) return error
  const number = (field: string): number => numberAt(status, field) ?? 0
  const summary = valueAt(status, 'error_summary')
  const errors = isMap(summary)
    ? Object.entries(summary).map(
        ([text, each]) => `${text}${textAt(each, 'list') ? ` (${textAt(each, 'list')})` : ''}`,
      )
    : []
  if (number('percent_failed') > 0)
    return [`${number('percent_failed')} % of its nodes failed`, ...errors].join(': ')
  if (number('managed_components_count') !== nodes)
    return `it has acted on ${number('managed_components_count')} of ${nodes} nodes`
  return number(done) === 100
    ? null
    : [`${number(done)} % of its nodes are done`, ...errors].join(': ')
}

function phaseOf(status: Value | undefined): string | null {
  const phases = (['powering_off', 'powering_on', 'configuring'] as const).filter(
    (phase) => Number(valueAt(status, 'phases', `percent_${phase}`) ?? 0) > 0,
  )
  return phases.length === 0 ? null : phases.map((phase) => phase.replace('_', ' ')).join(', ')
}

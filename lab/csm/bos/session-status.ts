import { stamp } from './bos-problems.ts'
import type { BosComponent, BosSession } from './bos-records.ts'
import type { System } from '../system.ts'

const mostInAnError = 10

/** How far a session is: shares of the nodes that it has, staged ones among them. */
export function sessionStatus(session: BosSession, system: System): unknown {
  const all = [...system.bos.components.values()]
  const managed = all.filter((each) => each.session === session.name)
  const staged = all.filter((each) => each.staged?.session === session.name)
  const count = managed.length + staged.length
  const percent = (some: number): number =>
    count === 0 ? 0 : Math.round((some / count) * 10_000) / 100
  const inPhase = (phase: BosComponent['phase']): number =>
    percent(
      managed.filter((each) => each.enabled && each.phase === phase && each.override !== 'on_hold')
        .length,
    )
  const isNow = (status: string): number =>
    managed.filter((each) => (each.override || each.status) === status).length
  return {
    status: session.status,
    managed_components_count: count,
    phases: {
      percent_complete: percent(isNow('stable') + isNow('failed')),
      percent_configuring: inPhase('configuring'),
      percent_powering_on: inPhase('powering_on'),
      percent_powering_off: inPhase('powering_off'),
    },
    percent_successful: percent(isNow('stable')),
    percent_failed: percent(isNow('failed')),
    percent_staged: percent(staged.length),
    error_summary: errorsOf(managed),
    timing: {
      start_time: stamp(session.at),
      end_time: session.ended === null ? null : stamp(session.ended),
      duration: durationText(session, system.now()),
    },
  }
}

function errorsOf(managed: readonly BosComponent[]): Record<string, unknown> {
  const byError = new Map<string, string[]>()
  for (const { id, error } of managed)
    if (error !== '') byError.set(error, [...(byError.get(error) ?? []), id])
  return Object.fromEntries(
    [...byError].map(([error, ids]) => [
      error,
      {
        count: ids.length,
        list: `${ids.slice(0, mostInAnError).join(',')}${ids.length > mostInAnError ? '...' : ''}`,
      },
    ]),
  )
}

// As Python writes a span of time: up to now it has a fraction, between two stamps it has none.
function durationText(session: BosSession, now: number): string {
  const whole = (at: number): number => Math.floor(at / 1000)
  const seconds = whole(session.ended ?? now) - whole(session.at)
  const two = (number: number): string => String(number).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const clock = `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  const fraction = session.ended === null ? `.${String(now % 1000).padStart(3, '0')}000` : ''
  const day = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `
  return `${day}${clock}${fraction}`
}

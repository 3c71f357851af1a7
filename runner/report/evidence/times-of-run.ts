import type { Outcome } from '../../model/outcome.ts'
import { compareNames } from '../../text/xname.ts'
import type { Sorted } from './sorted.ts'

/** Where the time of a run went. Seconds count from its beginning. */
export interface Times {
  /** How many hosts worked, and how many waited for their turn, in equal parts of the run. */
  readonly load: readonly { readonly working: number; readonly queued: number }[]
  /** The hosts that came to their end last. */
  readonly lanes: readonly Lane[]
  /** Seconds of all hosts together. */
  readonly queued: number
  readonly connecting: number
  readonly reading: number
  readonly applying: number
}

/** One host's way through the run. */
export interface Lane {
  readonly host: string
  readonly spans: readonly Span[]
}

/** A task of a host, or the time in which it waited for its turn. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly what: Outcome | 'queued'
  /** The task's place in the list of tasks, from 1. */
  readonly task: number
}

/** Hosts that are shown with a lane of their own. */
const lanesShown = 20
const parts = 100

/** Where the time of a run went. `began` is when it began, in milliseconds. */
export function timesOf({ tasks, exchanges, last }: Sorted, began: number): Times {
  const spans = new Map<string, Span[]>()
  const length = Math.max(0.001, (last - began) / 1000)
  const load = Array.from({ length: parts }, () => ({ working: 0, queued: 0 }))
  let queued = 0
  const begun = tasks.filter(({ outcomes }) => outcomes.length > 0)
  for (const [at, { outcomes }] of begun.entries())
    for (const event of outcomes) {
      const to = (event.at - began) / 1000
      const from = Math.max(0, to - event.seconds)
      const asked = Math.max(0, from - (event.queued ?? 0))
      queued += event.queued ?? 0
      const own = spans.get(event.host) ?? []
      spans.set(event.host, own)
      if (from > asked) own.push({ from: asked, to: from, what: 'queued', task: at + 1 })
      own.push({ from, to, what: event.outcome, task: at + 1 })
      addTo(load, 'queued', asked / length, from / length)
      addTo(load, 'working', from / length, to / length)
    }
  const lanes = [...spans]
    .map(([host, own]) => ({ host, spans: own.sort((a, b) => a.from - b.from || a.to - b.to) }))
    .sort((a, b) => endOf(b.spans) - endOf(a.spans) || compareNames(a.host, b.host))
    .slice(0, lanesShown)
  return { load: load.map(rounded), lanes, queued, ...exchanged(exchanges) }
}

function endOf(spans: readonly Span[]): number {
  return spans.reduce((end, { to }) => Math.max(end, to), 0)
}

/** Adds the share of each part in which a host was at something. */
function addTo(
  load: { working: number; queued: number }[],
  what: 'working' | 'queued',
  from: number,
  to: number,
): void {
  const [first, end] = [from * parts, Math.min(parts, to * parts)]
  for (let part = Math.floor(first); part < end && part < parts; part += 1)
    load[part]![what] += Math.max(0, Math.min(end, part + 1) - Math.max(first, part))
}

function rounded({ working, queued }: { working: number; queued: number }): Times['load'][number] {
  const one = (count: number): number => Math.round(count * 100) / 100
  return { working: one(working), queued: one(queued) }
}

function exchanged(
  exchanges: Sorted['exchanges'],
): Pick<Times, 'connecting' | 'reading' | 'applying'> {
  const sum = { connecting: 0, reading: 0, applying: 0 }
  for (const { connecting = 0, seconds, actions } of exchanges) {
    sum.connecting += connecting
    sum[actions > 0 ? 'applying' : 'reading'] += seconds - connecting
  }
  return sum
}

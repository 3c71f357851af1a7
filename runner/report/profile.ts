import { durationText } from '../text/duration.ts'
import type { Event, Listener } from '../model/event.ts'

/** Tells where the time of a run went, and what each host cost. */
export interface Profile {
  /** Hears what `report` hears, and times it. */
  hear(event: Event, report: Listener): void
  text(): string
}

/** A script takes one round trip to open its channel, one to start its shell, and one for what it asks. */
const roundTripsOfScript = 3

interface Spent {
  connect: number
  probes: number
  apply: number
  scripts: number
  requests: number
  sent: number
  received: number
}
type Figure = (spent: Spent) => number

/** A profile of a run whose process began at `began`; `now` is the same clock in milliseconds. */
export function createProfile(began: number, now: () => number): Profile {
  const connections = new Map<string, Spent>()
  /** By host, the seconds for which it waited for its turn. */
  const queued = new Map<string, number>()
  let loaded: number | null = null
  let reporting = 0

  function count(event: Event & { readonly type: 'exchange' }): void {
    let spent = connections.get(event.connection)
    if (!spent)
      connections.set(
        event.connection,
        (spent = {
          connect: 0,
          probes: 0,
          apply: 0,
          scripts: 0,
          requests: 0,
          sent: 0,
          received: 0,
        }),
      )
    const connecting = event.connecting ?? 0
    spent.connect += connecting
    spent[event.actions > 0 ? 'apply' : 'probes'] += event.seconds - connecting
    spent.scripts += event.scripts
    spent.requests += event.requests
    spent.sent += event.bytesSent
    spent.received += event.bytesReceived
  }

  return {
    hear(event, report) {
      const start = now()
      if (event.type === 'run-started') loaded = start
      if (event.type === 'exchange') count(event)
      if (event.type === 'outcome' && event.queued !== undefined)
        queued.set(event.host, (queued.get(event.host) ?? 0) + event.queued)
      report(event)
      reporting += now() - start
    },
    text: () =>
      profileText([...connections.values()], {
        load: ((loaded ?? now()) - began) / 1000,
        report: reporting / 1000,
        whole: (now() - began) / 1000,
        queued: [...queued.values()],
      }),
  }
}

/** Seconds of the parts of a run that belong to no connection. */
interface Phases {
  readonly load: number
  readonly report: number
  readonly whole: number
  /** Of each host that waited for its turn. */
  readonly queued: readonly number[]
}

function profileText(all: readonly Spent[], phases: Phases): string {
  const phase = (name: string, words: string): string => `  ${name.padEnd(13)} ${words}`
  const seconds = (name: string, figure: Figure): string => {
    const figures = all.map(figure).filter((each) => each > 0)
    return phase(
      name,
      distribution(figures, (each) => durationText(each)),
    )
  }
  const counts = (name: string, figure: Figure): string =>
    phase(
      name,
      distribution(all.map(figure), (each) => String(each)),
    )
  return [
    'profile (of each connection: the middle one, the most, and all together; they work at the same time)',
    phase('load', durationText(phases.load)),
    phase('queue', distribution(phases.queued, durationText)),
    seconds('connect', (spent) => spent.connect),
    seconds('probes', (spent) => spent.probes),
    seconds('apply', (spent) => spent.apply),
    phase('report', durationText(phases.report)),
    phase('whole', durationText(phases.whole)),
    counts('scripts', (spent) => spent.scripts),
    counts('round trips', (spent) => spent.scripts * roundTripsOfScript + spent.requests),
    counts('bytes sent', (spent) => spent.sent),
    counts('bytes read', (spent) => spent.received),
    '',
  ].join('\n')
}

function distribution(figures: readonly number[], words: (figure: number) => string): string {
  if (figures.length === 0) return 'none'
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]!
  return `${words(middle).padStart(8)} ${words(sorted.at(-1)!).padStart(8)} ${words(sorted.reduce((sum, each) => sum + each, 0)).padStart(9)}  (${figures.length})`
}

import type { Event } from '../model/event.ts'

/** What a run cost in round trips. */
export interface RunCost {
  readonly scripts: number
  readonly requests: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** The most scripts that one connection and user got in one play, and which connection that was. */
  readonly most: number
  readonly mostOf: string | null
}

/** Counts the exchanges of a run. */
export function createLedger(): { hear(event: Event): void; cost(): RunCost } {
  const sum = { scripts: 0, requests: 0, bytesSent: 0, bytesReceived: 0 }
  const scripts = new Map<string, number>()
  let [most, mostOf]: [number, string | null] = [0, null]
  return {
    hear(event) {
      if (event.type !== 'exchange') return
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += event[key]
      const key = `${event.play} ${event.user} ${event.connection}`
      const count = (scripts.get(key) ?? 0) + event.scripts
      scripts.set(key, count)
      if (count > most) [most, mostOf] = [count, event.connection]
    },
    cost: () => ({ ...sum, most, mostOf }),
  }
}

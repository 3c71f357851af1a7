import { parseDuration } from './duration.ts'

const longest = 24 * 3600

/** Milliseconds for which connections are kept: a duration or a number of seconds, of which a day counts at most; 0 is not at all. Null for anything else. */
export function keepOf(written: unknown): number | null {
  const text = typeof written === 'number' ? String(written) : written
  if (typeof text !== 'string') return null
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : parseDuration(text)
  return seconds === null ? null : Math.min(seconds, longest) * 1000
}

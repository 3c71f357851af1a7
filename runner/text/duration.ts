const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

/** The texts that are durations. */
export const durationForm = '^\\s*(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d)\\s*)+$'
const form = new RegExp(durationForm)

/** Seconds of a duration as people write it (`30s`, `1h30m`, `1.5h`, `500ms`), or null. A bare number is not one. */
export function parseDuration(text: string): number | null {
  if (!form.test(text)) return null
  let seconds = 0
  for (const [, amount, unit] of text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)\s*/gy))
    seconds += Number(amount) * units[unit!]!
  return seconds
}

/** Seconds in short: `250ms`, `4.2s`, `3m 05s`, `2h 10m`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`
  return `${Math.floor(whole / 3600)}h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`
}

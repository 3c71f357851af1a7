const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/

const first = Date.parse('0001-01-01T00:00:00Z')
const last = Date.parse('9999-12-31T23:59:59.999Z')

/** The moment of a text of RFC 3339, or null: `Date` takes the 30th of February, hour 24 and the dates of letters as well. */
export function momentOf(text: string): Date | null {
  const parts = form.exec(text)
  if (!parts) return null
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [ahead, behind] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59 || ahead > 23 || behind > 59) return null
  const moment = new Date(0)
  moment.setUTCFullYear(year, month - 1, day)
  // A day that its month does not have has become one of the next.
  if (moment.getUTCMonth() !== month - 1 || moment.getUTCDate() !== day) return null
  moment.setUTCHours(hour, minute, second, Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3)))
  const offset = (ahead * 60 + behind) * 60_000 * (parts[8] === '-' ? -1 : 1)
  return inRange(moment.getTime() - offset)
}

/** The moment so many seconds after the beginning of 1970, or null where years have no four digits. */
export function momentAt(seconds: bigint): Date | null {
  return inRange(Number(seconds) * 1000)
}

function inRange(milliseconds: number): Date | null {
  return milliseconds >= first && milliseconds <= last ? new Date(milliseconds) : null
}

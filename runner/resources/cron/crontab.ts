import { joinLines, newLines, splitLines, type Line } from '../lines.ts'

/** Where an entry stands in a table: its marker, and the entries that follow it without a gap. */
export interface EntryAt {
  /** The line below the marker, or null if the table does not have the entry. */
  readonly entry: string | null
  /** Why the table cannot tell which line is the entry, or null. */
  readonly fault: string | null
}

/** The entry of this name; a name that stands twice, or above no entry, is a fault and never one of two lines. */
export function entryIn(table: string, name: string): EntryAt {
  const lines = splitLines(table)
  const at = markersIn(lines, name)
  if (at.length === 0) return { entry: null, fault: null }
  if (at.length > 1)
    return {
      entry: null,
      fault: `the entry '${name}' stands twice, in the lines ${at.map((each) => each + 1).join(' and ')}`,
    }
  const below = lines[at[0]! + 1]
  return below !== undefined && isEntry(below.text)
    ? { entry: whole(below), fault: null }
    : {
        entry: null,
        fault: `line ${at[0]! + 1} is the comment of the entry '${name}', and no entry stands below it`,
      }
}

/**
 * Why the line below the marker cannot be taken for the entry, or null. It is the entry where it runs the same program, and
 * where it is the only one in its place: anybody may have typed a line between.
 */
export function doubtIn(
  table: string,
  name: string,
  wanted: {
    readonly job: string | undefined
    readonly entry: string | null
    readonly hasUser: boolean
  },
): string | null {
  const lines = splitLines(table)
  const [at] = markersIn(lines, name)
  if (at === undefined) return null
  const below = whole(lines[at + 1]!)
  if (wanted.job !== undefined && programOf(jobOf(below, wanted.hasUser)) === programOf(wanted.job))
    return null
  const end = lines.findIndex(({ text }, i) => i > at && !isEntry(text))
  const followers = (end < 0 ? lines.length : end) - at - 2
  const elsewhere = lines.findIndex(
    (line, i) =>
      i !== at + 1 &&
      (whole(line) === wanted.entry ||
        (wanted.job !== undefined && endsIn(line.text, wanted.job))) &&
      !(lines[i - 1]?.text ?? '').startsWith('# trueup: '),
  )
  if (followers === 0 && elsewhere < 0) return null
  const other = elsewhere < 0 ? at + 2 : elsewhere
  return `line ${at + 2} stands below the comment of '${name}' and may be another user's: ${below} (line ${other + 1}: ${lines[other]!.text})`
}

/** The table with this entry, or without it (null); everything else stays as and where it is. */
export function withEntry(table: string, name: string, entry: string | null): string {
  const lines = splitLines(table)
  const [at] = markersIn(lines, name)
  const written: readonly Line[] =
    entry === null
      ? []
      : at === undefined
        ? newLines([markerOf(name), entry], lines)
        : // A carriage return would be a part of the command.
          [lines[at]!, { text: entry, end: '\n' }]
  return joinLines(at === undefined ? [...lines, ...written] : lines.toSpliced(at, 2, ...written))
}

function markersIn(lines: readonly Line[], name: string): readonly number[] {
  return lines.flatMap(({ text }, i) => (text.trimEnd() === markerOf(name) ? [i] : []))
}

function markerOf(name: string): string {
  return `# trueup: ${name}`
}

/** A line as cron reads it: what stands before the line end, a carriage return too. */
function whole({ text, end }: Line): string {
  return end === '\r\n' ? `${text}\r` : text
}

/** Neither empty, nor a comment, nor a variable. */
function isEntry(text: string): boolean {
  return /^\s*[^\s#]/.test(text) && !/^\s*[A-Za-z_"'][\w"']*\s*=/.test(text)
}

function endsIn(line: string, job: string): boolean {
  return isEntry(line) && line.trimEnd().endsWith(` ${job}`)
}

/** The command of an entry: what stands behind its times, and its user where it names one. */
function jobOf(entry: string, hasUser: boolean): string {
  const words = (/^\s*@/.test(entry) ? 1 : 5) + (hasUser ? 1 : 0)
  return entry.trim().replace(new RegExp(`^(?:\\S+\\s+){${words}}`), '')
}

/** The first word of a command that sets no variable. */
function programOf(job: string): string {
  return job.split(/\s+/).find((word) => word !== '' && !/^\w+=/.test(word)) ?? ''
}

import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { logsThatOwe } from './owed-handlers.ts'

/** Which run logs are kept: a log stays only where each limit that is given allows it. */
export interface Retention {
  /** How many; 200 where nothing is said. */
  readonly count?: number
  /** Bytes that all of them may take. */
  readonly bytes?: number
  /** Seconds since their last record. */
  readonly seconds?: number
}

/** How many logs are kept where nothing is said. */
const usualCount = 200

/**
 * Removes the logs that are not kept, the oldest first, and leaves room for one more. A log that owes handlers stays however many
 * came after it: what it owes would be forgotten. Its age ends it all the same.
 */
export function pruneLogs(
  folder: string,
  { count = usualCount, bytes, seconds }: Retention,
  now: number,
): void {
  let owing: ReadonlySet<string> | null = null
  const owes = (file: string): boolean => (owing ??= logsThatOwe(folder)).has(file)
  // Sorted by name they are sorted by time.
  const newestFirst = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .reverse()
  let total = 0
  for (const [i, name] of newestFirst.entries()) {
    const file = join(folder, name)
    const { size, mtimeMs } = statSync(file)
    total += size
    const isOld = seconds !== undefined && now - mtimeMs > seconds * 1000
    const hasRoom = i < count - 1 && (bytes === undefined || total <= bytes)
    if (isOld || (!hasRoom && !owes(file))) rmSync(file, { force: true })
  }
}

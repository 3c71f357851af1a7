import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

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

/** Removes the logs that are not kept, the oldest first, and leaves room for one more. */
export function pruneLogs(
  folder: string,
  { count = usualCount, bytes, seconds }: Retention,
  now: number,
): void {
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
    const isKept =
      i < count - 1 &&
      (bytes === undefined || total <= bytes) &&
      (seconds === undefined || now - mtimeMs <= seconds * 1000)
    if (!isKept) rmSync(file, { force: true })
  }
}

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Answered } from '../contract/probe.ts'
import type { GuessStore } from '../model/guess-store.ts'

/** The first line; changed when readings change their shape: older guesses are then forgotten. */
const header = 'trueup guesses 2'

/**
 * Guesses in one file, a line per session: to open a file for each host would cost more than all that is read from it. Whatever is
 * wrong with the file, it is as if it were not there. Of two runs that write it at once, the later one keeps what both knew.
 */
export function fileGuesses(file: string): GuessStore {
  let held: ReadonlyMap<string, string> | null = null
  return {
    load(session) {
      held ??= linesOf(file)
      try {
        return new Map(
          JSON.parse(held.get(JSON.stringify(session)) ?? '[]') as [string, Answered][],
        )
      } catch {
        return new Map()
      }
    },
    save(sessions) {
      const known = held ?? linesOf(file)
      // In one order: a converged host's guesses are the same again, and need no writing.
      const texts = [...sessions].map(
        ([session, readings]) =>
          [
            JSON.stringify(session),
            JSON.stringify([...readings].sort(([a], [b]) => (a < b ? -1 : 1))),
          ] as const,
      )
      const changed = texts.filter(([session, text]) => known.get(session) !== text)
      if (changed.length === 0) return
      try {
        const all = new Map([...linesOf(file), ...changed])
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
        const draft = `${file}.${randomBytes(6).toString('hex')}`
        writeFileSync(
          draft,
          [header, ...[...all].map(([session, text]) => `${session} ${text}`), ''].join('\n'),
          { mode: 0o600 },
        )
        renameSync(draft, file)
      } catch {
        // Guesses save round trips and nothing else: a full or read-only disk must not fail a run.
      }
    },
  }
}

/** The lines of a file by their session, not yet parsed: a run may be of one host among thousands. */
function linesOf(file: string): ReadonlyMap<string, string> {
  try {
    const [first, ...lines] = readFileSync(file, 'utf8').split('\n')
    if (first !== header) return new Map()
    return new Map(
      lines
        .filter((line) => line !== '')
        .map((line) => [
          line.slice(0, line.indexOf('" [') + 1),
          line.slice(line.indexOf('" [') + 2),
        ]),
    )
  } catch {
    return new Map()
  }
}

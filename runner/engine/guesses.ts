import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answered } from '../core/probe.ts'
import type { GuessStore } from './options.ts'

/** Changed when readings change their shape: older guesses are then forgotten. */
const version = 1

/** Guesses in a folder, a file per session. Whatever is wrong with a file, it is as if it were not there. */
export function fileGuesses(folder: string): GuessStore {
  const fileOf = (session: string): string => join(folder, `${createHash('sha256').update(session).digest('hex').slice(0, 32)}.json`)
  return {
    load(session) {
      try {
        const held = JSON.parse(readFileSync(fileOf(session), 'utf8')) as { version: number; session: string; readings: [string, Answered][] }
        return held.version === version && held.session === session ? new Map(held.readings) : new Map()
      } catch {
        return new Map()
      }
    },
    save(session, readings) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const file = fileOf(session)
        const draft = `${file}.${randomBytes(6).toString('hex')}`
        writeFileSync(draft, JSON.stringify({ version, session, readings: [...readings] }), { mode: 0o600 })
        renameSync(draft, file)
      } catch {
        // Guesses save round trips and nothing else: a full or read-only disk must not fail a run.
      }
    },
  }
}

/** No guesses: each run begins with none and keeps none. */
export const noGuesses: GuessStore = { load: () => new Map(), save: () => undefined }

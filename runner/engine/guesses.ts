import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answered } from '../core/probe.ts'
import type { GuessStore } from './options.ts'

/** Changed when readings change their shape: older guesses are then forgotten. */
const version = 1

/** Guesses in a folder, a file per session. Whatever is wrong with a file, it is as if it were not there. */
export function fileGuesses(folder: string): GuessStore {
  // The digest of what a file held when it was read: a converged host's guesses are the same again, and need no writing.
  const held = new Map<string, string>()
  const fileOf = (session: string): string => join(folder, `${digest(session).slice(0, 32)}.json`)
  return {
    load(session) {
      try {
        const text = readFileSync(fileOf(session), 'utf8')
        const kept = JSON.parse(text) as { version: number; session: string; readings: [string, Answered][] }
        if (kept.version !== version || kept.session !== session) return new Map()
        held.set(session, digest(text))
        return new Map(kept.readings)
      } catch {
        return new Map()
      }
    },
    save(session, readings) {
      try {
        const text = JSON.stringify({ version, session, readings: [...readings] })
        if (held.get(session) === digest(text)) return
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const file = fileOf(session)
        const draft = `${file}.${randomBytes(6).toString('hex')}`
        writeFileSync(draft, text, { mode: 0o600 })
        renameSync(draft, file)
      } catch {
        // Guesses save round trips and nothing else: a full or read-only disk must not fail a run.
      }
    },
  }
}

/** No guesses: each run begins with none and keeps none. */
export const noGuesses: GuessStore = { load: () => new Map(), save: () => undefined }

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a source answered, and when. */
export interface CachedAnswer {
  /** Milliseconds since the epoch at which it was asked. */
  readonly at: number
  readonly text: string
}
/** Where answers are kept from one command to the next. */
export interface AnswerCache {
  read(key: string): CachedAnswer | null
  /** Gives in words why it could not be written. */
  write(key: string, answer: CachedAnswer): string | null
}

/** Changed when what is kept changes its shape. */
const version = 1
// A value that says something: no empty text, null, true or false, and no map, whose own entries are looked at.
const entry = /"((?:[^"\\]|\\.)*)"\s*:\s*(?:\[\s*)?("(?!")|\d)/g
const secretName =
  /passw(?:or)?ds?|passphrase|_pass$|secret|credential|token|private_?key|api_?key/i
const numberName = /passw(?:or)?ds?$|passphrase$|_pass$/i
/** Names of what only says where a secret lies. */
const placeName = /_(?:file|path|name|env)s?$/i

/** Answers in a folder for its owner alone, a file per source. A file that is not whole is as if it were not there. */
export function fileCache(folder: string): AnswerCache {
  const fileOf = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`)
  return {
    read(key) {
      try {
        const kept = JSON.parse(readFileSync(fileOf(key), 'utf8')) as {
          version: number
          key: string
          at: number
          text: string
        }
        return kept.version === version &&
          kept.key === key &&
          Number.isFinite(kept.at) &&
          typeof kept.text === 'string'
          ? { at: kept.at, text: kept.text }
          : null
      } catch {
        return null
      }
    },
    write(key, { at, text }) {
      const draft = `${fileOf(key)}.${randomBytes(6).toString('hex')}`
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        writeFileSync(draft, JSON.stringify({ version, key, at, text }), {
          mode: 0o600,
          flag: 'wx',
        })
        renameSync(draft, fileOf(key))
        return null
      } catch (error) {
        discard(draft)
        return (error as Error).message
      }
    },
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // The folder does not exist: nothing was written.
  }
}

/** Whether an answer seems to hold a secret, by the names of the entries in it: it is neither cached nor saved in a plan. */
export function holdsSecret(text: string): boolean {
  for (const [, written, begin] of text.matchAll(entry)) {
    const name = written!.includes('\\') ? plainName(written!) : written!
    // A number is neither a key nor a token: it may be the lifetime of one.
    const isSecret = begin === '"' ? secretName : numberName
    if (isSecret.test(name) && !placeName.test(name)) return true
  }
  return false
}

/** A name whose letters may be written as escapes. */
function plainName(written: string): string {
  return written.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

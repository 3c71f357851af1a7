import { randomBytes } from 'node:crypto'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { faultOf } from './read-file.ts'

/** Why a file could not be written to a path in the end, in words; null where it could. */
export function unwritable(path: string): string | null {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return 'it is a folder'
  return faultIn(() => rmSync(draftOf(path, '')))
}

/** Writes a file for its owner alone, in one step; gives why that was not possible, in words. */
export function writeWhole(path: string, text: string): string | null {
  return faultIn(() => {
    const draft = draftOf(path, text)
    try {
      renameSync(draft, path)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
  })
}

function draftOf(path: string, text: string): string {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
    return draft
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function faultIn(work: () => void): string | null {
  try {
    work()
    return null
  } catch (error) {
    return faultOf(error).words
  }
}

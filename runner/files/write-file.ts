import { randomBytes } from 'node:crypto'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { faultOf, notRegular } from './read-file.ts'

/** Why a file could not be written to a path in the end, in words; null where it could. */
export function unwritable(path: string): string | null {
  return faultIn(() => {
    refuseInPlace(path)
    rmSync(draftOf(path, ''))
  })
}

/** Writes a file for its owner alone, in one step; gives why that was not possible, in words. */
export function writeWhole(path: string, text: string): string | null {
  return faultIn(() => {
    refuseInPlace(path)
    const draft = draftOf(path, text)
    try {
      renameSync(draft, path)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
  })
}

/** A device, a pipe or a folder is never replaced by a file: root would take /dev/stdout from all programs. */
function refuseInPlace(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  const fault = there && notRegular(there)
  if (fault) throw Object.assign(new Error(fault.words), { code: fault.code })
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

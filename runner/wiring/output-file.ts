import { unwritable, writeWhole } from '../files/write-file.ts'
import { DiagnosticError } from '../model/diagnostic.ts'

/** Throws DiagnosticError where a file could not be written in the end: better now than after all hosts were asked. */
export function checkOutput(what: string, path: string): void {
  raise(what, path, unwritable(path))
}

/** Writes a file for its owner alone, in one step. Throws DiagnosticError where that is not possible. */
export function writeOutput(what: string, path: string, text: string): void {
  raise(what, path, writeWhole(path, text))
}

function raise(what: string, path: string, why: string | null): void {
  if (why === null) return
  throw new DiagnosticError({
    code: 'cli/not-written',
    message: `${what} cannot be written to ${path}: ${why}`,
    hint: 'name a file in a folder that you may write to',
  })
}

import { writeFileSync } from 'node:fs'
import { faultOf, readText } from '../files/read-file.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { fixText } from '../source/fix-text.ts'

/** What was repaired in files, and what could not be written. */
export interface FixedFiles {
  readonly fixed: readonly Diagnostic[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Makes the fixes that diagnostics carry. A file is written in place: its owner, its mode and links to it stay. */
export function fixFiles(found: readonly Diagnostic[]): FixedFiles {
  const files = new Set(found.flatMap(({ fix, at }) => (fix && at ? [at.file] : [])))
  const all = [...files].map((file) =>
    fixFile(
      file,
      found.filter(({ fix, at }) => fix && at?.file === file),
    ),
  )
  return {
    fixed: all.flatMap(({ fixed }) => fixed),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  }
}

function fixFile(file: string, found: readonly Diagnostic[]): FixedFiles {
  const read = readText(file)
  if (!('text' in read)) return { fixed: [], diagnostics: [notWritten(file, read.words)] }
  const mark = read.text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const { text, fixed } = fixText(read.text.slice(mark.length), found)
  if (fixed.length === 0) return { fixed, diagnostics: [] }
  try {
    writeFileSync(file, mark + text)
    return { fixed, diagnostics: [] }
  } catch (error) {
    return { fixed: [], diagnostics: [notWritten(file, faultOf(error).words)] }
  }
}

function notWritten(file: string, words: string): Diagnostic {
  return {
    code: 'cli/not-written',
    message: `the fixes cannot be written to ${file}: ${words}`,
    hint: 'make the file writable for you, or make the fixes by hand',
  }
}

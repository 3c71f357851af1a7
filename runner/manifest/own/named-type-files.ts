import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { isTypeFile, typeFilesIn } from './type-files.ts'

/** The files of types that a path names: one file, or those of a folder. Throws DiagnosticError when none exists. `given` is the path as it was typed. */
export function typeFilesAt(path: string, given: string): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory()) {
    const found = [...typeFilesIn(path), ...typeFilesIn(join(path, 'types'))]
    if (found.length > 0) return found
    throw new DiagnosticError({
      code: 'cli/no-types',
      message: `the folder ${given} has no resource type`,
      hint: 'types are in files *.resource.yaml, *.resource.ts or *.resource.js; trueup new type NAME writes one',
    })
  }
  // A file of cases names its type.
  const wanted = path.replace(/\.cases\.yaml$/, '.resource.')
  const files = typeFilesIn(dirname(path)).filter(
    (file) => file === path || (wanted !== path && file.startsWith(wanted)),
  )
  if (files.length > 0) return files
  throw new DiagnosticError({
    code: 'cli/no-types',
    message:
      stats && !isTypeFile(path)
        ? `${given} is not a resource type`
        : `the file ${given} does not exist`,
    hint: 'name a *.resource.yaml, *.resource.ts or *.resource.js, or a folder with such files',
  })
}

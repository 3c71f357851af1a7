import { takenNames } from '../catalog.ts'
import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { countText, renderDiagnostics } from '../../report/diagnostics.ts'
import { hasColor, widthOf, type Io } from '../io.ts'
import { trustOf } from '../trust.ts'
import { checkType } from '../../manifest/own/check-types.ts'
import { chooseTypes, isTypeFile, typeFilesIn } from '../../manifest/own/type-files.ts'
import { gatherTypes } from '../../manifest/own/load-types.ts'

/** `trueup test PATH…`: each type keeps its cases and the laws of types, or it says which it breaks; 1 when one does. */
export async function testCommand(io: Io, paths: readonly string[]): Promise<number> {
  const files = paths.flatMap((path) => filesOf(resolve(io.cwd, path), path))
  const { own, diagnostics } = await gatherTypes(chooseTypes(files, null, trustOf(io)), takenNames)
  const layout = {
    color: hasColor(io.stdout, io.env),
    width: widthOf(io.stdout, io.env),
    folder: io.cwd,
  }
  let isBroken = false
  for (const each of own) {
    const { cases, faults } = checkType(each)
    if (faults.length === 0)
      io.stdout.write(`${each.type.name}: ${cases} case${cases === 1 ? '' : 's'}, all laws hold\n`)
    else
      io.stdout.write(
        `${each.type.name}: ${countText(faults)}\n\n${renderDiagnostics(faults, layout)}\n\n`,
      )
    isBroken ||= faults.length > 0
  }
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics)
  return isBroken ? 1 : 0
}

function filesOf(path: string, given: string): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory()) {
    const found = [...typeFilesIn(path), ...typeFilesIn(join(path, 'types'))]
    if (found.length > 0) return found
    throw new DiagnosticError({
      code: 'cli/no-types',
      message: `there is no resource type in ${given}`,
      hint: 'types are in files *.resource.yaml, *.resource.ts or *.resource.js; trueup new type NAME writes one',
    })
  }
  // The cases of a type stand for it too.
  const wanted = path.replace(/\.cases\.yaml$/, '.resource.')
  const files = typeFilesIn(dirname(path)).filter(
    (file) => file === path || (wanted !== path && file.startsWith(wanted)),
  )
  if (files.length > 0) return files
  throw new DiagnosticError({
    code: 'cli/no-types',
    message:
      stats && !isTypeFile(path) ? `${given} is no resource type` : `there is no file ${given}`,
    hint: 'name a *.resource.yaml, *.resource.ts or *.resource.js, or a folder with such files',
  })
}

import { resolve } from 'node:path'
import { DiagnosticError } from '../../model/diagnostic.ts'
import { countOf } from '../../text/count.ts'
import { checkType } from '../../manifest/own/check-types.ts'
import { gatherTypes } from '../../manifest/own/load-types.ts'
import { typeFilesAt } from '../../manifest/own/named-type-files.ts'
import { chooseTypes } from '../../manifest/own/type-files.ts'
import { countText, renderDiagnostics } from '../../report/diagnostics.ts'
import { takenNames } from '../../wiring/known-types.ts'
import { layoutOf, type Io } from '../../wiring/io.ts'
import { trustOf } from '../../wiring/trust-of-user.ts'

/** `trueup test PATH…`: each type keeps its cases and the laws of types, or the output says which it breaks; then the exit code is 1. */
export async function testCommand(io: Io, paths: readonly string[]): Promise<number> {
  const files = paths.flatMap((path) => typeFilesAt(resolve(io.cwd, path), path))
  const { own, diagnostics } = await gatherTypes(chooseTypes(files, null, trustOf(io)), takenNames)
  const layout = layoutOf(io, io.stdout)
  let isBroken = false
  for (const each of own) {
    const { cases, faults } = checkType(each)
    if (faults.length === 0)
      io.stdout.write(`${each.type.name}: ${countOf(cases, 'case')}, all laws hold\n`)
    else
      io.stdout.write(
        `${each.type.name}: ${countText(faults)}\n\n${renderDiagnostics(faults, layout)}\n\n`,
      )
    isBroken ||= faults.length > 0
  }
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics)
  return isBroken ? 1 : 0
}

import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import { renderDiagnostics } from '../report/diagnostics.ts'
import { layoutOf, type Io } from './io.ts'

/** Shows warnings, and throws when there is an error. */
export function settle(io: Io, diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter((each) => each.severity !== 'warning')
  if (errors.length > 0) throw new DiagnosticError(diagnostics)
  if (diagnostics.length > 0)
    io.stderr.write(`${renderDiagnostics(diagnostics, layoutOf(io, io.stderr))}\n`)
}

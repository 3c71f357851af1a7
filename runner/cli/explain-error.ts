import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import { countText, renderDiagnostics } from '../report/diagnostics.ts'
import { cleanLine } from '../report/screen-text.ts'
import { layoutOf, type Io } from '../wiring/io.ts'

/** The input is wrong and nothing was touched. */
export const exitWrongInput = 3
/** Interrupted before anything ran. */
const exitInterrupted = 130
/** A defect of trueup itself: it did not do what was asked. */
const exitDefect = 1

/** Says what went wrong, in words an operator can use, and gives the exit code. What is `whole` leaves nothing out, however long it gets. */
export function explain(error: unknown, io: Io, whole = false): number {
  const { stderr, env } = io
  const layout = { ...layoutOf(io, stderr), ...(whole ? { most: Infinity } : {}) }
  // The operator pressed Ctrl-C at a question, and needs no message.
  if (error instanceof DiagnosticError && error.kind === 'interrupted') return exitInterrupted
  if (error instanceof DiagnosticError) {
    stderr.write(`${renderDiagnostics(error.diagnostics, layout)}\n`)
    if (error.diagnostics.length > 1) stderr.write(`\n${countText(error.diagnostics)}\n`)
    return exitWrongInput
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const defect: Diagnostic = {
    code: 'internal/defect',
    message: `trueup failed inside, and not by your playbook: ${cleanLine(message).slice(0, 500)}`,
    hint: 'please report this line; TRUEUP_DEBUG=1 adds the place in the code of trueup',
  }
  stderr.write(`${renderDiagnostics([defect], layout)}\n`)
  if (env['TRUEUP_DEBUG'] && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`)
  return exitDefect
}

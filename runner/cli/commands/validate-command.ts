import { checkPlaybooks, type ValidateFlags } from '../../wiring/check-playbooks.ts'
import type { Io } from '../../wiring/io.ts'
import { askedFindings } from '../../wiring/report-files.ts'
import { settle } from '../../wiring/throw-on-errors.ts'

/** `trueup validate PLAYBOOK…`: checks playbooks, and an inventory where there is one. Without `-e`, inputs need no values. */
export async function validateCommand(
  given: Io,
  playbooks: readonly string[],
  flags: ValidateFlags,
): Promise<number> {
  const { shown: io, write } = askedFindings(given, flags.report ?? [])
  const { diagnostics, fixes, lines } = await checkPlaybooks(io, playbooks, flags)
  for (const line of fixes) io.stdout.write(`${line}\n`)
  write(diagnostics)
  settle(io, diagnostics)
  for (const line of lines) io.stdout.write(`${line}\n`)
  return 0
}

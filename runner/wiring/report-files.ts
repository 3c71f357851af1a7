import { resolve } from 'node:path'
import { readFile } from '../files/read-file.ts'
import { DiagnosticError, type Diagnostic } from '../model/diagnostic.ts'
import type { RecordedRun } from '../report/evidence/evidence.ts'
import { reportsOf } from '../report/evidence/evidence-forms.ts'
import { runForms, targetsOf, validateForms, type ReportTarget } from '../report/report-targets.ts'
import { findingsOf, findingsText } from '../report/findings.ts'
import { version } from './build-version.ts'
import type { RunFlags } from './flags.ts'
import { writeForProgram } from './gate.ts'
import type { Io } from './io.ts'
import { signFile } from './sign-file.ts'
import { checkOutput, writeOutput } from './output-file.ts'

/** The reports that a command writes at its end, checked before it begins. */
export interface AskedReports {
  readonly targets: readonly ReportTarget[]
  /** What the run itself speaks through: where a report goes to standard output, the run speaks on standard error. */
  readonly io: Io
}

/** Checks what reports are asked for. Throws DiagnosticError where one could not be written in the end. */
export function askedReports(
  io: Io,
  flags: Pick<RunFlags, 'report' | 'output' | 'sign' | 'out' | 'metrics'>,
): AskedReports {
  const targets = targetsOf(flags.report ?? [], runForms)
  for (const { file } of targets)
    if (file !== null) checkOutput('the report', resolve(io.cwd, file))
  if (flags.metrics !== undefined) checkOutput('the metrics', resolve(io.cwd, flags.metrics))
  if (flags.sign !== undefined) checkKey(io, flags.sign, targets, flags.out)
  const isShown = targets.some(({ file }) => file === null)
  if (isShown && flags.output === 'json')
    throw new DiagnosticError({
      code: 'cli/report',
      message: 'a report and the events of --output json both want standard output',
      hint: 'give the report a file: --report html:run.html',
    })
  return { targets, io: isShown ? { ...io, stdout: io.stderr } : io }
}

/** A key that cannot be read, or that has nothing to sign, is found now and not at the end. */
function checkKey(
  io: Io,
  key: string,
  targets: readonly ReportTarget[],
  plan: string | undefined,
): void {
  const read = readFile(resolve(io.cwd, key))
  if ('code' in read)
    throw new DiagnosticError({
      code: 'sign/not-read',
      message: `the key ${key} cannot be read: ${read.words}`,
      hint: 'name a private key, or a public key whose private key is in your ssh-agent',
    })
  if (plan === undefined && targets.every(({ file }) => file === null))
    throw new DiagnosticError({
      code: 'cli/report',
      message: '--sign signs files, and this command writes none',
      hint: 'name one: --report html:run.html, or -o FILE of `trueup plan`',
    })
}

/** Writes the reports of a run, and signs those with a file where a key is given. Gives what went wrong: the run itself is over. */
export function writeReports(
  io: Io,
  run: RecordedRun,
  targets: readonly ReportTarget[],
  sign: string | undefined,
): readonly Diagnostic[] {
  if (targets.length === 0) return []
  const make = reportsOf(run, io.cwd)
  return targets.flatMap(({ form, file }) => {
    try {
      const text = make(form)
      if (file === null) writeForProgram(io.stdout, text)
      else {
        const path = resolve(io.cwd, file)
        writeOutput('the report', path, text)
        if (sign !== undefined) signFile('report', path, resolve(io.cwd, sign))
      }
      return []
    } catch (error) {
      if (error instanceof DiagnosticError) return error.diagnostics
      throw error
    }
  })
}

/** Where the findings of `validate` go, checked before it begins. */
export function askedFindings(
  io: Io,
  words: readonly string[],
): {
  /** What the command itself speaks through. */
  readonly shown: Io
  readonly write: (diagnostics: readonly Diagnostic[]) => void
} {
  const targets = targetsOf(words, validateForms)
  for (const { file } of targets)
    if (file !== null) checkOutput('the report', resolve(io.cwd, file))
  const write = (diagnostics: readonly Diagnostic[]): void => {
    const findings = findingsOf(diagnostics)
    for (const { form, file } of targets) {
      const text = findingsText(findings, form, { folder: io.cwd, version: version() })
      if (file === null) writeForProgram(io.stdout, text)
      else writeOutput('the report', resolve(io.cwd, file), text)
    }
  }
  const isShown = targets.some(({ file }) => file === null)
  return { shown: isShown ? { ...io, stdout: io.stderr } : io, write }
}

import { jsonText } from '../text/json-text.ts'
import { resolve } from 'node:path'
import { DiagnosticError } from '../model/diagnostic.ts'
import { madeLimit, readFile } from '../files/read-file.ts'
import { findRun } from '../journal/read-log.ts'
import { runsFolder } from '../journal/state-folder.ts'
import { compareRuns, comparisonText } from '../report/evidence/compare-runs.ts'
import { evidenceOf } from '../report/evidence/evidence.ts'
import { formOfFile, isEvidenceForm, type EvidenceForm } from '../report/evidence/evidence-forms.ts'
import type { ReportTarget } from '../report/report-targets.ts'
import { cleanLine } from '../report/screen-text.ts'
import { countOf } from '../text/count.ts'
import type { Io } from './io.ts'
import { runOfLog } from './recorded-run.ts'
import { writeReports } from './report-files.ts'
import { settle } from './throw-on-errors.ts'
import { signersFile, verifyBytes } from './sign-file.ts'
import { stateHome, trustOf } from './trust-of-user.ts'
import { checkOutput } from './output-file.ts'

/** The options of `trueup report`. */
export interface ReportFlags {
  readonly stateDir?: string
  readonly out?: readonly string[]
  readonly form?: string
  readonly sign?: string
  readonly verify?: string
  readonly signers?: string
}

/** `trueup report [RUN]`: the evidence of a run, in files or on standard output; `--verify FILE` checks who signed one. */
export function reportCommand(io: Io, word: string, flags: ReportFlags): number {
  if (flags.verify !== undefined) return verify(io, flags.verify, flags.signers)
  const targets = targetsOfFlags(flags)
  for (const { file } of targets)
    if (file !== null) checkOutput('the report', resolve(io.cwd, file))
  const brief = findRun(runsFolder(stateHome(io), flags.stateDir), word)
  settle(io, writeReports(io, runOfLog(brief, io.cwd), targets, flags.sign))
  return 0
}

function targetsOfFlags({ out = [], form, sign }: ReportFlags): readonly ReportTarget[] {
  if (out.length === 0) {
    if (sign !== undefined)
      throw new DiagnosticError({
        code: 'cli/report',
        message: '--sign signs a file, and the report goes to standard output',
        hint: 'name a file: -o run.html',
      })
    return [{ form: formOf(form ?? 'md'), file: null }]
  }
  return out.map((file) => ({ form: form === undefined ? formOfName(file) : formOf(form), file }))
}

function formOf(word: string): EvidenceForm {
  if (isEvidenceForm(word)) return word
  throw new DiagnosticError({
    code: 'cli/report',
    message: `'${word}' is not a form of a report`,
    hint: 'the forms are html, md, junit, json, sarif, github, gitlab',
  })
}

function formOfName(file: string): EvidenceForm {
  const form = formOfFile(file)
  if (form) return form
  throw new DiagnosticError({
    code: 'cli/report',
    message: `the name ${file} does not say which form the report has`,
    hint: 'end the name with .html, .md, .xml or .json, or give the form with --form',
  })
}

function verify(io: Io, file: string, given: string | undefined): number {
  const path = resolve(io.cwd, file)
  const read = readFile(path, madeLimit)
  if ('code' in read)
    throw new DiagnosticError({
      code: 'sign/not-read',
      message: `${file} cannot be read: ${read.words}`,
      hint: 'name a file that --report or `trueup report -o` wrote',
    })
  const signers = resolve(io.cwd, signersFile(given, io.env))
  const { principal, key } = verifyBytes('report', path, read.bytes, {
    signers,
    trust: trustOf(io),
  })
  io.stdout.write(`${cleanLine(`${file}: signed by ${principal}, with ${key}`)}\n`)
  return 0
}

/** `trueup history --compare RUN1 RUN2`: what the second run did otherwise. Exit 1 where they differ. */
export function compareCommand(
  io: Io,
  words: readonly string[],
  flags: { readonly stateDir?: string; readonly json?: boolean },
): number {
  if (words.length !== 2)
    throw new DiagnosticError({
      code: 'cli/report',
      message: `--compare takes two runs, and ${countOf(words.length, 'word')} ${words.length === 1 ? 'is' : 'are'} given`,
      hint: 'name the earlier run first: trueup history --compare 2 1',
    })
  const folder = runsFolder(stateHome(io), flags.stateDir)
  const [first, second] = words.map((word) =>
    evidenceOf(runOfLog(findRun(folder, word), io.cwd)),
  ) as [ReturnType<typeof evidenceOf>, ReturnType<typeof evidenceOf>]
  const found = compareRuns(first, second)
  io.stdout.write(flags.json ? `${jsonText(found)}\n` : comparisonText(found))
  return found.isSame ? 0 : 1
}

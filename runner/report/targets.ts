import { DiagnosticError } from '../model/diagnostic.ts'
import { evidenceForms, formOfFile, isEvidenceForm, type EvidenceForm } from './evidence/forms.ts'

/** A report that is asked for: its form, and the file that gets it; null: standard output. */
export interface ReportTarget {
  readonly form: EvidenceForm
  readonly file: string | null
}

const forms = Object.keys(evidenceForms).join(', ')

/** The reports that words like `html:run.html` ask for. Throws DiagnosticError where a word is not one, and where two want one place. */
export function targetsOf(words: readonly string[]): readonly ReportTarget[] {
  const targets = words.map(targetOf)
  const places = new Set<string | null>()
  for (const { file } of targets) {
    if (places.has(file))
      throw new DiagnosticError({
        code: 'cli/report',
        message:
          file === null ? 'two reports want standard output' : `two reports want the file ${file}`,
        hint: 'give each a file of its own: --report html:run.html --report junit:run.xml',
      })
    places.add(file)
  }
  return targets
}

function targetOf(word: string): ReportTarget {
  const [, form = '', file] = /^([^:]*)(?::([^]*))?$/.exec(word)!
  if (isEvidenceForm(form) && file !== '') return { form, file: file ?? null }
  const meant = isEvidenceForm(form) ? null : formOfFile(word)
  throw new DiagnosticError({
    code: 'cli/report',
    message:
      file === '' && isEvidenceForm(form)
        ? `--report ${word} names no file`
        : `--report takes FORM or FORM:FILE, and '${word}' has none of the forms ${forms}`,
    hint:
      meant === null
        ? 'write --report html:run.html, or --report md for standard output'
        : `write --report ${meant}:${word}`,
  })
}

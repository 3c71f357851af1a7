import { DiagnosticError } from '../model/diagnostic.ts'
import { evidenceForms, formOfFile, type EvidenceForm } from './evidence/evidence-forms.ts'
import { findingForms, type FindingForm } from './findings.ts'

/** A report that is asked for: its form, and the file that gets it; null: standard output. */
export interface ReportTarget<Form extends string = EvidenceForm> {
  readonly form: Form
  readonly file: string | null
}

/** The forms of a report of a run. */
export const runForms = Object.keys(evidenceForms) as readonly EvidenceForm[]
/** The forms of a report of what `validate` found. */
export const validateForms: readonly (FindingForm | 'json')[] = [...findingForms, 'json']

/** The reports that words like `html:run.html` ask for. Throws DiagnosticError where a word is not one, and where two want one place. */
export function targetsOf<Form extends string>(
  words: readonly string[],
  forms: readonly Form[],
): readonly ReportTarget<Form>[] {
  const targets = words.map((word) => targetOf(word, forms))
  const places = new Set<string | null>()
  for (const { file } of targets) {
    if (places.has(file))
      throw new DiagnosticError({
        code: 'cli/report',
        message:
          file === null ? 'two reports want standard output' : `two reports want the file ${file}`,
        hint: `give each a file of its own: --report ${forms[0]!}:FILE`,
      })
    places.add(file)
  }
  return targets
}

function targetOf<Form extends string>(word: string, forms: readonly Form[]): ReportTarget<Form> {
  const [, name = '', file] = /^([^:]*)(?::([^]*))?$/.exec(word)!
  const form = forms.find((each) => each === name)
  if (form !== undefined && file !== '') return { form, file: file ?? null }
  const ending = form === undefined ? formOfFile(word) : null
  const meant = forms.find((each) => each === ending)
  throw new DiagnosticError({
    code: 'cli/report',
    message:
      form !== undefined
        ? `--report ${word} names no file`
        : `--report takes FORM or FORM:FILE, and '${word}' has none of the forms ${forms.join(', ')}`,
    hint:
      meant === undefined
        ? `write --report ${forms[0]!}:FILE, or --report ${forms[1]!} for standard output`
        : `write --report ${meant}:${word}`,
  })
}

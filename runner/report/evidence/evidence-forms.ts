import { jsonText } from '../../text/json-text.ts'
import type { Header } from '../../model/record.ts'
import { foldNames } from '../../text/host-ranges.ts'
import { findingsText, type Finding } from '../findings.ts'
import { evidenceOf, type Evidence, type RecordedRun } from './evidence.ts'
import { evidenceJunit } from './junit.ts'
import { evidenceMarkdown } from './markdown.ts'
import { evidencePage } from './page.ts'
import { redactAll } from '../../contract/secret.ts'
import { sortRecords, type Recorded } from './sorted.ts'

/** The forms of a report of a run, each with the endings that its files have. */
export const evidenceForms = {
  html: ['html', 'htm'],
  md: ['md', 'markdown'],
  junit: ['xml'],
  json: ['json'],
  sarif: ['sarif'],
  github: [],
  gitlab: [],
} as const

/** A form of a report of a run. */
export type EvidenceForm = keyof typeof evidenceForms

/** Whether a word is a form of a report of a run. */
export function isEvidenceForm(word: string): word is EvidenceForm {
  return Object.hasOwn(evidenceForms, word)
}

/** The form that a file's ending means; null where it means none. */
export function formOfFile(file: string): EvidenceForm | null {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase() ?? ''
  const found = Object.entries(evidenceForms).find(([, endings]) =>
    (endings as readonly string[]).includes(ending),
  )
  return (found?.[0] as EvidenceForm | undefined) ?? null
}

/** Makes the reports of one run. What they share is made once. */
export function reportsOf(run: RecordedRun, folder = ''): (form: EvidenceForm) => string {
  const evidence = redactAll(evidenceOf(run))
  return (form) => {
    switch (form) {
      case 'html':
        return evidencePage(evidence, withHeader(run.header, run.records))
      case 'md':
        return evidenceMarkdown(evidence)
      case 'junit':
        return evidenceJunit(evidence, sortRecords(run.header, run.records))
      case 'json':
        return `${jsonText({ format: 'trueup-evidence', version: 1, ...evidence })}\n`
      default:
        return findingsText(findingsIn(evidence), form, { folder, version: evidence.trueup })
    }
  }
}

/** What went wrong in a run, each cause once with its hosts, and its warnings. */
function findingsIn({ causes, warnings }: Evidence): readonly Finding[] {
  const named = (words: string, hosts: readonly string[]): string =>
    hosts.length === 0 ? words : `${words} (${foldNames(hosts, 300)})`
  return [
    ...causes.map(({ code, outcome, sentence, spared, message, hint, where, hosts }): Finding => ({
      code: code ?? `run/${outcome}`,
      severity: spared === null ? 'error' : 'warning',
      message: named(`${sentence}: ${message}`, hosts),
      hint,
      at: where,
      hosts,
    })),
    ...warnings.map(({ code, message, hint, hosts }): Finding => ({
      code,
      severity: 'warning',
      message: named(message, hosts),
      hint,
      at: null,
      hosts,
    })),
  ]
}

/** The records as the run log has them, whose first line is the header. */
function withHeader(header: Header, records: readonly Recorded[]): readonly Recorded[] {
  return records[0]?.type === 'header' ? records : [{ n: 0, ...header }, ...records]
}

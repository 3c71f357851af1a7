import { createHash } from 'node:crypto'
import { codes, type Code } from '../model/codes.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { fromFolder } from '../text/from-folder.ts'
import { jsonText } from '../text/json-text.ts'
import { cleanText } from './screen-text.ts'

/** What a program learns of a mistake, a warning or a failure, in the forms that pipelines read. */
export interface Finding {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint: string | null
  readonly at: Pick<Place, 'file' | 'line' | 'column' | 'width'> | null
  /** The hosts that it is about; empty where it is about none. */
  readonly hosts: readonly string[]
}

/** The forms of findings. */
export const findingForms = ['sarif', 'github', 'gitlab'] as const
export type FindingForm = (typeof findingForms)[number]

/** Diagnostics as findings. */
export function findingsOf(diagnostics: readonly Diagnostic[]): readonly Finding[] {
  return diagnostics.map(({ code, severity, message, hint, at, host }) => ({
    code,
    severity: severity ?? 'error',
    message,
    hint: hint ?? null,
    at: at ?? null,
    hosts: host === undefined ? [] : [host],
  }))
}

/** Findings in a form. Files inside `folder` are named from it, as repositories name them. */
export function findingsText(
  findings: readonly Finding[],
  form: FindingForm | 'json',
  { folder, version }: { readonly folder: string; readonly version: string },
): string {
  const named = findings.map((each) => ({
    ...each,
    message: cleanText(each.message).trimEnd(),
    hint: each.hint === null ? null : cleanText(each.hint).trimEnd(),
    at: each.at && { ...each.at, file: fromFolder(each.at.file, folder) },
  }))
  switch (form) {
    case 'sarif':
      return `${jsonText(sarif(named, version))}\n`
    case 'github':
      return named.map((each) => `${annotation(each)}\n`).join('')
    case 'gitlab':
      return `${jsonText(codeQuality(named))}\n`
    case 'json':
      return `${jsonText({ format: 'trueup-findings', version: 1, findings: named.map(plain) })}\n`
  }
}

function plain({ at, ...rest }: Finding): object {
  return { ...rest, file: at?.file ?? null, line: at?.line ?? null, column: at?.column ?? null }
}

/** SARIF 2.1.0, as code scanning reads it. */
function sarif(findings: readonly Finding[], version: string): object {
  const rules = [...new Set(findings.map(({ code }) => code))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'trueup',
            version,
            rules: rules.map((id) => ({
              id,
              shortDescription: { text: codes[id as Code] ?? id },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((each) => ({
          ruleId: each.code,
          ruleIndex: rules.indexOf(each.code),
          level: each.severity,
          message: { text: wordsOf(each) },
          ...(each.at ? { locations: [{ physicalLocation: locationOf(each.at) }] } : {}),
        })),
      },
    ],
  }
}

function locationOf({ file, line, column, width }: NonNullable<Finding['at']>): object {
  return {
    artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
    region: {
      startLine: line,
      startColumn: column,
      ...(width === undefined ? {} : { endColumn: column + width }),
    },
  }
}

function wordsOf({ message, hint }: Finding): string {
  return hint === null ? message : `${message}\n${hint}`
}

/** A workflow command of GitHub Actions. What a host or a playbook wrote cannot begin another one. */
function annotation({ code, severity, at, ...rest }: Finding): string {
  const properties = [
    ...(at ? [`file=${property(at.file)}`, `line=${at.line}`, `col=${at.column}`] : []),
    `title=${property(code)}`,
  ]
  return `::${severity} ${properties.join(',')}::${data(wordsOf({ code, severity, at, ...rest }))}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** The code quality report of GitLab. */
function codeQuality(findings: readonly Finding[]): readonly object[] {
  return findings.map((each) => ({
    type: 'issue',
    check_name: each.code,
    description: wordsOf(each),
    severity: each.severity === 'error' ? 'major' : 'minor',
    fingerprint: createHash('sha256')
      .update(JSON.stringify([each.code, each.message, each.at?.file, each.at?.line]))
      .digest('hex'),
    location: { path: each.at?.file ?? '.', lines: { begin: each.at?.line ?? 1 } },
  }))
}

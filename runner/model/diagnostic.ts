import { Rejection, type RejectionReason } from '../contract/reject.ts'
import type { Code } from './codes.ts'
import { kindOf, type ErrorKind } from './error-kind.ts'
/** Where something stands: a file, and a range of it in lines and columns counted from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Columns to underline, 1 when not known. */
  readonly width?: number
  /** The user's own line, so that it can be shown without reading the file again. */
  readonly source?: string
}

/** One mistake, described so that its author can fix it. */
export interface Diagnostic {
  /** `area/what`, listed in docs/errors.md. */
  readonly code: Code
  /** What was found and what was expected. */
  readonly message: string
  readonly at?: Place | undefined
  /** What to type next. */
  readonly hint?: string | undefined
  readonly host?: string | undefined
  /** What the playbook says to look at. */
  readonly look?: string | undefined
  readonly severity?: 'error' | 'warning'
  /** The edit that repairs it, where only one can be meant. */
  readonly fix?: Fix | undefined
}

/** An edit of a file at the place of a diagnostic: other text in its place, or a key of the map there that goes. */
export type Fix = { readonly replace: string } | { readonly removeKey: string }

/** The one error that carries diagnostics; anything else that is thrown is a defect of trueup. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[]

  constructor(
    diagnostics: readonly Diagnostic[] | Diagnostic,
    options: { readonly cause?: unknown } = {},
  ) {
    const list = Array.isArray(diagnostics)
      ? (diagnostics as readonly Diagnostic[])
      : [diagnostics as Diagnostic]
    super(list.map((d) => d.message).join('\n'), options)
    this.name = 'DiagnosticError'
    this.diagnostics = list
  }

  /** What kind of error its first diagnostic is: what the program does next goes by it, never by a text. */
  get kind(): ErrorKind {
    return kindOf(this.diagnostics[0]!.code)
  }
}

const rejections = {
  unclear: 'read/unclear',
  invalid: 'schema/value',
  'too-deep': 'read/too-deep',
} as const satisfies Record<RejectionReason, Code>

/** The error with its diagnostics, of what a type throws too; null of a defect. */
export function asDiagnosticError(thrown: unknown): DiagnosticError | null {
  if (thrown instanceof DiagnosticError) return thrown
  if (!(thrown instanceof Rejection)) return null
  const { reason, message, hint } = thrown
  return new DiagnosticError({ code: rejections[reason], message, hint }, { cause: thrown })
}

/** A place whose line is not shown again: it holds a secret, or may hold one. */
export function withoutLine({ source: _, ...at }: Place): Place {
  return at
}

/** The place as `file:line:column`. */
export function placeText(at: Place): string {
  return `${at.file}:${at.line}:${at.column}`
}

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
  readonly code: string
  /** What was found and what was expected. */
  readonly message: string
  readonly at?: Place | undefined
  /** What to type next. */
  readonly hint?: string | undefined
  readonly host?: string | undefined
  readonly severity?: 'error' | 'warning'
}

/** The one error that carries diagnostics; whatever else is thrown is a defect of trueup. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[] | Diagnostic) {
    const list = Array.isArray(diagnostics)
      ? (diagnostics as readonly Diagnostic[])
      : [diagnostics as Diagnostic]
    super(list.map((d) => d.message).join('\n'))
    this.name = 'DiagnosticError'
    this.diagnostics = list
  }
}

/** A place whose line is not shown again: it holds a secret, or may hold one. */
export function withoutLine({ source: _, ...at }: Place): Place {
  return at
}

/** The place as `file:line:column`. */
export function placeText(at: Place): string {
  return `${at.file}:${at.line}:${at.column}`
}

import { DiagnosticError, type Diagnostic } from '../../model/diagnostic.ts'
import { Unreachable } from '../../model/session.ts'

/** An error as it goes over the socket. */
export type SentError =
  | {
      readonly is: 'unreachable'
      readonly host: string
      readonly message: string
      readonly hint?: string | undefined
      readonly midway: boolean
    }
  | { readonly is: 'diagnostics'; readonly diagnostics: readonly Diagnostic[] }
  /** Only a process with a person can go on: it logs in itself. */
  | { readonly is: 'needs a person' }

/** An error as the keeper sends it. */
export function sentErrorOf(error: unknown): SentError {
  if (error instanceof Unreachable) {
    const { host, message, hint, midway } = error
    return { is: 'unreachable', host, message, hint, midway }
  }
  if (error instanceof DiagnosticError) return { is: 'diagnostics', diagnostics: error.diagnostics }
  return {
    is: 'unreachable',
    host: '',
    message: `the keeper of connections failed: ${(error as Error).message}`,
    hint: 'run it again with --keep 0',
    midway: true,
  }
}

/** The error that the keeper sent; null where a person is needed. */
export function errorOf(sent: SentError): Error | null {
  switch (sent.is) {
    case 'unreachable':
      return new Unreachable(sent.host, sent.message, {
        ...(sent.hint === undefined ? {} : { hint: sent.hint }),
        midway: sent.midway,
      })
    case 'diagnostics':
      return new DiagnosticError(sent.diagnostics)
    case 'needs a person':
      return null
  }
}

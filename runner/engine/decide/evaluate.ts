import { asDiagnosticError } from '../../model/diagnostic.ts'
import { NotYet, Unknown } from '../../model/signal.ts'

/** What an evaluation gives: a value, that readings are missing, or that a pending change hides it (plans only). */
export type Evaluated<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown'; readonly until: string }

const missing = { kind: 'missing' } as const

/**
 * Evaluates what may touch values that are not known. A pure function of a type, an expression or a template stops where it
 * touches such a value, by a signal; this is the one place that turns the signal into a value again. Errors pass.
 */
export function evaluate<T>(work: () => T): Evaluated<T> {
  try {
    return { kind: 'value', value: work() }
  } catch (thrown) {
    if (thrown instanceof NotYet) return missing
    if (thrown instanceof Unknown) return { kind: 'unknown', until: thrown.until }
    // What a type says of its params and readings is reported like any other error.
    throw asDiagnosticError(thrown) ?? thrown
  }
}

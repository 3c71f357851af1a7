import { DiagnosticError } from '../model/diagnostic.ts'

/** Fails a read whose exit or status looked like an answer and whose words say that it is none: what is not known is never a value. */
export function unclear(message: string, hint: string): never {
  throw new DiagnosticError({ code: 'read/unclear', message, hint })
}

/** Refuses params that no schema can tell to be wrong. */
export function invalid(message: string, hint: string): never {
  throw new DiagnosticError({ code: 'schema/value', message, hint })
}

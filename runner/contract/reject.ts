import { DiagnosticError } from '../model/diagnostic.ts'

/** Fails a read whose exit code or status was accepted but whose output is not an answer. An unknown value never becomes a state. */
export function unclear(message: string, hint: string): never {
  throw new DiagnosticError({ code: 'read/unclear', message, hint })
}

/** Refuses params that no schema can tell to be wrong. */
export function invalid(message: string, hint: string): never {
  throw new DiagnosticError({ code: 'schema/value', message, hint })
}

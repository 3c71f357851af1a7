/** Why a type does not go on with what it was given, or with what it read. */
export type RejectionReason = 'unclear' | 'invalid' | 'too-deep'

/** A type stops. The engine, and every other caller of a type, reports it as a diagnostic. */
export class Rejection extends Error {
  readonly reason: RejectionReason
  readonly hint: string

  constructor(reason: RejectionReason, message: string, hint: string) {
    super(message)
    this.name = 'Rejection'
    this.reason = reason
    this.hint = hint
  }
}

/** Fails a read whose exit code or status was accepted but whose output is not an answer. An unknown value never becomes a state. */
export function unclear(message: string, hint: string): never {
  throw new Rejection('unclear', message, hint)
}

/** Refuses params that no schema can tell to be wrong. */
export function invalid(message: string, hint: string): never {
  throw new Rejection('invalid', message, hint)
}

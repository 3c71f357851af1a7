import { DiagnosticError, type Place } from '../model/diagnostic.ts'

/** How much one evaluation may do; both numbers are far beyond what a condition needs. */
const celLimits = { steps: 1_000_000, produced: 32 * 1024 * 1024 } as const

/**
 * What one evaluation of an expression has done so far. It is looked at while the expression is at work, so that nested
 * `map` over long lists end with a place instead of stopping every host. It counts work and no time: the same expression
 * gives the same answer on a slow machine.
 */
export class CelBudget {
  private steps = 0
  private produced = 0
  /** Set once a limit was passed. CEL may absorb the error, but the result does not count. */
  exceeded: DiagnosticError | null = null
  private readonly at: Place

  constructor(at: Place) {
    this.at = at
  }

  /** Counts work: one step is about a microsecond. */
  work(steps: number): void {
    this.steps += steps
    if (this.steps > celLimits.steps) this.end(`takes more than ${celLimits.steps} steps`)
  }

  /** Counts what an operation made: characters of a text, items of a list. */
  made(value: unknown): void {
    if (typeof value !== 'string' && !Array.isArray(value)) return
    this.produced += value.length
    if (this.produced > celLimits.produced)
      this.end(`makes more than ${celLimits.produced / 1024 / 1024} Mi characters or items`)
  }

  private end(what: string): never {
    this.exceeded ??= new DiagnosticError({
      code: 'expression/too-much',
      message: `this expression ${what}, so it was stopped`,
      at: this.at,
      hint: 'loop over fewer items, or compute a part of it in a var or a task of its own',
    })
    throw this.exceeded
  }
}

/** How much work it is to look at a value once. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length >> 6
  return Array.isArray(value) ? value.length >> 3 : 0
}

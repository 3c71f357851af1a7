import { DiagnosticError } from '../../model/diagnostic.ts'
import type { Computed, Scope } from '../../model/playbook.ts'
import { notYet, Unknown } from '../../model/signal.ts'
import type { Value } from '../../contract/value.ts'
import { evaluate } from './evaluate.ts'

/** The first condition that does not hold. */
export function firstFalse(conditions: readonly Computed[], scope: Scope): Computed | null {
  // All are asked before the answer counts: what is missing of each is then read in one go.
  let isMissing = false
  let until: string | null = null
  for (const condition of conditions) {
    const found = held(condition, scope, isMissing || until !== null)
    if (found === 'missing') isMissing = true
    else if (found === false) return condition
    else if (found !== true) until ??= found.until
  }
  if (isMissing) notYet()
  if (until !== null) throw new Unknown(until)
  return null
}

/**
 * Whether one condition holds. Behind one that is not known yet an error says nothing: that one may be false, and then this one
 * is never asked.
 */
function held(
  condition: Computed,
  scope: Scope,
  isBehindUnknown: boolean,
): boolean | 'missing' | { readonly until: string } {
  try {
    const found = evaluate(() => truth(condition, condition.evaluate(scope)))
    if (found.kind === 'value') return found.value
    return found.kind === 'missing' ? 'missing' : found
  } catch (error) {
    if (isBehindUnknown) return true
    throw error
  }
}

function truth(condition: Computed, value: Value): boolean {
  if (typeof value === 'boolean') return value
  throw new DiagnosticError({
    code: 'expression/not-boolean',
    message: `the condition gives ${JSON.stringify(value)}, not true or false`,
    at: condition.at,
    hint: 'compare it with something, for example `!= ""` or `> 0`',
  })
}

import type { Computed, Scope } from '../../model/playbook.ts'
import { redact, Secret } from '../../contract/secret.ts'
import type { View } from '../model.ts'

const mostValues = 4
const mostCharacters = 80

/**
 * What the registers and facts in a condition were, in words: `job.status is "failed"`. They tell a reader
 * why a condition does not hold. Values that a `no_log` task registered are left out.
 */
export function valuesIn(condition: Computed, { subject, scope }: View): readonly string[] {
  const said = new Map<string, string>()
  for (const path of condition.paths) {
    const [root] = path
    if (root !== 'facts' && (!subject.registers.has(root!) || subject.unsaid.has(root!))) continue
    const text = textAt(scope, path)
    if (text !== null) said.set(path.join('.'), text)
  }
  return [...said].slice(0, mostValues).map(([path, text]) => `${path} is ${text}`)
}

function textAt(scope: Scope, path: readonly string[]): string | null {
  try {
    const value = path.reduce<unknown>((held, key) => (held as Record<string, unknown>)[key], scope)
    if (value === undefined || typeof value === 'function') return null
    if (value instanceof Secret) return String(value)
    // Hidden before it is cut: half a secret is not found again.
    const text = redact(JSON.stringify(value))
    return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text
  } catch {
    // Not there, or not known: the condition itself has said so where it mattered.
    return null
  }
}

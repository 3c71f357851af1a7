import type { Computed, Scope } from '../../model/playbook.ts'
import { redact, Secret } from '../../contract/secret.ts'
import type { View } from '../model.ts'

const mostValues = 4
const mostCharacters = 80

/** Names that a condition sees of its own task: the fields of the state, and the register. */
export interface OwnNames {
  readonly names: ReadonlySet<string>
  /** Nothing of them is said. */
  readonly hidden: boolean
}

/**
 * What the registers, facts and own fields in a condition are, in words: `job.status is "failed"`. They say to a reader
 * why a condition does not hold. Values that a `no_log` task registered are left out.
 */
export function valuesIn(
  condition: Computed,
  { subject, scope }: View,
  own: OwnNames = { names: new Set(), hidden: false },
): readonly string[] {
  const said = new Map<string, string>()
  for (const path of condition.paths) {
    const root = path[0]!
    const isOwn = own.names.has(root)
    if (isOwn && own.hidden) continue
    if (!isOwn && root !== 'facts' && (!subject.registers.has(root) || subject.unsaid.has(root)))
      continue
    const text = textAt(scope, path)
    if (text !== null) said.set(path.join('.'), text)
  }
  return [...said].slice(0, mostValues).map(([path, text]) => `${path} is ${text}`)
}

/** The value that a condition compares its one name with (`status == "complete"`), as it is written; null where it is another condition. */
export function wantedIn({ text }: Computed): string | null {
  return (
    /^\s*[\w.]+\s*==\s*("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|true|false|null)\s*$/.exec(text)?.[1] ??
    null
  )
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

import type { Value } from '../contract/value.ts'
import { reservedWords } from '../source/cel.ts'
import { didYouMean, nearest } from '../source/suggest.ts'
import type { Located, LocatedEntry } from '../source/yaml.ts'
import { connectionWords, readConnectionEntry } from './connection.ts'
import { fail, kindOfLocated, warn, type Draft, type Layer, type Settings } from './parse-state.ts'
import { readVar } from './values.ts'

/** Names that a playbook sees already: a var of the same name would be hidden. */
const takenNames: ReadonlySet<string> = new Set(['host', 'facts', 'item'])
/** What says nothing. */
export const noLayer: Layer = { connection: {}, vars: {} }

/** Entries that must all be words of ours or of Ansible's. */
export function readWords(
  draft: Draft,
  entries: readonly LocatedEntry[],
  others: readonly string[],
): Layer {
  if (entries.length === 0) return noLayer
  const connection: Settings = {}
  for (const entry of entries) {
    if (readConnectionEntry(draft, entry, connection)) continue
    const known = [...others, ...connectionWords]
    const near = nearest(entry.key, known)
    fail(
      draft,
      'inventory/unknown-key',
      `unknown key '${entry.key}'`,
      entry.keyAt,
      near
        ? `did you mean '${near}'?`
        : others.includes('groups')
          ? didYouMean(entry.key, others)
          : 'a var of your own stands under vars:',
    )
  }
  return { connection, vars: {} }
}

/** Vars, and words among them that say how hosts are reached. Of what others wrote (`foreign`), a name that no var can have is left out with a warning. */
export function readVars(draft: Draft, located: Located, foreign = false): Layer {
  const connection: Settings = {}
  const vars: Record<string, Value> = Object.create(null)
  for (const entry of entriesOf(draft, 'vars', located)) {
    if (readConnectionEntry(draft, entry, connection)) continue
    const { key } = entry
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) || reservedWords.has(key) || takenNames.has(key)) {
      const why = takenNames.has(key)
        ? 'has a meaning of its own in playbooks'
        : reservedWords.has(key)
          ? 'is a word of conditions'
          : 'cannot be named in conditions and templates'
      const hint = 'take another name: letters, digits and underscores'
      if (foreign)
        warn(draft, key, {
          code: 'inventory/not-read',
          message: `the var '${key}' is left out: it ${why}`,
          at: entry.keyAt,
          hint,
        })
      else fail(draft, 'inventory/var-name', `'${key}' ${why}`, entry.keyAt, hint)
      continue
    }
    const value = readVar(draft, key, entry.value)
    if (value !== undefined) vars[key] = value
  }
  return { connection, vars }
}

/** The entries of a map; none, and an error, where something else stands. */
export function entriesOf(draft: Draft, name: string, located: Located): Iterable<LocatedEntry> {
  if (located.kind === 'map') return located.entries.values()
  if (located.kind !== 'scalar' || located.value !== null)
    fail(
      draft,
      'inventory/value',
      `'${name}' wants a map, not ${kindOfLocated(located)}`,
      located.at,
      'write `key: value` lines below it',
    )
  return []
}

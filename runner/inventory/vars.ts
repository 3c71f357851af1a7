import { numberForms } from '../source/number-forms.ts'
import { truthWords } from '../source/truth-words.ts'
import type { Value } from '../contract/value.ts'
import { withoutLine } from '../model/diagnostic.ts'
import { reservedWords } from '../source/cel.ts'
import { didYouMean, meantText, nearest } from '../source/suggest.ts'
import type { Located, LocatedEntry } from '../source/located.ts'
import { connectionWords } from './connection-words.ts'
import { readConnectionEntry } from './connection.ts'
import { fail, kindOfLocated, warn, type Draft, type Layer, type Settings } from './parse-state.ts'
import { readVar } from './typed-values.ts'

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
    const known = [...others, ...Object.keys(connectionWords)]
    const near = nearest(entry.key, known)
    fail(
      draft,
      'inventory/unknown-key',
      `unknown key '${entry.key}'`,
      entry.keyAt,
      near
        ? meantText(near)
        : others.includes('groups')
          ? didYouMean(entry.key, others)
          : 'a var of your own stands under vars:',
    )
  }
  return { connection, vars: {} }
}

/**
 * Where vars stand: in `vars:` of our inventory files (`ours`); where a site of Ansible has its own vars (`site`: group_vars, host_vars,
 * its inventories); or in what a program or another tool printed (`foreign`), of which a name that no var can have is left out with a warning.
 */
export type VarsOrigin = 'ours' | 'site' | 'foreign'

/** Words that sites have as vars of their own. Beside such vars only Ansible's names say how hosts are reached. */
const siteWords: Readonly<Record<string, string>> = {
  address: 'ansible_host',
  connection: 'ansible_connection',
  password: 'ansible_password',
  port: 'ansible_port',
  user: 'ansible_user',
}

/** Vars, and words among them that say how hosts are reached. */
export function readVars(draft: Draft, located: Located, origin: VarsOrigin = 'ours'): Layer {
  const foreign = origin === 'foreign'
  const connection: Settings = {}
  const vars: Record<string, Value> = Object.create(null)
  for (const entry of entriesOf(draft, 'vars', located)) {
    const { key } = entry
    const word = origin !== 'ours' && Object.hasOwn(siteWords, key) ? siteWords[key]! : null
    if (word !== null)
      warn(draft, key, {
        code: 'inventory/site-var',
        message: `'${key}' is a var here, and does not say how trueup reaches the host`,
        at: withoutLine(entry.keyAt),
        hint: `to say that, write ${word}, or ${key} beside the host in an inventory file`,
      })
    else if (readConnectionEntry(draft, entry, connection)) continue
    if (foreign) warnOfTemplates(draft, entry)
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
    for (const { code, message, at, hint } of [
      ...truthWords(entry.value),
      ...numberForms(entry.value),
    ])
      warn(draft, `${at!.file} ${at!.line}`, { code, message, at: at!, hint: hint! })
  }
  return { connection, vars }
}

/** What Ansible computes when it uses it stands as text here. */
function warnOfTemplates(draft: Draft, { key, keyAt, value }: LocatedEntry): void {
  if (!holdsTemplate(value)) return
  warn(draft, 'templates', {
    code: 'inventory/template-text',
    message: `'${key}' holds a template of Ansible, which is a text here: nothing computes it`,
    at: keyAt,
    hint: 'put computed values into the vars of a play; other vars of this inventory may hold templates too',
  })
}

function holdsTemplate(value: Located): boolean {
  if (value.kind === 'list') return value.items.some(holdsTemplate)
  if (value.kind === 'map')
    return [...value.entries.values()].some((entry) => holdsTemplate(entry.value))
  return typeof value.value === 'string' && /\{\{|\{%/.test(value.value)
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

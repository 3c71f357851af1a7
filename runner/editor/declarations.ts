import type { Place } from '../model/diagnostic.ts'
import { verbs } from '../model/playbook.ts'
import type { Located, LocatedEntry, LocatedMap } from '../source/located.ts'
import { parseYaml } from '../source/located-yaml.ts'

/** What a file of a playbook declares, each with its place. */
export interface Declarations {
  /** The place of the name behind each `register:`. */
  readonly registers: readonly Named[]
  readonly handlers: readonly Named[]
  readonly inputs: readonly Named[]
  readonly tags: ReadonlySet<string>
}

/** A name and where it stands. */
export interface Named {
  readonly name: string
  readonly at: Place
}

/** What a file declares, as far as it can be read. */
export function declarationsIn(file: string, text: string): Declarations {
  const found = {
    registers: [] as Named[],
    handlers: [] as Named[],
    inputs: [] as Named[],
    tags: new Set<string>(),
  }
  const walk = (located: Located, key: string): void => {
    if (located.kind === 'scalar') return
    if (located.kind === 'list') return located.items.forEach((item) => walk(item, key))
    if (key === 'handlers') found.handlers.push(...sentenceOf(located))
    found.registers.push(...named(located.entries.get('register')))
    for (const word of wordsOf(located.entries.get('tags')?.value)) found.tags.add(word)
    for (const [name, entry] of located.entries) walk(entry.value, name)
  }
  const { value } = parseYaml(file, text)
  if (value) walk(value, '')
  const inputs = value?.kind === 'map' ? value.entries.get('inputs')?.value : undefined
  if (inputs?.kind === 'map')
    for (const [name, { keyAt }] of inputs.entries) found.inputs.push({ name, at: keyAt })
  return found
}

function sentenceOf(task: LocatedMap): readonly Named[] {
  return verbs.flatMap((verb) => named(task.entries.get(verb)))
}

function named(entry: LocatedEntry | undefined): readonly Named[] {
  return entry?.value.kind === 'scalar' && typeof entry.value.value === 'string'
    ? [{ name: entry.value.text, at: entry.value.at }]
    : []
}

function wordsOf(located: Located | undefined): readonly string[] {
  if (!located || located.kind === 'map') return []
  return located.kind === 'list'
    ? located.items.flatMap(wordsOf)
    : located.value === null
      ? []
      : [located.text]
}

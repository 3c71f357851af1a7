import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AnyResourceType } from '../contract/resource.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { paramWords, verbsOf } from '../manual/type-manual.ts'
import { inputKeys } from '../playbook/declared-inputs.ts'
import {
  blockKeywords,
  includeKeywords,
  playKeywords,
  taskKeywords,
  verbKeywords,
  verbsOfKeyword,
} from '../playbook/keywords.ts'
import type { Cursor } from '../source/cursor.ts'
import type { Declarations } from './declarations.ts'
import { mapPlace, verbIn, type MapPlace } from './task-place.ts'
import { nameOffers } from './name-offers.ts'
import type { Offer } from './offer.ts'
import type { SeenText } from './open-playbook.ts'

/** What is known around the cursor. */
export interface Surroundings {
  readonly file: string
  readonly types: ReadonlyMap<string, AnyResourceType>
  readonly declared: Declarations
  readonly seen: readonly SeenText[]
  /** Hosts and groups of the inventory. */
  readonly hosts: readonly string[]
}

/** The words that fit at the cursor. */
export function offersAt(cursor: Cursor, around: Surroundings): readonly Offer[] {
  const names = nameOffers(cursor, around.seen)
  if (names) return names
  // `- word` under a list of texts looks like a key without its colon.
  const list = cursor.path.at(-2)
  if (cursor.part === 'key' && typeof cursor.path.at(-1) === 'number' && isListOfTexts(list))
    return valueOffers(cursor.path.slice(0, -1), cursor, around)
  return cursor.part === 'key'
    ? keyOffers(cursor, around)
    : valueOffers(cursor.path, cursor, around)
}

function isListOfTexts(key: unknown): boolean {
  return ['tags', 'notify', 'when', 'that', 'vars_files', 'order', 'unless'].includes(String(key))
}

function keyOffers(cursor: Cursor, { types }: Surroundings): readonly Offer[] {
  const place = mapPlace(cursor.path, cursor, types)
  const present = cursor.maps.at(-1)?.entries ?? new Map<string, null>()
  return keysOf(place, present, types).filter(({ word }) => !present.has(word))
}

function keysOf(
  place: MapPlace,
  present: ReadonlyMap<string, unknown>,
  types: ReadonlyMap<string, AnyResourceType>,
): readonly Offer[] {
  switch (place.kind) {
    case 'playbook':
      return [
        key('playbook', 'The title of the playbook.'),
        key('requires', 'The versions of trueup that it is written for.'),
        key('inputs', 'What is given from outside, with its type and default.'),
        key('plays', 'What it makes true, play by play.'),
      ]
    case 'play':
      return described(playKeywords)
    case 'input':
      return described(inputKeys)
    case 'task':
      return taskKeys(present, types)
    case 'params':
      return Object.entries(place.schema.properties ?? {})
        .filter(([, schema]) => place.verb !== 'read' || schema.default === undefined)
        .map(([word, schema]) => key(word, paramWords(schema)))
    case 'other':
      return []
  }
}

/** Keys beside the verb that is written; before one is, the verbs and what a task can be instead. */
function taskKeys(
  present: ReadonlyMap<string, unknown>,
  types: ReadonlyMap<string, AnyResourceType>,
): readonly Offer[] {
  const only = (words: readonly string[]): readonly Offer[] =>
    described(taskKeywords).filter(({ word }) => words.includes(word))
  if (present.has('block')) return only(blockKeywords)
  if (present.has('include')) return only(includeKeywords)
  const verb = verbIn(present)
  const keywords = described(taskKeywords).filter(
    ({ word }) => !verbsOfKeyword[word] || verb === null || verbsOfKeyword[word].includes(verb),
  )
  if (verb === null) return [...described(verbKeywords), ...keywords, ...typeOffers(types)]
  const beside = keywords.filter(
    ({ word }) => !['block', 'rescue', 'always', 'include', 'inputs'].includes(word),
  )
  const hasType = [...present.keys()].some((word) => types.has(word))
  if (hasType || verb === 'confirm') return beside
  return [...typeOffers(types, (type) => verbsOf(type).includes(verb)), ...beside]
}

function typeOffers(
  types: ReadonlyMap<string, AnyResourceType>,
  fits: (type: AnyResourceType) => boolean = () => true,
): readonly Offer[] {
  return [...types.values()]
    .filter(fits)
    .map(({ name, summary }) => ({ word: name, kind: 'type' as const, about: summary }))
}

function described(
  keywords: Readonly<Record<string, { readonly description: string }>>,
): readonly Offer[] {
  return Object.entries(keywords).map(([word, { description }]) => key(word, description))
}

function key(word: string, about: string): Offer {
  return { word, kind: 'key', about }
}

function host(word: string): Offer {
  return { word, kind: 'host', about: '' }
}

function value(word: string, about = ''): Offer {
  return { word, kind: 'value', about }
}

function valueOffers(path: Cursor['path'], cursor: Cursor, around: Surroundings): readonly Offer[] {
  const steps = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path
  const name = String(steps.at(-1))
  const place = mapPlace(steps.slice(0, -1), cursor, around.types)
  switch (place.kind) {
    case 'params': {
      const schema = place.schema.properties?.[name]
      return schema ? paramValues(schema, cursor, around) : []
    }
    case 'play':
      if (name === 'hosts') return around.hosts.map(host)
      return keywordValues(name, playKeywords, cursor, around)
    case 'input':
      return schemaValues((inputKeys as Keywords)[name]?.schema)
    case 'task':
      return keywordValues(name, taskKeywords, cursor, around)
    case 'playbook':
    case 'other':
      return []
  }
}

type Keywords = Readonly<Record<string, { readonly schema: object }>>

function keywordValues(
  name: string,
  keywords: Keywords,
  cursor: Cursor,
  { declared, file, hosts }: Surroundings,
): readonly Offer[] {
  if (name === 'notify') return declared.handlers.map((each) => value(each.name, 'a handler'))
  if (name === 'tags') return [...declared.tags].map((tag) => value(tag))
  if (name === 'include' || name === 'vars_files') return fileOffers(file, cursor, /\.ya?ml$/)
  if (name === 'delegate_to') return ['localhost', ...hosts].map(host)
  return schemaValues(keywords[name]?.schema)
}

function schemaValues(given: object | undefined): readonly Offer[] {
  const schema = given as
    | { readonly enum?: readonly unknown[]; readonly type?: string; readonly anyOf?: object[] }
    | undefined
  if (!schema) return []
  if (schema.enum) return schema.enum.map((each) => value(String(each)))
  if (schema.type === 'boolean') return [value('true'), value('false')]
  return (schema.anyOf ?? []).flatMap(schemaValues)
}

function paramValues(
  schema: ParamSchema,
  cursor: Cursor,
  { file }: Surroundings,
): readonly Offer[] {
  const one = schema.type === 'array' ? (schema.items ?? schema) : schema
  if (one.format === 'local-file' || one.format === 'template') return fileOffers(file, cursor, /./)
  if (one.enum) return one.enum.map((each) => value(String(each)))
  if (one.type === 'boolean') return [value('true'), value('false')]
  return (one.examples ?? []).map((example) =>
    value(typeof example === 'string' ? quoted(example) : JSON.stringify(example), 'an example'),
  )
}

/** A text that YAML would take for a number or a truth stands in quotes. */
function quoted(text: string): string {
  return /^[A-Za-z/][\w./ -]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`
}

/** Files and folders beside the playbook, in the folder that is written so far. */
function fileOffers(file: string, { before }: Cursor, fits: RegExp): readonly Offer[] {
  const written = before.includes('/') ? before.slice(0, before.lastIndexOf('/') + 1) : ''
  try {
    return readdirSync(join(dirname(file), written), { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.'))
      .filter((entry) => entry.isDirectory() || fits.test(entry.name))
      .map((entry) => ({
        word: `${entry.name}${entry.isDirectory() ? '/' : ''}`,
        kind: 'file' as const,
        about: '',
      }))
  } catch {
    // A folder that is not there yet has no files to offer.
    return []
  }
}

import type { Pattern } from '../text/pattern.ts'
import { DiagnosticError, type Place } from '../model/diagnostic.ts'
import { parseJson } from '../contract/json.ts'
import { Secret } from '../contract/secret.ts'
import type { StateField } from '../contract/state.ts'
import { isMap, kindOf, type Value } from '../contract/value.ts'
import { isOfType } from '../schema/type-words.ts'

/** How one field is taken from one answer. */
export interface Extraction {
  readonly at: Place
  readonly from: string
  /** The part of the answer that is looked at: `stdout`. */
  readonly part: string
  readonly take: 'part' | 'json' | 'regexp' | 'lines'
  readonly pointer?: readonly string[]
  readonly pattern?: Pattern
  readonly group?: number | string
  readonly trim: boolean
  /** What each found text or number means. */
  readonly values?: Readonly<Record<string, Value>>
  /** Undefined: there must be a value. */
  readonly otherwise?: Value
}

/** A reading that means nothing that the manifest knows: never a value. */
export function unclear(
  at: Place,
  message: string,
  hint = 'if that is an answer, say what it means with `otherwise:`',
): DiagnosticError {
  return new DiagnosticError({ code: 'read/unclear', message, at, hint })
}

/** The value of a field in an answer. Text is found in secrets without being shown: it stays one. */
export function extract(
  extraction: Extraction,
  answer: Readonly<Record<string, unknown>> | undefined,
  field: StateField,
): Value {
  const { at, from, part, otherwise } = extraction
  const found = answer === undefined ? undefined : answer[part]
  if (found instanceof Secret) return concealed(extraction, found, field)
  const value = found === undefined ? undefined : taken(extraction, found)
  if (value !== undefined) return fitting(field, value, at, from)
  if (otherwise !== undefined) return otherwise
  throw unclear(
    at,
    answer === undefined
      ? `'${from}' was not asked`
      : found === undefined
        ? `'${from}' has no ${part}`
        : `${wordsFor(extraction)} is not in the answer of '${from}'`,
  )
}

/** Holds a value against what the state says of its field; text becomes the number or the truth that it spells. */
export function fitting(field: StateField, value: Value, at: Place, from: string): Value {
  if (value === null || value instanceof Secret || fits(field, value)) return value
  const spelled = typeof value === 'string' ? spelledValue(field, value) : undefined
  if (spelled !== undefined) return spelled
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : kindOf(value)
  throw unclear(
    at,
    `'${from}' gives ${shown}, and the state says ${field.enum ? `one of ${field.enum.join(', ')}` : field.type}`,
    'take the right part of the answer, or map it with `values:`',
  )
}

/** Whether a value is what the state says of its field. */
export function fits(field: StateField, value: Value): boolean {
  if (field.enum && !field.enum.includes(value as string)) return false
  return isOfType(field.type, value)
}

function spelledValue(field: StateField, text: string): Value | undefined {
  const word = text.trim()
  if (field.type === 'boolean') return word === 'true' ? true : word === 'false' ? false : undefined
  const isNumber =
    field.type === 'integer'
      ? /^[+-]?\d+$/.test(word) && Number.isSafeInteger(Number(word))
      : field.type === 'number' && /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)
  return isNumber && (!field.enum || field.enum.includes(Number(word))) ? Number(word) : undefined
}

/** `map` sees the text; what it throws must not hold it. */
function concealed(extraction: Extraction, secret: Secret, field: StateField): Value {
  const { at, from, otherwise } = extraction
  let isMissing = false
  const inside = secret.map((text) => {
    const value = taken({ ...extraction, values: undefined as never }, text)
    isMissing = value === undefined || value === null
    return typeof value === 'string' ? value : JSON.stringify(value ?? null)
  })
  if (!isMissing && field.type === 'string') return inside
  if (otherwise !== undefined) return otherwise
  throw unclear(
    at,
    isMissing
      ? `${wordsFor(extraction)} is not in the secret answer of '${from}'`
      : `a secret answer gives text, and the state says ${field.type}`,
  )
}

/** What is found; undefined where nothing is. */
function taken(extraction: Extraction, found: unknown): Value | undefined {
  const { take, pattern, group, pointer = [], trim, values } = extraction
  const clean = (text: string): string => (trim ? text.trim() : text)
  const value = ((): Value | undefined => {
    if (take === 'json')
      return pointed(typeof found === 'string' ? parseJson(found) : (found as Value), pointer)
    if (typeof found !== 'string') return found as Value
    if (take === 'lines')
      return found.split(/\r?\n/).flatMap((line) => lineOf(line, pattern, group, trim))
    if (take === 'part') return clean(found)
    const matched = matchOf(pattern!, group, found)
    return matched === undefined ? undefined : clean(matched)
  })()
  if (!values || value === undefined || value === null) return value
  const key = typeof value === 'object' ? undefined : String(value)
  return key !== undefined && Object.hasOwn(values, key) ? values[key] : undefined
}

function lineOf(
  line: string,
  pattern: Pattern | undefined,
  group: number | string | undefined,
  trim: boolean,
): readonly string[] {
  const found = pattern ? matchOf(pattern, group, line) : line
  const clean = trim ? found?.trim() : found
  return clean === undefined || clean === '' ? [] : [clean]
}

function matchOf(
  pattern: Pattern,
  group: number | string | undefined,
  text: string,
): string | undefined {
  const match = pattern.find(text)
  if (!match) return undefined
  const index =
    typeof group === 'string'
      ? pattern.groupNames.get(group)
      : (group ?? (pattern.groupCount > 0 ? 1 : 0))
  return index === 0 ? match.text : match.groups[(index ?? 0) - 1]
}

function pointed(start: Value | undefined, pointer: readonly string[]): Value | undefined {
  let value = start
  for (const key of pointer) {
    if (Array.isArray(value))
      value = /^(?:0|[1-9]\d*)$/.test(key) ? (value as readonly Value[])[Number(key)] : undefined
    else if (isMap(value) && Object.hasOwn(value, key)) value = value[key]
    else return undefined
  }
  return value
}

function wordsFor({ take, pointer = [], pattern, values, part }: Extraction): string {
  if (take === 'json') return `/${pointer.join('/')}`
  if (pattern)
    return values
      ? `what /${pattern.source}/ finds, as one of ${Object.keys(values).join(', ')},`
      : `/${pattern.source}/`
  return values ? `${part} as one of ${Object.keys(values).join(', ')}` : part
}

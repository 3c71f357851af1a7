import { Matcher } from '../contract/matcher.ts'
import { redact, Secret } from '../contract/secret.ts'
import { printedFormatOf, type AnyDiff, type Drift, type StateSchema } from '../contract/state.ts'
import { isMap, same, type Value } from '../contract/value.ts'
import { printedText, type FormatName } from '../text/formats.ts'

/** Characters of a value that a sentence shows; what is longer is for a diff. */
const mostCharacters = 60
const mostFields = 4

/** What differs from what was wanted, in words: `rc is 1, wanted 0`. Long values are named only: their diff shows them. */
export function driftWords(diff: AnyDiff, fields: StateSchema = {}): string {
  const words = Object.entries(diff).flatMap(([field, drift]) =>
    wordsOf(field, drift, printedFormatOf(fields[field])),
  )
  const more = words.length - mostFields
  return [...words.slice(0, mostFields), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

/** Whether `driftWords` says both values of a field, so that its diff has nothing to add. */
export function isInWords({ from, to }: Drift): boolean {
  if (isMap(from) && isMap(to)) return pairsOf(from, to).every(([, a, b]) => areShort(a, b))
  return areShort(from as Value, to as Value | Matcher)
}

function wordsOf(field: string, { from, to }: Drift, format: FormatName | null): readonly string[] {
  if (isMap(from) && isMap(to))
    return pairsOf(from, to).map(([key, a, b]) => pairWords(`${field}.${key}`, a, b, format))
  return [pairWords(field, from as Value, to as Value | Matcher, format)]
}

/** The keys of a map that differ. */
function pairsOf(
  from: Readonly<Record<string, Value>>,
  to: Readonly<Record<string, Value | Matcher>>,
): readonly (readonly [string, Value, Value | Matcher])[] {
  return Object.keys(to)
    .map((key) => [key, from[key] ?? null, to[key] ?? null] as const)
    .filter(([, a, b]) => !(b instanceof Matcher ? b.accepts(a) : same(a, b)))
}

function pairWords(
  name: string,
  from: Value,
  to: Value | Matcher,
  format: FormatName | null,
): string {
  return areShort(from, to)
    ? `${name} is ${valueWords(from, format)}, wanted ${valueWords(to, format)}`
    : `${name} is not as wanted`
}

function areShort(from: Value, to: Value | Matcher): boolean {
  return [from, to].every((value) => isShort(valueWords(value, null)))
}

function isShort(words: string): boolean {
  return words.length <= mostCharacters
}

/** A value in a sentence: a plain word bare, another text in quotes, a secret by its name. */
function valueWords(value: unknown, format: FormatName | null = null): string {
  if (value === null || value === undefined) return 'nothing'
  if (value instanceof Secret) return String(value)
  if (value instanceof Matcher) return redact(String(value))
  const printed = printedText(format ?? undefined, value)
  if (printed !== null) return printed
  const text = redact(typeof value === 'string' ? value : JSON.stringify(value))
  return typeof value !== 'string' || /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text)
}

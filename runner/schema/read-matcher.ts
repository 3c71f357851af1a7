import { Matcher, matcherFault, matcherWords, type MatcherWord } from '../contract/matcher.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import type { Value } from '../contract/value.ts'
import { meantText, nearest } from '../source/suggest.ts'
import { printedFormat } from '../text/formats.ts'
import { fault, unknownValue, type ReadContext, type Written } from './written.ts'

type WrittenMap = Extract<Written, { kind: 'map' }>
type Read = (schema: ParamSchema, written: Written, context: ReadContext) => unknown

/** Whether a map is a matcher, and not a wanted map of its own: where a map may be wanted, only a matcher's word says so. */
export function isMatcher({ type }: ParamSchema, { entries }: WrittenMap): boolean {
  if (type !== 'object' && type !== 'any') return true
  return entries.size === 1 && isWord([...entries.keys()][0]!)
}

function isWord(text: string): text is MatcherWord {
  return matcherWords.includes(text as MatcherWord)
}

/** The matcher that a map is; its operand is read by the same schema. */
export function readMatcher(
  schema: ParamSchema,
  written: WrittenMap,
  context: ReadContext,
  read: Read,
): unknown {
  const [word] = written.entries.keys()
  const entry = word === undefined ? undefined : written.entries.get(word)
  if (word === undefined || !entry || written.entries.size !== 1 || !isWord(word)) {
    const near = word === undefined ? null : nearest(word, matcherWords)
    return fault(
      context,
      entry?.at ?? written.at,
      'param/matcher',
      `${context.name} takes a value, or one of ${matcherWords.join(', ')}`,
      near ? meantText(near) : 'write { at_least: … }',
    )
  }
  const operand = read(operandSchema(schema, word), entry.value, context)
  if (operand === unknownValue) return unknownValue
  const wrong = matcherFault(word, operand as Value)
  if (wrong)
    return fault(
      context,
      entry.value.at,
      'param/matcher',
      `${context.name}: ${wrong}`,
      `correct what ${word} is given`,
    )
  return new Matcher(word, operand as Value, printedFormat(schema.format) ?? undefined)
}

/** What may stand behind a word of a matcher. */
export function operandSchema(schema: ParamSchema, word: MatcherWord): ParamSchema {
  const { matcher: _matcher, default: _default, examples: _examples, ...rest } = schema
  const text: ParamSchema = { type: 'string', description: rest.description }
  switch (word) {
    case 'matches':
      return text
    case 'contains':
      return rest.type === 'array' ? (rest.items ?? rest) : text
    case 'one_of':
      return { type: 'array', description: rest.description, items: rest, minItems: 1 }
    default:
      return rest
  }
}

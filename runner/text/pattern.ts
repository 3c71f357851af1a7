import { RE2JS } from 're2js'

// A pattern of a playbook meets what hosts and services answered. JavaScript's own engine tries every way to match and may
// take longer than the age of the host for 40 letters; this one reads the text once, whatever the pattern.

/** Where a pattern matched: the whole match, its groups in their order, and where it stands. */
export interface PatternMatch {
  readonly index: number
  readonly text: string
  /** Group 1 first; undefined where a group took no part. */
  readonly groups: readonly (string | undefined)[]
}
/** A compiled regular expression whose time grows with the length of the text alone. */
export interface Pattern {
  readonly source: string
  test(text: string): boolean
  /** The first match, or null. */
  find(text: string): PatternMatch | null
  /** How many groups it has, and the numbers of those that have a name. */
  readonly groupCount: number
  readonly groupNames: ReadonlyMap<string, number>
}
/** Why a text is not a pattern, which part of it is wrong, and what to write instead. */
export interface PatternFault {
  readonly message: string
  readonly hint: string
  /** Where the wrong part begins in the pattern, and how long it is. */
  readonly index: number
  readonly length: number
}
/** `multiline`: `^` and `$` also match at line ends. */
export interface PatternOptions {
  readonly multiline?: boolean
}

const longest = 10_000
const kept = 1_000
const compiled = new Map<string, Pattern | PatternFault>()

/** The pattern of a text that was checked before; throws a plain error for one that was not. */
export function compilePattern(source: string, options: PatternOptions = {}): Pattern {
  const found = patternOf(source, options)
  if ('hint' in found) throw new Error(`${source} is not a pattern: ${found.message}`)
  return found
}

/** What is wrong with a pattern, or null. */
export function patternFault(source: string, options: PatternOptions = {}): PatternFault | null {
  const found = patternOf(source, options)
  return 'hint' in found ? found : null
}

function patternOf(source: string, { multiline = false }: PatternOptions): Pattern | PatternFault {
  const key = `${multiline ? 'm' : ' '}${source}`
  let found = compiled.get(key)
  if (found === undefined) {
    found = build(source, multiline)
    if (compiled.size >= kept) compiled.clear()
    compiled.set(key, found)
  }
  return found
}

/**
 * What both engines read alike, and JavaScript's own in linear time: ASCII letters and sets of them in a row from the beginning,
 * of which one may be repeated. Most schemas have no other, and it takes a hundredth of the time there.
 */
const simple = /^\^(?:[\w/:@ -]|\[[\w/:@ .+-]+\])*(?:[*+](?:[\w/:@ -]|\[[\w/:@ .+-]+\])*)?\$?$/

function buildSimple(source: string): Pattern | null {
  if (!simple.test(source)) return null
  let engine: RegExp
  try {
    engine = new RegExp(source)
  } catch {
    // A range that runs backwards: the other engine says so.
    return null
  }
  return {
    source,
    groupCount: 0,
    groupNames: new Map(),
    test: (text) => engine.test(text),
    find(text) {
      const found = engine.exec(text)
      return found ? { index: 0, text: found[0], groups: [] } : null
    },
  }
}

function build(source: string, multiline: boolean): Pattern | PatternFault {
  if (source.length > longest)
    return {
      message: `it has ${source.length} characters; at most ${longest} are taken`,
      hint: 'write a shorter pattern',
      index: 0,
      length: source.length,
    }
  const ours = multiline ? null : buildSimple(source)
  if (ours) return ours
  const known = refusedPart(source)
  if (known) return known
  let engine: RE2JS
  try {
    engine = RE2JS.compile(RE2JS.translateRegExp(source), multiline ? RE2JS.MULTILINE : 0)
  } catch (error) {
    return faultOf(source, error as { error?: string; input?: string | null; message: string })
  }
  return {
    source,
    groupCount: engine.groupCount(),
    groupNames: new Map(Object.entries(engine.namedGroups())),
    test: (text) => engine.test(text),
    find(text) {
      const matcher = engine.matcher(text)
      if (!matcher.find()) return null
      const groups = Array.from(
        { length: matcher.groupCount() },
        (_, i) => matcher.group(i + 1) ?? undefined,
      )
      return { index: matcher.start(), text: matcher.group(0) ?? '', groups }
    },
  }
}

/** What people write that this engine does not have: it would need more than one pass over the text. */
const refused: readonly {
  readonly form: RegExp
  readonly message: string
  readonly hint: string
  /** Also wrong inside of [ ]. */
  readonly inClasses?: true
}[] = [
  {
    form: /\(\?<?[=!]/,
    message: 'it looks ahead or behind, which trueup does not support',
    hint: 'match what stands there and use a group, or test twice: once for what must match, once for what must not',
  },
  {
    form: /\\[1-9k]/,
    message: 'it refers back to a group, which trueup does not support',
    hint: 'write what the group matches once more',
  },
  {
    form: /\(\?>|[*+?}]\+/,
    message: 'it has possessive or atomic parts, which trueup does not support',
    hint: 'remove the + after the repetition, or the ?> of the group: they are not needed for speed here',
  },
  {
    form: /\\(?![bBdDwWsSnrtfvaxupPAzc])[A-Za-z]/,
    message: 'it has an escape that trueup does not know',
    hint: 'write \\s for a blank, \\n for a line end, $ for the end',
    inClasses: true,
  },
]

// Escaped backslashes and character classes are blanked first, so that what they hold is not mistaken for syntax.
function refusedPart(source: string): PatternFault | null {
  const plain = source.replace(/\\\\/g, '  ')
  // eslint-disable-next-line regexp/no-super-linear-move -- at most 10,000 characters
  const outside = plain.replace(/\[(?:\\.|[^\]\\])*\]/g, (found) => ' '.repeat(found.length))
  for (const { form, message, hint, inClasses } of refused) {
    const found = form.exec(inClasses ? plain : outside)
    if (found) return { message, hint, index: found.index, length: found[0].length }
  }
  return null
}

function faultOf(
  source: string,
  error: { error?: string; input?: string | null; message: string },
): PatternFault {
  const part = error.input ?? ''
  const index = part === '' ? -1 : source.indexOf(part)
  return {
    message: wordsOf(error.error ?? error.message, part === source ? '' : part),
    hint: 'put \\ before a character that means itself, such as . * + ? ( ) [ ] { } | ^ $',
    index: Math.max(0, index),
    length: index < 0 ? source.length : part.length,
  }
}

const plainly: Readonly<Record<string, string>> = {
  'missing closing )': 'a ( is not closed',
  'unexpected )': 'a ) closes nothing',
  'missing closing ]': 'a [ is not closed',
  'missing argument to repetition operator': 'a repetition has nothing before it',
  'invalid nested repetition operator': 'a repetition is repeated',
  'invalid character class range': 'a range of characters is wrong',
  'invalid escape sequence': 'an escape is unknown',
  'invalid repeat count': 'a repetition counts further than 1000',
  'trailing backslash at end of expression': 'it ends with a single backslash',
  'invalid named capture': 'the name of a group is wrong',
}

function wordsOf(said: string, part: string): string {
  const plain = plainly[said.replace(/^error parsing regexp: /, '')] ?? said
  return part === '' ? plain : `${plain}: ${part}`
}

import type { Code } from '../model/codes.ts'
import { countOf } from '../text/count.ts'
import type { Tree } from '../model/playbook.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { parseDuration } from '../text/duration.ts'
import { Matcher, matcherFault, matcherWords, type MatcherWord } from '../contract/matcher.ts'
import { parseMode } from '../text/mode.ts'
import type { ParamSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { readSize } from '../text/size.ts'
import { isMap, kindOf, type Value } from '../contract/value.ts'
import { parseXname } from '../text/xname.ts'
import { compilePattern, patternFault } from '../text/pattern.ts'
import type { Names, Shape } from '../source/known-names.ts'
import { didYouMean, nearest } from '../source/suggest.ts'
import { plain, type Located } from '../source/located-yaml.ts'
import { fileFault, fromFolder, hashFile, isHashed } from './local-files.ts'
import { otherValue } from './other-words.ts'
import { knownShape } from './compiled-values.ts'

/** A value on its way into a param: as written in the playbook with each part's place, or as rendered. */
export type Written =
  | {
      readonly kind: 'scalar'
      readonly value: Value
      /** As written, for "quote it". */ readonly text: string
      readonly at: Place
    }
  | { readonly kind: 'list'; readonly items: readonly Written[]; readonly at: Place }
  | {
      readonly kind: 'map'
      readonly entries: ReadonlyMap<string, { readonly at: Place; readonly value: Written }>
      readonly at: Place
    }
  /** A template or expression: it stands for any value of its place. */
  | { readonly kind: 'hole'; readonly shape: Shape; readonly at: Place }

/** What canonical forms are made with. */
export interface Making {
  /** The param, as in `package.name`. */
  readonly name: string
  /** The folder that local files are relative to. */
  readonly folder: string
  /** The value was computed: an error in it is corrected where the value comes from. */
  readonly rendered?: boolean
  report(diagnostic: Diagnostic): void
}

/** Stands in the canonical form for a hole, or for what was reported as wrong. */
export const unknownValue: unique symbol = Symbol('unknown')

/** A located value; its computed scalars (as in the tree that was made of it) are holes. */
export function writtenOf(located: Located, tree: Tree, names: Names): Written {
  if (tree.kind === 'computed') return { kind: 'hole', shape: knownShape(tree, names), at: tree.at }
  if (located.kind === 'list' && tree.kind === 'list')
    return {
      kind: 'list',
      items: located.items.map((item, i) => writtenOf(item, tree.items[i]!, names)),
      at: located.at,
    }
  if (located.kind === 'map' && tree.kind === 'map') {
    const entries = new Map(
      [...located.entries].map(([key, entry]) => [
        key,
        { at: entry.keyAt, value: writtenOf(entry.value, tree.entries[key]!, names) },
      ]),
    )
    return { kind: 'map', entries, at: located.at }
  }
  return {
    kind: 'scalar',
    value: located.kind === 'scalar' ? located.value : plain(located),
    text: located.kind === 'scalar' ? located.text : '',
    at: located.at,
  }
}

/** A rendered value: all of it stands at one place. */
export function writtenValue(value: unknown, at: Place): Written {
  if (Array.isArray(value))
    return { kind: 'list', items: value.map((item) => writtenValue(item, at)), at }
  if (isMap(value) && !isHashed(value))
    return {
      kind: 'map',
      entries: new Map(
        Object.keys(value).map((key) => [key, { at, value: writtenValue(value[key], at) }]),
      ),
      at,
    }
  return {
    kind: 'scalar',
    value: value as Value,
    text: value instanceof Secret ? '' : String(value),
    at,
  }
}

/** Checks a value against its schema and gives the canonical form that a type sees. */
export function canonical(schema: ParamSchema, written: Written, making: Making): unknown {
  if (written.kind === 'hole') return holeOf(schema, written, making)
  if (schema.matcher && written.kind === 'map') {
    const matcher = matcherOf(schema, written, making)
    if (matcher !== null) return matcher
  }
  if (schema.orOne && schema.type === 'array' && written.kind !== 'list')
    return canonical(schema, { kind: 'list', items: [written], at: written.at }, making)
  if (schema.secret) return secretOf(schema, written, making)
  if (schema.type === 'any') return anything(written)
  if (schema.type === 'array') return listOf(schema, written, making)
  if (schema.type === 'object') return mapOf(schema, written, making)
  if (written.kind !== 'scalar') return wrongType(schema, written, making)
  return scalarOf(schema, written, making)
}

/** A computed value is checked when it is rendered; where its type is known already, it is checked now. */
function holeOf(
  schema: ParamSchema,
  { shape, at }: Extract<Written, { kind: 'hole' }>,
  making: Making,
): typeof unknownValue {
  if (
    shape.kind !== 'value' ||
    schema.type === 'any' ||
    (schema.orOne && schema.items && fits(schema.items, shape.type)) ||
    fits(schema, shape.type)
  )
    return unknownValue
  const words = {
    string: 'a text',
    integer: 'an integer',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
  } as const
  const hint =
    schema.type === 'string'
      ? 'write !expr string(…)'
      : schema.type === 'integer' && shape.type === 'string'
        ? 'write !expr int(…)'
        : `give it ${words[schema.type]}`
  return fault(
    making,
    at,
    'param/type',
    `${making.name} wants ${words[schema.type]}; this is ${words[shape.type]}`,
    hint,
  )
}

function fits(schema: ParamSchema, type: 'string' | 'integer' | 'number' | 'boolean'): boolean {
  if (schema.type === type || schema.type === 'any') return true
  if (schema.orInteger && type === 'integer') return true
  return type === 'integer' && (schema.type === 'number' || schema.format === 'size')
}

type Scalar = Extract<Written, { kind: 'scalar' }>

function scalarOf(schema: ParamSchema, written: Scalar, making: Making): unknown {
  const { value } = written
  if (value instanceof Secret) {
    if (schema.orSecret || schema.format === 'template') {
      const wrong = secretFault(schema, value, making)
      return wrong === null ? value : fault(making, written.at, ...wrong)
    }
    return fault(
      making,
      written.at,
      'param/secret',
      `${making.name} cannot be a secret: it would be shown`,
      'give the secret to a param that is marked secret, or render it in a template file',
    )
  }
  if (value === null)
    return fault(
      making,
      written.at,
      'param/empty',
      `${making.name} is empty`,
      'write a value, or remove the key',
    )
  if (schema.type === 'string') return textOf(schema, written, making)
  if (schema.type === 'boolean') {
    if (typeof value === 'boolean') return value
    const meant = /^(?:yes|on|y)$/i.test(written.text)
      ? 'true'
      : /^(?:no|off|n)$/i.test(written.text)
        ? 'false'
        : 'true or false'
    return fault(
      making,
      written.at,
      'param/type',
      `${making.name} wants true or false, not ${kindOf(value)}`,
      `write ${meant}`,
    )
  }
  if (typeof value !== 'number') {
    const hint = /^-?\d+(?:\.\d+)?$/.test(written.text)
      ? `remove the quotes: ${written.text}; an input of this name wants \`type: ${schema.type}\``
      : 'write a number'
    return fault(
      making,
      written.at,
      'param/type',
      `${making.name} wants ${schema.type === 'integer' ? 'an integer' : 'a number'}, not ${kindOf(value)}`,
      hint,
    )
  }
  if (schema.type === 'integer' && !Number.isSafeInteger(value))
    return fault(
      making,
      written.at,
      'param/type',
      `${making.name} wants an integer, not ${written.text}`,
      'write a whole number',
    )
  if (schema.enum && !schema.enum.includes(value)) return notInEnum(schema, written, making)
  if (schema.minimum !== undefined && value < schema.minimum)
    return fault(
      making,
      written.at,
      'param/range',
      `${making.name} is ${value}; the least is ${schema.minimum}`,
      `write ${schema.minimum} or more`,
    )
  if (schema.maximum !== undefined && value > schema.maximum)
    return fault(
      making,
      written.at,
      'param/range',
      `${making.name} is ${value}; the most is ${schema.maximum}`,
      `write ${schema.maximum} or less`,
    )
  return value
}

function textOf(schema: ParamSchema, written: Scalar, making: Making): unknown {
  const { value } = written
  if (schema.format === 'local-file' && isHashed(value)) return value
  if (
    schema.format === 'size' &&
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 0
  )
    return value
  if (schema.orInteger && Number.isSafeInteger(value) && String(value) === written.text)
    return String(value)
  if (typeof value !== 'string') {
    const hint =
      schema.hint !== undefined && typeof value === 'boolean'
        ? schema.hint
        : making.rendered
          ? 'quote it where it is written, or write !expr string(…)'
          : schema.format === 'duration'
            ? `write a unit: ${written.text}s`
            : quoting(schema, written.text)
    const wanted = schema.format === 'duration' ? 'a duration' : 'a text'
    return fault(
      making,
      written.at,
      'param/type',
      making.rendered
        ? `${making.name} wants ${wanted}; this gives ${kindOf(value)} (${written.text})`
        : `${making.name} wants ${wanted}; YAML takes ${written.text} for ${kindOf(value)}`,
      hint,
    )
  }
  if (schema.enum && !schema.enum.includes(value)) return notInEnum(schema, written, making)
  if (schema.minLength !== undefined && value.length < schema.minLength)
    return fault(
      making,
      written.at,
      'param/empty',
      `${making.name} is ${value === '' ? 'empty' : 'too short'}`,
      `write at least ${countOf(schema.minLength, 'character')}`,
    )
  if (schema.maxLength !== undefined && value.length > schema.maxLength)
    return fault(
      making,
      written.at,
      'param/range',
      `${making.name} has ${countOf(value.length, 'character')}; the most is ${schema.maxLength}`,
      `write at most ${countOf(schema.maxLength, 'character')}`,
    )
  if (schema.format === 'xname') return xnameOf(schema, value, written.at, making)
  if (schema.format === 'line' && severalLines.test(value)) return notOneLine(written.at, making)
  if (schema.pattern !== undefined && !compilePattern(schema.pattern).test(value))
    return fault(
      making,
      written.at,
      'param/pattern',
      `${making.name} '${value}' does not match ${schema.pattern}`,
      wholePath(schema, value) ?? schema.hint ?? schema.description,
    )
  return schema.format ? formatted(schema.format, value, written.at, making) : value
}

const severalLines = /[\0\r\n]/

/** What becomes a line of a file, a header or an argument that a tool splits would become two. */
function notOneLine(at: Place, making: Making): typeof unknownValue {
  return fault(
    making,
    at,
    'param/line',
    `${making.name} is one line, and this holds a line end`,
    making.rendered
      ? 'take the line end away where it is computed, as in {{ trim x }}'
      : 'write one line; a text behind `>` or `|` ends with a line end: write `>-`',
  )
}

/** What to type for a path that does not begin at the root. */
function wholePath(schema: ParamSchema, value: string): string | null {
  if (schema.format !== 'path' || value.startsWith('/')) return null
  if (!value.startsWith('~')) return `write the whole path: /${value.replace(/^(?:\.\/)+/, '')}`
  return schema.pattern?.includes('~')
    ? 'name the user: ~root/…'
    : `write the whole path: /root${value.slice(1)}`
}

/** What to type for a text that YAML took for something else: a mode in the digits that were meant. */
function quoting(schema: ParamSchema, text: string): string {
  if (schema.format !== 'mode') return `quote it: "${text}"`
  const octal = /^0?o?([0-7]{3,4})$/.exec(text)?.[1]
  return octal === undefined
    ? 'write octal digits in quotes: "0644"'
    : `quote it: "${octal.padStart(4, '0')}"`
}

function formatted(
  format: Exclude<NonNullable<ParamSchema['format']>, 'xname'>,
  value: string,
  at: Place,
  making: Making,
): unknown {
  switch (format) {
    case 'size':
      return sizeOf(value, at, making)
    case 'duration':
      return (
        parseDuration(value) ??
        fault(
          making,
          at,
          'param/duration',
          `'${value}' is not a duration`,
          'write a number and a unit: 30s, 5m, 1h30m',
        )
      )
    case 'mode':
      return (
        parseMode(value) ??
        fault(
          making,
          at,
          'param/mode',
          `'${value}' is not a file mode`,
          'write octal digits in quotes: "0644"',
        )
      )
    case 'path':
      if (/[\0\n]/.test(value))
        return fault(
          making,
          at,
          'param/path',
          `${making.name} holds a line break or NUL`,
          'write one path',
        )
      return /^(?:\/|~[A-Za-z_][\w.-]*(?:\/|$))/.test(value)
        ? value
        : fault(
            making,
            at,
            'param/path',
            `'${value}' is not an absolute path`,
            value.startsWith('~/')
              ? `name the user: ~root${value.slice(1)}`
              : `write /${value} or ~user/${value}`,
          )
    case 'local-file':
      return localFile(value, at, making)
    case 'pattern':
      return patternOf(value, at, making)
    case 'line':
    case 'template':
    case 'host-folder':
      return value
  }
}

/** A node is meant, unless the type says which other components may be. */
function xnameOf(schema: ParamSchema, value: string, at: Place, making: Making): unknown {
  const parsed = parseXname(value)
  if (!parsed)
    return fault(
      making,
      at,
      'param/xname',
      `'${value}' is not an xname`,
      'a node looks like x3000c0s19b1n0',
    )
  if (schema.pattern !== undefined) {
    return compilePattern(schema.pattern).test(parsed.xname)
      ? parsed.xname
      : fault(
          making,
          at,
          'param/xname',
          `'${value}' is a ${parsed.type}, which ${making.name} does not take`,
          schema.description,
        )
  }
  const taken = schema.xnames ?? ['Node', 'VirtualNode']
  if (taken.includes(parsed.type)) return parsed.xname
  return fault(
    making,
    at,
    'param/xname',
    `'${value}' is a ${parsed.type}; ${making.name} takes ${taken.join(', ')}`,
    parsed.type === 'NodeBMC'
      ? `did you mean '${parsed.xname}n0'?`
      : 'a node looks like x3000c0s19b1n0',
  )
}

/** An expression that meets lines: one with a line end in it can match none. */
function patternOf(value: string, at: Place, making: Making): unknown {
  if (severalLines.test(value)) return notOneLine(at, making)
  const wrong = patternFault(value)
  return wrong === null
    ? value
    : fault(
        making,
        at,
        'param/pattern',
        `${making.name} '${value}' is not a regular expression: ${wrong.message}`,
        wrong.hint,
      )
}

function sizeOf(value: string, at: Place, making: Making): unknown {
  const size = readSize(value)
  if (typeof size === 'number') return size
  return size === 'range'
    ? fault(making, at, 'param/size', `'${value}' is larger than any store`, 'write at most 1023E')
    : fault(
        making,
        at,
        'param/size',
        `'${value}' is not a size`,
        'write a number and a unit: 512, 50G, 1.5T',
      )
}

function localFile(value: string, at: Place, making: Making): unknown {
  const path = fromFolder(making.folder, value)
  try {
    return hashFile(path)
  } catch (error) {
    return fault(
      making,
      at,
      'param/local-file',
      `cannot read ${path}: ${fileFault(error)}`,
      'local files are relative to the folder of the playbook',
    )
  }
}

/** A secret is checked as a text is, and never shown in what is said of it. */
function secretOf(schema: ParamSchema, written: Written, making: Making): unknown {
  if (written.kind !== 'scalar')
    return fault(making, written.at, 'param/type', `${making.name} wants a text`, 'write one text')
  const { value } = written
  if (value instanceof Secret) {
    const wrong = secretFault(schema, value, making)
    return wrong === null ? value : fault(making, written.at, ...wrong)
  }
  if (typeof value !== 'string')
    return fault(
      making,
      written.at,
      'param/type',
      `${making.name} wants a text, not ${kindOf(value)}`,
      value === null ? 'write a value, or remove the key' : 'quote it',
    )
  const secret = new Secret(making.name, value)
  const wrong = secretFault(schema, secret, making)
  return wrong === null ? secret : fault(making, written.at, ...wrong)
}

/** What is wrong with the text of a secret, without a word of it. */
function secretFault(
  { format, pattern, minLength = 0, description, hint }: ParamSchema,
  secret: Secret,
  { name }: Making,
): readonly [code: Code, message: string, hint: string] | null {
  let wrong: readonly [Code, string, string] | null = null
  secret.map((text) => {
    if (text.length < minLength)
      wrong = [
        'param/empty',
        `${name} is ${text === '' ? 'empty' : 'too short'}`,
        'give the secret',
      ]
    else if (format === 'line' && severalLines.test(text))
      wrong = ['param/line', `${name} is one line, and this secret holds a line end`, 'trim it']
    else if (pattern !== undefined && !compilePattern(pattern).test(text))
      wrong = ['param/pattern', `${name} does not match ${pattern}`, hint ?? description]
    return text
  })
  return wrong
}

function listOf(schema: ParamSchema, written: Written, making: Making): unknown {
  if (written.kind !== 'list') return wrongType(schema, written, making)
  if (schema.minItems !== undefined && written.items.length < schema.minItems)
    return fault(
      making,
      written.at,
      'param/empty',
      `${making.name} wants at least ${countOf(schema.minItems, 'item')}`,
      'add an item, or remove the key',
    )
  return whole(
    written.items.map((item) =>
      canonical(schema.items ?? { type: 'any', description: '' }, item, making),
    ),
  )
}

function mapOf(schema: ParamSchema, written: Written, making: Making): unknown {
  if (written.kind !== 'map') return wrongType(schema, written, making)
  const made = Object.create(null) as Record<string, unknown>
  for (const [key, entry] of written.entries) {
    if (schema.keyPattern !== undefined && !compilePattern(schema.keyPattern).test(key))
      fault(
        making,
        entry.at,
        'param/pattern',
        `${making.name} cannot hold '${key}': it does not match ${schema.keyPattern}`,
        schema.description,
      )
    const field =
      schema.properties && Object.hasOwn(schema.properties, key)
        ? schema.properties[key]
        : schema.properties && !schema.additionalProperties
          ? undefined
          : ((schema.additionalProperties || undefined) ?? {
              type: 'any' as const,
              description: '',
            })
    if (!field)
      fault(
        making,
        entry.at,
        'param/unknown',
        `${making.name} has no '${key}'`,
        didYouMean(key, Object.keys(schema.properties ?? {})),
      )
    else made[key] = canonical(field, entry.value, { ...making, name: `${making.name}.${key}` })
  }
  for (const key of schema.required ?? []) {
    if (!written.entries.has(key))
      fault(making, written.at, 'param/missing', `${making.name} needs '${key}'`, `add \`${key}:\``)
  }
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    if (!written.entries.has(key) && field.default !== undefined && field.default !== null)
      made[key] = canonical(field, writtenValue(field.default, written.at), making)
  }
  return Object.values(made).includes(unknownValue) ? unknownValue : made
}

function matcherOf(
  schema: ParamSchema,
  written: Extract<Written, { kind: 'map' }>,
  making: Making,
): unknown {
  const [key] = written.entries.keys()
  const entry = written.entries.get(key ?? '')
  if (schema.type === 'object' || schema.type === 'any') {
    if (written.entries.size !== 1 || !matcherWords.includes(key as MatcherWord)) return null
  }
  if (
    key === undefined ||
    !entry ||
    written.entries.size !== 1 ||
    !matcherWords.includes(key as MatcherWord)
  ) {
    const near = key === undefined ? null : nearest(key, matcherWords)
    return fault(
      making,
      entry?.at ?? written.at,
      'param/matcher',
      `${making.name} takes a value, or one of ${matcherWords.join(', ')}`,
      near ? `did you mean '${near}'?` : 'write { at_least: … }',
    )
  }
  const word = key as MatcherWord
  const { matcher: _matcher, default: _default, ...rest } = schema
  const element: ParamSchema =
    word === 'contains' && rest.type === 'array'
      ? (rest.items ?? rest)
      : word === 'contains'
        ? { type: 'string', description: rest.description }
        : rest
  const operand =
    word === 'matches'
      ? canonical({ type: 'string', description: rest.description }, entry.value, making)
      : word === 'one_of'
        ? canonical(
            { type: 'array', description: rest.description, items: element, minItems: 1 },
            entry.value,
            making,
          )
        : canonical(element, entry.value, making)
  if (operand === unknownValue) return unknownValue
  const wrong = matcherFault(word, operand as Value)
  if (wrong)
    return fault(
      making,
      entry.value.at,
      'param/matcher',
      `${making.name}: ${wrong}`,
      `correct what ${word} is given`,
    )
  return new Matcher(word, operand as Value, schema.format === 'size' ? 'size' : undefined)
}

function anything(written: Written): unknown {
  switch (written.kind) {
    case 'scalar':
      return written.value
    case 'hole':
      return unknownValue
    case 'list':
      return whole(written.items.map(anything))
    case 'map': {
      const made = Object.create(null) as Record<string, unknown>
      for (const [key, entry] of written.entries) made[key] = anything(entry.value)
      return Object.values(made).includes(unknownValue) ? unknownValue : made
    }
  }
}

function whole(items: readonly unknown[]): unknown {
  return items.includes(unknownValue) ? unknownValue : items
}

function notInEnum(schema: ParamSchema, written: Scalar, making: Making): unknown {
  const allowed = (schema.enum ?? []).map(String)
  return fault(
    making,
    written.at,
    'param/value',
    `${making.name} is not one of ${allowed.join(', ')}`,
    otherValue(making.name, written.text) ?? didYouMean(written.text, allowed),
  )
}

function wrongType(schema: ParamSchema, written: Written, making: Making): unknown {
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    integer: 'an integer',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    any: 'a value',
  }
  const found = written.kind === 'scalar' ? kindOf(written.value) : `a ${written.kind}`
  const hint =
    schema.type === 'array'
      ? 'write a list: [a, b]'
      : schema.type === 'object'
        ? 'write a map: { key: value }'
        : schema.type === 'string'
          ? 'write one text; quote it if it holds `: ` or brackets'
          : 'write one value'
  return fault(
    making,
    written.at,
    'param/type',
    `${making.name} wants ${words[schema.type]}, not ${found}`,
    hint,
  )
}

function fault(
  making: Making,
  at: Place,
  code: Code,
  message: string,
  hint: string,
): typeof unknownValue {
  making.report({ code, message, at, hint })
  return unknownValue
}

import { singleQuoted } from '../text/shell-word.ts'
import { Secret } from '../contract/secret.ts'
import { keysOf, isMap, kindOf, same, type Value } from '../contract/value.ts'
import { toBase64 } from '../text/base64.ts'

/** A function of templates: how many arguments it takes, how it is written, and what it gives. */
export interface TextFunction {
  readonly least: number
  readonly most: number
  readonly usage: string
  /** Throws a plain message for arguments it cannot use. */
  apply(args: readonly unknown[]): unknown
}

/** What a text function says of arguments that it cannot use. */
export class TextFault extends Error {}

/** One part of a text: a template that touches a secret yields a secret. */
export type Part = string | Secret

/** The functions that templates know, by name. No var may have one of these names. */
export const textFunctions: ReadonlyMap<string, TextFunction> = new Map<string, TextFunction>([
  [
    'default',
    {
      least: 2,
      most: 2,
      usage: '{{ default NAME "fallback" }}',
      apply: ([value, fallback]) => (value === undefined || value === null ? fallback : value),
    },
  ],
  [
    'join',
    {
      least: 1,
      most: 2,
      usage: '{{ join LIST "," }}',
      apply: ([list, between = ' ']) => joined(list, between),
    },
  ],
  [
    'quote',
    {
      least: 1,
      most: 1,
      usage: '{{ quote TEXT }}',
      apply: ([value]) => mapText(value, 'quote', singleQuoted),
    },
  ],
  [
    'json',
    {
      least: 1,
      most: 1,
      usage: '{{ json VALUE }}',
      apply: ([value]) => compose(jsonParts(value as Value)),
    },
  ],
  [
    'b64',
    {
      least: 1,
      most: 1,
      usage: '{{ b64 TEXT }}',
      apply: ([value]) => mapText(value, 'b64', toBase64),
    },
  ],
  [
    'lower',
    {
      least: 1,
      most: 1,
      usage: '{{ lower TEXT }}',
      apply: ([value]) => mapText(value, 'lower', (text) => text.toLowerCase()),
    },
  ],
  [
    'upper',
    {
      least: 1,
      most: 1,
      usage: '{{ upper TEXT }}',
      apply: ([value]) => mapText(value, 'upper', (text) => text.toUpperCase()),
    },
  ],
  [
    'trim',
    {
      least: 1,
      most: 1,
      usage: '{{ trim TEXT }}',
      apply: ([value]) => mapText(value, 'trim', (text) => text.trim()),
    },
  ],
  [
    'replace',
    {
      least: 3,
      most: 3,
      usage: '{{ replace TEXT "from" "to" }}',
      apply: ([value, from, to]) =>
        mapText(value, 'replace', (text) => text.replaceAll(plainText(from), () => plainText(to))),
    },
  ],
  [
    'version',
    {
      least: 1,
      most: 2,
      usage: '{{ version TEXT "major" }} (or "minor", "patch")',
      apply: ([value, part]) => versionPart(value, part),
    },
  ],
  [
    'lookup',
    { least: 2, most: 2, usage: '{{ lookup MAP KEY }}', apply: ([from, key]) => lookup(from, key) },
  ],
  [
    'eq',
    {
      least: 2,
      most: 2,
      usage: '{{#if (eq A B)}}',
      apply: ([a, b]) => same(a as Value, b as Value),
    },
  ],
  [
    'ne',
    {
      least: 2,
      most: 2,
      usage: '{{#if (ne A B)}}',
      apply: ([a, b]) => !same(a as Value, b as Value),
    },
  ],
  ['not', { least: 1, most: 1, usage: '{{#if (not A)}}', apply: ([value]) => !isTruthy(value) }],
  ['and', { least: 2, most: 8, usage: '{{#if (and A B)}}', apply: (args) => args.every(isTruthy) }],
  ['or', { least: 2, most: 8, usage: '{{#if (or A B)}}', apply: (args) => args.some(isTruthy) }],
])

/** What Handlebars takes for true: everything but false, null, 0, an empty text and an empty list. */
export function isTruthy(value: unknown): boolean {
  if (value instanceof Secret) return !value.equals('')
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/** A value as a part of a longer text; null where it has no one text. */
export function partOf(value: unknown): Part | null {
  if (value instanceof Secret || typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** The parts one after another: a text, or a secret when one of them is. */
export function compose(parts: readonly Part[]): Part {
  return parts.every((part) => typeof part === 'string') ? parts.join('') : Secret.compose(parts)
}

/** The numbers of a version, for comparison: `1.10-rc2` → [1, 10, 'rc', 2]. */
function versionParts(text: string): readonly (number | string)[] {
  return [...text.matchAll(/\d+|[A-Za-z]+/g)].map(([part]) =>
    /^\d/.test(part) ? Number(part) : part.toLowerCase(),
  )
}

/** Compares versions part by part; a word (`rc`) comes before the end, the end before a number. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionParts(a), versionParts(b)]
  const rank = (part: number | string | undefined): number =>
    part === undefined ? 1 : typeof part === 'string' ? 0 : 2
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]]
    if (rank(x) !== rank(y)) {
      // 1.0 equals 1: zeros at the end say nothing.
      if ((x === undefined && y === 0) || (y === undefined && x === 0)) continue
      return rank(x) - rank(y)
    }
    if (x !== y) return x! < y! ? -1 : 1
  }
  return 0
}

function mapText(value: unknown, name: string, transform: (text: string) => string): Part {
  if (value instanceof Secret) return value.map(transform)
  const part = partOf(value)
  if (part === null) throw new TextFault(`${name} wants a text, not ${kindOf(value)}`)
  return transform(part as string)
}

function plainText(value: unknown): string {
  const part = partOf(value)
  if (typeof part !== 'string') throw new TextFault(`a text is wanted here, not ${kindOf(value)}`)
  return part
}

function joined(list: unknown, between: unknown): Part {
  if (!Array.isArray(list)) throw new TextFault(`join wants a list, not ${kindOf(list)}`)
  const parts = list.map((item: unknown) => {
    const part = partOf(item)
    if (part === null) throw new TextFault(`join wants a list of texts; ${kindOf(item)} is in it`)
    return part
  })
  return compose(parts.flatMap((part, i) => (i === 0 ? [part] : [plainText(between), part])))
}

function jsonParts(value: Value | undefined): Part[] {
  if (value === undefined) return ['null']
  if (value instanceof Secret)
    return ['"', value.map((text) => JSON.stringify(text).slice(1, -1)), '"']
  if (Array.isArray(value))
    return [
      '[',
      ...(value as readonly Value[]).flatMap((item, i) => [
        ...(i === 0 ? [] : [',']),
        ...jsonParts(item),
      ]),
      ']',
    ]
  if (isMap(value))
    return [
      '{',
      ...keysOf(value).flatMap((key, i) => [
        `${i === 0 ? '' : ','}${JSON.stringify(key)}:`,
        ...jsonParts(value[key]),
      ]),
      '}',
    ]
  return [JSON.stringify(value)]
}

function versionPart(value: unknown, part: unknown): unknown {
  const text = plainText(value)
  if (part === undefined) return text.trim().replace(/^[^\d]*/, '')
  const index = ['major', 'minor', 'patch'].indexOf(plainText(part))
  if (index < 0)
    throw new TextFault(`version gives "major", "minor" or "patch", not ${JSON.stringify(part)}`)
  return versionParts(text).filter((each) => typeof each === 'number')[index] ?? 0
}

function lookup(from: unknown, key: unknown): unknown {
  if (Array.isArray(from)) return typeof key === 'number' ? (from as unknown[])[key] : undefined
  if (!isMap(from)) throw new TextFault(`lookup wants a map or a list, not ${kindOf(from)}`)
  const name = plainText(key)
  return Object.hasOwn(from, name) ? from[name] : undefined
}

import { mapOf } from '../problems.ts'
import { length, numberIn } from '../python.ts'

/** What is wrong with a value: texts, or for each field or index what is wrong with it. */
export type Errors = readonly string[] | { readonly [name: string]: Errors }

/** A field of a schema as marshmallow has it: what it takes, and in which words it refuses. */
export interface Field {
  readonly required?: boolean
  readonly nullable?: boolean
  /** What is wrong with a value that is not null. */
  wrong(value: unknown): Errors | null
  /** What is kept of a value that is right; absent: the value. */
  kept?(value: unknown): unknown
}
/** The fields that a body may hold; others are unknown. */
export type Fields = Readonly<Record<string, Field>>

/** What marshmallow finds wrong with a body, field by field; null: nothing. */
export function errorsIn(value: unknown, fields: Fields): Errors | null {
  const map = mapOf(value)
  if (!map) return { _schema: ['Invalid input type.'] }
  const errors: Record<string, Errors> = {}
  for (const [name, field] of Object.entries(fields)) {
    const held = map[name]
    if (held === undefined) {
      if (field.required) errors[name] = ['Missing data for required field.']
    } else if (held === null) {
      if (!field.nullable) errors[name] = ['Field may not be null.']
    } else {
      const wrong = field.wrong(held)
      if (wrong) errors[name] = wrong
    }
  }
  for (const name of Object.keys(map))
    if (!Object.hasOwn(fields, name)) errors[name] = ['Unknown field.']
  return Object.keys(errors).length > 0 ? errors : null
}

/** What IMS keeps of a body that is right: each value in the type of its field. */
export function keptOf(value: unknown, fields: Fields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(mapOf(value) ?? {}).map(([name, held]) => [
      name,
      held === null ? null : (fields[name]?.kept?.(held) ?? held),
    ]),
  )
}

type Options = Pick<Field, 'required' | 'nullable'>

/** A text; `blank` is said of an empty one, where it may not be. */
export function text(options: Options & { readonly blank?: string } = {}): Field {
  return {
    ...options,
    wrong(value) {
      if (typeof value !== 'string') return ['Not a valid string.']
      return options.blank !== undefined && length(value) < 1 ? [options.blank] : null
    },
  }
}

/** One of these texts; `said` stands before them in the refusal. */
export function choice(
  choices: readonly string[],
  options: Options & { readonly said?: string } = {},
): Field {
  return {
    ...options,
    wrong(value) {
      if (typeof value !== 'string') return ['Not a valid string.']
      return choices.includes(value)
        ? null
        : [`${options.said ?? 'Must be one of'}: ${choices.join(', ')}.`]
    },
  }
}

const inAllCases = (words: readonly string[]): readonly string[] =>
  words.flatMap((word) => [word, word.toUpperCase(), `${word[0]!.toUpperCase()}${word.slice(1)}`])
const trueValues: ReadonlySet<unknown> = new Set([
  ...inAllCases(['t', 'true', 'on', 'y', 'yes']),
  ...['1', 1, true],
])
const falseValues: ReadonlySet<unknown> = new Set([
  ...inAllCases(['f', 'false', 'off', 'n', 'no']),
  ...['0', 0, false],
])

// 1.0 counts as 1.
function plain(value: unknown): unknown {
  return numberIn(value) ?? value
}

/** A truth, also as a word. */
export function truth(options: Options = {}): Field {
  return {
    ...options,
    wrong: (value) =>
      trueValues.has(plain(value)) || falseValues.has(plain(value))
        ? null
        : ['Not a valid boolean.'],
    kept: (value) => trueValues.has(plain(value)),
  }
}

/** A whole number of at least one, also as a text; `said` is the refusal of a smaller one. */
export function count(said: string, options: Options = {}): Field {
  return {
    ...options,
    wrong(value) {
      const number = wholeNumber(value)
      if (number === null) return ['Not a valid integer.']
      if (!Number.isFinite(number)) return ['Number too large.']
      return number < 1 ? [said] : null
    },
    kept: wholeNumber,
  }
}

function wholeNumber(value: unknown): number | null {
  const number = numberIn(value)
  if (number !== null) return Number.isNaN(number) ? null : Math.trunc(number)
  return typeof value === 'string' && /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)
    ? Number(value.replaceAll('_', ''))
    : null
}

/** A UUID in one of the spellings that Python takes. */
export function uuid(options: Options = {}): Field {
  return {
    ...options,
    wrong: (value) =>
      typeof value === 'string' && /^[0-9a-f]{32}$/i.test(bareUuid(value))
        ? null
        : ['Not a valid UUID.'],
    kept: (value) => spelledUuid(String(value)),
  }
}

function bareUuid(value: string): string {
  return value
    .replace(/urn:|uuid:/g, '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '')
}

function spelledUuid(value: string): string {
  return bareUuid(value)
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A map with fields of its own. */
export function nested(fields: Fields, options: Options = {}): Field {
  return {
    ...options,
    wrong: (value) => errorsIn(value, fields),
    kept: (value) => keptOf(value, fields),
  }
}

/** A list of maps with these fields. */
export function listOf(fields: Fields, options: Options = {}): Field {
  return {
    ...options,
    wrong(value) {
      if (!Array.isArray(value)) return ['Not a valid list.']
      const errors = value.flatMap((each, i) => {
        const wrong = each === null ? ['Field may not be null.'] : errorsIn(each, fields)
        return wrong ? [[String(i), wrong] as const] : []
      })
      return errors.length > 0 ? Object.fromEntries(errors) : null
    },
    kept: (value) => (value as readonly unknown[]).map((each) => keptOf(each, fields)),
  }
}

/** A map of texts under any names. */
export function textMap(options: Options = {}): Field {
  return {
    ...options,
    wrong(value) {
      const map = mapOf(value)
      if (!map) return ['Not a valid mapping type.']
      const errors = Object.entries(map).flatMap(([name, held]) =>
        typeof held === 'string'
          ? []
          : [
              [
                name,
                { value: [held === null ? 'Field may not be null.' : 'Not a valid string.'] },
              ] as const,
            ],
      )
      return errors.length > 0 ? Object.fromEntries(errors) : null
    },
  }
}

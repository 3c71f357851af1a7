import { isMap, type Value } from '../contract/value.ts'

/** What an answer is made of, as far as types read it. A key that ends with `?` may be missing or null. */
export type Shape =
  | 'text'
  | 'number'
  | 'truth'
  | 'any'
  /** A text that this fits. */
  | RegExp
  | { readonly list: Shape }
  | { readonly map: { readonly [key: string]: Shape } }

/** Where an answer is not of this shape, in words; null where it is. A list may be empty. */
export function shapeFault(shape: Shape, value: Value | undefined, place = 'it'): string | null {
  if (shape === 'any') return value === undefined ? `${place} is missing` : null
  if (typeof shape === 'string') return scalarFault(shape, value, place)
  if (shape instanceof RegExp)
    return (
      scalarFault('text', value, place) ??
      (shape.test(String(value)) ? null : `${place} is another text`)
    )
  if ('list' in shape) {
    if (!Array.isArray(value)) return `${place} is ${nameOf(value)}, not a list`
    return firstFault(
      value.map((each, i) => shapeFault(shape.list, each as Value, `${place}[${i}]`)),
    )
  }
  if (!isMap(value)) return `${place} is ${nameOf(value)}, not a map`
  return firstFault(
    Object.entries(shape.map).map(([key, inner]) => {
      const name = key.replace(/\?$/, '')
      const held = Object.hasOwn(value, name) ? value[name] : undefined
      const mayLack = key.endsWith('?') && (held === undefined || held === null)
      return mayLack ? null : shapeFault(inner, held, place === 'it' ? name : `${place}.${name}`)
    }),
  )
}

const kinds = { text: 'string', number: 'number', truth: 'boolean' } as const
const words = { text: 'a text', number: 'a number', truth: 'true or false' } as const

function scalarFault(
  shape: 'text' | 'number' | 'truth',
  value: Value | undefined,
  place: string,
): string | null {
  if (value === undefined) return `${place} is missing`
  return typeof value === kinds[shape] ? null : `${place} is ${nameOf(value)}, not ${words[shape]}`
}

function nameOf(value: Value | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isMap(value)) return 'a map'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}

function firstFault(faults: readonly (string | null)[]): string | null {
  return faults.find((each) => each !== null) ?? null
}

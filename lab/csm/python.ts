import { isUtf8 } from 'node:buffer'
import { isMap, readJson, withNumbersAs, type NumberLiteral } from './json-reader.ts'

/** The values and texts of Python that the services' own messages are made of. */

/** A number that is not a plain integer: a float, or an integer that is too large for one. */
export class PythonNumber {
  readonly isInteger: boolean
  readonly value: number
  readonly repr: string
  constructor(literal: string) {
    this.isInteger = /^-?\d+$/.test(literal)
    this.value = Number(literal)
    this.repr = this.isInteger ? String(BigInt(literal)) : floatRepr(this.value)
  }
  toJSON(): number {
    return this.value
  }
}

function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  if (value !== 0 && (Number(exponent) < -4 || Number(exponent) >= 16))
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** A number of either form; null: not a number. */
export function numberIn(value: unknown): number | null {
  if (value instanceof PythonNumber) return value.value
  return typeof value === 'number' ? value : null
}

/** A body as Python's json reads it; undefined where it is not JSON, or not UTF-8. */
export function bodyAsJson({
  body,
  bytes,
}: {
  readonly body: string
  readonly bytes?: Buffer
}): unknown {
  if (bytes && !isUtf8(bytes)) return undefined
  const read = readJson(body.replace(/^\ufeff/, ''), ['NaN', 'Infinity', '-Infinity'])
  return read.error === null ? withNumbersAs(read.value, numberOf) : undefined
}

// A plain integer stays plain. Python knows no negative zero among integers.
function numberOf({ text }: NumberLiteral): number | PythonNumber {
  const number = new PythonNumber(text)
  return number.isInteger && Number.isSafeInteger(number.value) ? number.value || 0 : number
}

/** A JSON value as Python's `repr` writes it. */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return String(value)
  if (value instanceof PythonNumber) return value.repr
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, held]) => `${quoted(key)}: ${repr(held)}`)
    .join(', ')}}`
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = [...text].map((each) => {
    if (each === quote) return `\\${each}`
    const code = each.codePointAt(0)!
    if (escapes[each] !== undefined) return escapes[each]
    if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(each)) return each
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`
  })
  return `${quote}${inner.join('')}${quote}`
}

const pageWidth = 72

/** A JSON value as Python's `pprint` writes it in 72 columns, with the keys of maps in their order. */
export function prettyRepr(value: unknown): string {
  return laidOut(value, 0, 0, 1)
}

function laidOut(value: unknown, indent: number, allowance: number, level: number): string {
  const line = repr(value)
  if (length(line) <= pageWidth - indent - allowance) return line
  if (typeof value === 'string') return laidOutText(value, indent, allowance, level)
  if (Array.isArray(value))
    return `[${value
      .map((each, i) =>
        laidOut(each, indent + 1, i === value.length - 1 ? allowance + 1 : 1, level + 1),
      )
      .join(`,\n${' '.repeat(indent + 1)}`)}]`
  if (!isMap(value)) return line
  const entries = Object.entries(value)
  const items = entries.map(([key, held], i) => {
    const name = quoted(key)
    const rest = i === entries.length - 1 ? allowance + 1 : 1
    return `${name}: ${laidOut(held, indent + 1 + length(name) + 2, rest, level + 1)}`
  })
  return `{${items.join(`,\n${' '.repeat(indent + 1)}`)}}`
}

// A long text is broken at its line ends and blanks, into texts that Python joins by itself.
function laidOutText(text: string, indent: number, allowance: number, level: number): string {
  const isOutermost = level === 1
  const [from, reserve] = isOutermost ? [indent + 1, allowance + 1] : [indent, allowance]
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const chunks = lines.flatMap((line, i) =>
    chunksOf(line, pageWidth - from, i === lines.length - 1 ? reserve : 0),
  )
  if (chunks.length <= 1) return repr(text)
  const joined = chunks.join(`\n${' '.repeat(from)}`)
  return isOutermost ? `(${joined})` : joined
}

function chunksOf(line: string, width: number, reserve: number): string[] {
  if (length(repr(line)) <= width - reserve) return [repr(line)]
  const parts = line.match(/\S*\s*/g)!.filter((part) => part !== '')
  const chunks: string[] = []
  let current = ''
  for (const [i, part] of parts.entries()) {
    const room = i === parts.length - 1 ? width - reserve : width
    if (length(repr(current + part)) <= room) {
      current += part
      continue
    }
    if (current !== '') chunks.push(repr(current))
    current = part
  }
  return current === '' ? chunks : [...chunks, repr(current)]
}

/** A text's length as Python counts it. */
export function length(text: string): number {
  return [...text].length
}

import type { Environment } from '@marcbachmann/cel-js'
import { UnsignedInt, type Duration } from '@marcbachmann/cel-js/evaluator'
import { readJson, tooDeep } from '../contract/json.ts'
import { collections } from './cel-collections.ts'
import { momentAt, momentOf } from './cel-moments.ts'
import { textFunctions } from './cel-texts.ts'
import { toCel } from './cel-values.ts'
import { largestYamlOfHost } from '../text/yaml-tokens.ts'
import { parseYaml } from './located-yaml.ts'
import { plain } from './located.ts'
import { compilePattern, patternFault } from '../text/pattern.ts'

// cel-js converts as JavaScript does: int("") is 0, int("0b1") is 1. The functions here say what cel-spec says. cel-js lets
// no function be registered twice, so each has a name of its own; `strictNames` puts it in the place of the other.

/** Behind the name of a function that replaces one of cel-js. */
const mark = '_'
const maxInt = 2n ** 63n - 1n
const minInt = -(2n ** 63n)
const maxUint = 2n ** 64n - 1n

/** What a function says of a value that it cannot use, and what to write instead. */
export class FunctionFault extends Error {
  readonly hint: string
  /** The call; set where it is evaluated. */
  node: { readonly start: number; readonly end: number } | null = null

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

function refuse(name: string, value: unknown): never {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
  throw new FunctionFault(
    `${name}(${shown}): ${wanted[name]}`,
    name === 'int' || name === 'uint'
      ? 'look at what the text holds; trim() it, or test it first: x.matches("^[0-9]+$") ? int(x) : 0'
      : 'look at what the value holds, or test it first',
  )
}

const wanted: Readonly<Record<string, string>> = {
  int: 'this is not a whole number between -2^63 and 2^63-1',
  uint: 'this is not a whole number between 0 and 2^64-1',
  double: 'this is not a number',
  bool: 'this is neither "true" nor "false"',
  string: 'these bytes are not UTF-8',
  timestamp: 'this is not a moment as in 2026-11-22T10:30:00Z',
}

const timestamp = 'google.protobuf.Timestamp'
const duration = 'google.protobuf.Duration'

type Handler = (...args: never[]) => unknown

/** Every overload of a function that replaces one of cel-js; all of its overloads are replaced together. */
const replaced: Readonly<Record<string, Handler>> = {
  'int(int): int': (value: bigint) => value,
  'int(uint): int': (value: UnsignedInt) => intOf(value.value, value),
  'int(double): int': (value: number) => {
    // A double cannot hold 2^63-1: what would round to it is out of range.
    if (!(value > -(2 ** 63) && value < 2 ** 63)) refuse('int', value)
    return BigInt(Math.trunc(value))
  },
  'int(string): int': (text: string) =>
    /^[+-]?[0-9]+$/.test(text) && text.length < 40
      ? intOf(BigInt(text), text)
      : refuse('int', text),
  [`int(${timestamp}): int`]: (moment: Date) => BigInt(Math.floor(moment.getTime() / 1000)),
  'uint(uint): uint': (value: UnsignedInt) => value,
  'uint(int): uint': (value: bigint) => uintOf(value, value),
  'uint(double): uint': (value: number) => {
    if (!(value > -1 && value < 2 ** 64)) refuse('uint', value)
    return uintOf(BigInt(Math.trunc(value)), value)
  },
  'uint(string): uint': (text: string) =>
    /^\+?[0-9]+$/.test(text) && text.length < 40
      ? uintOf(BigInt(text), text)
      : refuse('uint', text),
  'double(double): double': (value: number) => value,
  'double(int): double': (value: bigint) => Number(value),
  'double(uint): double': (value: UnsignedInt) => Number(value.value),
  'double(string): double': doubleOf,
  'bool(bool): bool': (value: boolean) => value,
  'bool(string): bool': (text: string) => truths.get(text) ?? refuse('bool', text),
  'string(string): string': (value: string) => value,
  'string(bool): string': (value: boolean) => String(value),
  'string(int): string': (value: bigint) => String(value),
  'string(uint): string': (value: UnsignedInt) => String(value.value),
  'string(double): string': (value: number) =>
    value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value),
  'string(bytes): string': textOf,
  'bytes.json(): dyn': (bytes: Uint8Array) => jsonOf(textOf(bytes)),
  [`string(${timestamp}): string`]: (moment: Date) => moment.toISOString().replace(/\.000Z$/, 'Z'),
  [`string(${duration}): string`]: (span: Duration) => span.toString(),
  [`timestamp(${timestamp}): ${timestamp}`]: (moment: Date) => moment,
  [`timestamp(string): ${timestamp}`]: (text: string) =>
    momentOf(text) ?? refuse('timestamp', text),
  [`timestamp(int): ${timestamp}`]: (seconds: bigint) =>
    momentAt(seconds) ?? refuse('timestamp', seconds),
  ...textFunctions((message, hint) => {
    throw new FunctionFault(message, hint)
  }),
  'string.lowerAscii(): string': (text: string) =>
    text.replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  'string.upperAscii(): string': (text: string) =>
    text.replace(/[a-z]+/g, (part) => part.toUpperCase()),
  // A byte order mark and zero-width letters are not blanks.
  'string.trim(): string': trimmed,
  'string.matches(string): bool': (text: string, pattern: string) => {
    const fault = patternFault(pattern)
    if (fault)
      throw new FunctionFault(`'${pattern}' is not a pattern: ${fault.message}`, fault.hint)
    return compilePattern(pattern).test(text)
  },
}

/** Functions and overloads that cel-js lacks. */
const added: Readonly<Record<string, Handler>> = {
  'fromJson(string): dyn': jsonOf,
  'fromYaml(string): dyn': yamlOf,
  ...collections((message, hint) => {
    throw new FunctionFault(message, hint)
  }),
  [`duration(${duration}): ${duration}`]: (span: Duration) => span,
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
])

function intOf(value: bigint, from: unknown): bigint {
  return value <= maxInt && value >= minInt ? value : refuse('int', from)
}

function uintOf(value: bigint, from: unknown): UnsignedInt {
  return value <= maxUint && value >= 0n ? new UnsignedInt(value) : refuse('uint', from)
}

function doubleOf(text: string): number {
  if (/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) return Number(text)
  const named = /^([+-]?)(?:(inf|infinity)|nan)$/i.exec(text)
  if (!named) return refuse('double', text)
  return named[2] === undefined ? NaN : named[1] === '-' ? -Infinity : Infinity
}

function textOf(bytes: Uint8Array): string {
  try {
    // It throws for bytes that are not UTF-8.
    return decodeURIComponent(
      Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    )
  } catch {
    return refuse('string', 'bytes')
  }
}

function jsonOf(text: string): unknown {
  const read = readJson(text)
  if (read.value !== undefined) return toCel(read.value)
  throw new FunctionFault(
    read.fault === 'too-deep'
      ? `this JSON is not handled: ${tooDeep}`
      : `this is not JSON: ${JSON.stringify(text.slice(0, 60))}`,
    'look at what the text holds: a command prints JSON on stdout alone, and nothing else',
  )
}

function yamlOf(text: string): unknown {
  if (text.length > largestYamlOfHost)
    throw new FunctionFault(
      `this YAML is larger than ${largestYamlOfHost / 1024} KiB`,
      'read less of it; JSON may be larger: `fromJson`',
    )
  const { value, diagnostics } = parseYaml('fromYaml', text)
  if (diagnostics[0])
    throw new FunctionFault(
      `this is not YAML: ${diagnostics[0].message}`,
      diagnostics[0].hint ?? 'look at what the text holds',
    )
  return value ? toCel(plain(value)) : null
}

function trimmed(text: string): string {
  const blank = /\p{White_Space}/u
  let start = 0
  let end = text.length
  while (start < end && blank.test(text[start]!)) start++
  while (end > start && blank.test(text[end - 1]!)) end--
  return text.slice(start, end)
}

const signature = /^((?:[\w.]+\.)?)(\w+)(\(.*)$/
const names: ReadonlySet<string> = new Set(
  Object.keys(replaced).map((each) => signature.exec(each)![2]!),
)

/** Registers what cel-js converts otherwise than cel-spec. */
export function registerStrict(environment: Environment): Environment {
  for (const [text, handler] of Object.entries(replaced)) {
    const [, receiver, name, rest] = signature.exec(text)!
    environment.registerFunction(
      `${receiver}${name}${mark}${rest}`,
      handler as (...args: unknown[]) => unknown,
      { async: false },
    )
  }
  for (const [text, handler] of Object.entries(added))
    environment.registerFunction(text, handler as (...args: unknown[]) => unknown, { async: false })
  return environment
}

/** The name under which the strict form of a function is registered. */
export function strictName(name: string): string {
  return names.has(name) ? `${name}${mark}` : name
}

/** The name as it is written. */
export function writtenName(name: string): string {
  return name.endsWith(mark) && names.has(name.slice(0, -1)) ? name.slice(0, -1) : name
}

import { parseDuration } from '../text/duration.ts'
import { Matcher, matcherFault, matcherWords, type MatcherWord } from '../contract/matcher.ts'
import { parseMode } from '../text/mode.ts'
import type { ParamSchema, ParamsSchema } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { parseSize } from '../text/size.ts'
import { isMap, kindOf, type Value, type ValueMap } from '../contract/value.ts'
import { ruleFaults } from '../contract/param-rules.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import { isOfType } from './of-type.ts'
import { parseXname } from '../text/xname.ts'
import { compilePattern, patternFault } from '../text/pattern.ts'

/** Params of a case in the form in which a type sees them, what is wrong with them, and the texts of their secrets. */
export interface CaseParams {
  readonly params: Readonly<Record<string, unknown>>
  readonly faults: readonly string[]
  readonly secrets: readonly string[]
}

/** Params as written, checked and made canonical. A text is given as a secret by `{ secret: … }`. */
export function paramsOfCase(schema: ParamsSchema, written: ValueMap): CaseParams {
  const faults: string[] = []
  const secrets: string[] = []
  const params: Record<string, unknown> = {}
  for (const name of Object.keys(written))
    if (!schema.properties[name]) faults.push(`unknown param '${name}'`)
  for (const [name, each] of Object.entries(schema.properties)) {
    const value = written[name] ?? each.default
    if (value !== undefined) params[name] = arrive(each, value, name, faults, secrets)
  }
  for (const name of schema.required ?? [])
    if (written[name] === undefined) faults.push(`'${name}' is missing`)
  const given = (names: readonly string[]): number =>
    names.filter((name) => written[name] !== undefined).length
  for (const names of schema.exactlyOne ?? [])
    if (given(names) !== 1) faults.push(`exactly one of ${names.join(', ')} must be given`)
  for (const names of schema.atMostOne ?? [])
    if (given(names) > 1) faults.push(`at most one of ${names.join(', ')} may be given`)
  for (const [name, others] of Object.entries(schema.needs ?? {}))
    if (given([name]) === 1 && given(others) < others.length)
      faults.push(`'${name}' needs ${others.join(', ')}`)
  return { params, faults, secrets }
}

/** The rules of a type that the params of a case break. */
export function brokenRules(
  type: AnyResourceType,
  written: ValueMap,
  params: Readonly<Record<string, unknown>>,
  asksForAll: boolean,
): readonly string[] {
  const given = (name: string): boolean => written[name] !== undefined
  return ruleFaults(type, { given, value: (name) => params[name] }, asksForAll).map(
    ({ message }) => message,
  )
}

function arrive(
  schema: ParamSchema,
  value: Value,
  at: string,
  faults: string[],
  secrets: string[],
): unknown {
  if (
    isMap(value) &&
    Object.keys(value).length === 1 &&
    typeof value['secret'] === 'string' &&
    (schema.orSecret || schema.format === 'template' || schema.type === 'any')
  )
    return concealed(value['secret'], at, secrets)
  if (schema.secret && typeof value === 'string') {
    for (const fault of faultsOf(schema, value, at)) faults.push(fault)
    return concealed(value, at, secrets)
  }
  if (schema.matcher && isMap(value)) return matcherOf(schema, value, at, faults)
  if (schema.format === 'local-file') return value
  if (schema.format === 'size' || schema.format === 'duration')
    return amount(schema.format, value, at, faults)
  if (schema.format === 'mode')
    return typeof value === 'string'
      ? (parseMode(value) ?? wrong(faults, `'${at}' is not a mode`))
      : wrong(faults, `'${at}' wants a text`)
  if (schema.format === 'xname') return xnameOf(schema, value, at, faults)
  if (schema.orInteger && Number.isSafeInteger(value)) return String(value)
  const list = schema.orOne && !Array.isArray(value) ? [value] : value
  for (const fault of faultsOf(schema, list, at)) faults.push(fault)
  if (schema.items && Array.isArray(list))
    return list.map((item, i) =>
      arrive(schema.items!, item as Value, `${at}[${i}]`, faults, secrets),
    )
  if (isMap(list) && (schema.properties || isMap(schema.additionalProperties))) {
    return Object.fromEntries(
      Object.entries(list).map(([name, held]) => [
        name,
        arriveField(schema, name, held, `${at}.${name}`, faults, secrets),
      ]),
    )
  }
  return list
}

function arriveField(
  schema: ParamSchema,
  name: string,
  value: Value,
  at: string,
  faults: string[],
  secrets: string[],
): unknown {
  if (schema.keyPattern !== undefined && !compilePattern(schema.keyPattern).test(name))
    faults.push(`'${at}' has a key that does not match ${schema.keyPattern}`)
  const field = schema.properties?.[name] ?? (schema.additionalProperties || undefined)
  return field ? arrive(field, value, at, faults, secrets) : wrong(faults, `unknown key '${at}'`)
}

function faultsOf(schema: ParamSchema, value: Value, at: string): string[] {
  if (!isOfType(schema.type, value)) return [`'${at}' wants ${schema.type}, not ${kindOf(value)}`]
  const faults: string[] = []
  if (schema.enum && !schema.enum.includes(value as string))
    faults.push(`'${at}' is not one of ${schema.enum.join(', ')}`)
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !compilePattern(schema.pattern).test(value))
      faults.push(`'${at}' does not match ${schema.pattern}`)
    if (value.length < (schema.minLength ?? 0)) faults.push(`'${at}' is too short`)
    if (schema.format === 'pattern' && patternFault(value) !== null)
      faults.push(`'${at}' is not a regular expression`)
    if ((schema.format === 'line' || schema.format === 'pattern') && /[\0\r\n]/.test(value))
      faults.push(`'${at}' is not one line`)
    if (value.length > (schema.maxLength ?? Infinity)) faults.push(`'${at}' is too long`)
  }
  if (
    typeof value === 'number' &&
    (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))
  )
    faults.push(`'${at}' is out of range`)
  if (Array.isArray(value) && value.length < (schema.minItems ?? 0))
    faults.push(`'${at}' has too few items`)
  if (isMap(value))
    for (const name of schema.required ?? [])
      if (value[name] === undefined) faults.push(`'${at}.${name}' is missing`)
  return faults
}

function matcherOf(
  schema: ParamSchema,
  value: ValueMap,
  at: string,
  faults: string[],
): Matcher | undefined {
  const [[word, written] = ['', null]] = Object.entries(value)
  if (!(matcherWords as readonly string[]).includes(word))
    return wrong(faults, `'${at}' has no matcher '${word}'`)
  const operand =
    schema.format === 'size' && typeof written === 'string' ? parseSize(written) : written
  const fault = matcherFault(word as MatcherWord, operand)
  if (fault !== null) faults.push(`'${at}': ${fault}`)
  return new Matcher(word as MatcherWord, operand, schema.format === 'size' ? 'size' : undefined)
}

function xnameOf(schema: ParamSchema, value: Value, at: string, faults: string[]): unknown {
  const parsed = typeof value === 'string' ? parseXname(value) : null
  return parsed && (schema.xnames ?? ['Node', 'VirtualNode']).includes(parsed.type)
    ? parsed.xname
    : wrong(faults, `'${at}' is not the xname of what it takes`)
}

function amount(format: 'size' | 'duration', value: Value, at: string, faults: string[]): unknown {
  if (typeof value === 'number') return value
  return (
    (typeof value === 'string'
      ? format === 'size'
        ? parseSize(value)
        : parseDuration(value)
      : null) ?? wrong(faults, `'${at}' is not a ${format}`)
  )
}

function concealed(text: string, at: string, secrets: string[]): Secret {
  secrets.push(text)
  return new Secret(at, text)
}

function wrong(faults: string[], fault: string): undefined {
  faults.push(fault)
  return undefined
}

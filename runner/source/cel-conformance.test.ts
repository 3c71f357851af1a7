import { readFileSync } from 'node:fs'
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js'
import { describe, expect, it } from 'vitest'
import { makeStrict, parseCel } from './cel.ts'

// The cases of cel-spec for what expressions offer here. What differs is named below, and docs/expressions.md lists it.

interface CelCase {
  readonly name?: string
  readonly expr: string
  readonly value?: CelJson
  readonly typedResult?: { readonly result: CelJson }
  readonly evalError?: unknown
  readonly checkOnly?: boolean
  readonly container?: string
  readonly bindings?: { readonly [name: string]: { readonly value: CelJson } }
}
interface CelSuite {
  readonly name: string
  readonly suites?: readonly CelSuite[]
  readonly tests?: readonly { readonly original: CelCase }[]
}
type CelJson = { readonly [kind: string]: unknown }

/** What is not offered: messages of protocol buffers and what belongs to them, optional values, and extensions. */
const notOffered: ReadonlySet<string> = new Set([
  ...['dynamic', 'enums', 'proto2', 'proto2_ext', 'proto3', 'wrappers', 'optionals'],
  ...['block_ext', 'encoders_ext', 'macros2', 'math_ext', 'network_ext'],
])
const notOfferedParts =
  /^(?:string_ext\/(?:char_at|format|format_errors|quote|replace|reverse)|fields\/quoted_map_fields|fields\/qualified_identifier_resolution\/(?:qualified_ident|map_field_select|qualified_identifier_resolution_unchecked|ident_with_longest_prefix_check)$|namespace)/

/** The rows of the page, and the cases that each of them is about. */
const differences: { readonly [row: string]: RegExp } = {
  'other types side by side':
    /(?:eq|ne)_mixed_types|eq_list_elem_mixed_types|not_eq_list_length|conditional\/mixed_type/,
  'a truth where one is wanted': /short_circuit_type/,
  'an unknown function': /unbound_is_runtime_error|parse\/receiver_function_names/,
  'uint beside other numbers':
    /mixed_type_numbers|uint_in_|_in_uints|zero_based_uint|big_lossy_double|big_double_int/,
  bytes: /_bytes|bytes_gt|self_eval_bytes_escape|bytes_literals/,
  'a number that begins with a dot': /not_gt_double$/,
  'the type of null': /type\/null_type/,
  '`has` of a literal map': /map_has/,
  'keys of a literal map': /map_key_(?:float|null)|map_value_repeat_key|exists_one\/map_one/,
  'a loop over `[]`': /all\/list_empty/,
  'nanoseconds of a moment': /nanos/,
  'a time zone as an offset': /timestamp_selectors_tz/,
  'a time span before a moment': /add_time_to_duration$/,
  'moments and spans of millennia': /timestamp_range|duration_range/,
}

function casesOf(suite: CelSuite, path: string): readonly { path: string; case: CelCase }[] {
  return [
    ...(suite.tests ?? []).map(({ original }) => ({
      path: `${path}/${original.name ?? original.expr}`,
      case: original,
    })),
    ...(suite.suites ?? []).flatMap((inner) => casesOf(inner, `${path}/${inner.name}`)),
  ]
}

const offered = (tests as unknown as CelSuite)
  .suites!.filter(({ name }) => !notOffered.has(name))
  .flatMap((suite) => casesOf(suite, suite.name))
  .filter(
    ({ path, case: { container, checkOnly, ...rest } }) =>
      !container &&
      !checkOnly &&
      !notOfferedParts.test(path) &&
      !/google\.protobuf|TestAllTypes|proto[23]|NestedEnum|GlobalEnum/.test(JSON.stringify(rest)),
  )

describe('the conformance cases of cel-spec', () => {
  it('are as they should be, but for the differences that the page lists', () => {
    const differ = offered.filter(({ case: each }) => !agrees(each)).map(({ path }) => path)
    const rows = Object.entries(differences)
    expect(differ.filter((path) => !rows.some(([, about]) => about.test(path)))).toEqual([])
    const idle = rows.filter(([, about]) => !differ.some((path) => about.test(path)))
    expect(idle.map(([row]) => row)).toEqual([])
    expect(offered.length).toBeGreaterThan(1100)
    expect(differ.length).toBeLessThan(110)
  })

  it('differ where docs/expressions.md says so', () => {
    const page = readFileSync(new URL('../../docs/expressions.md', import.meta.url), 'utf8')
    const table = page.split('## Where it differs from CEL')[1]!.split('\n## ')[0]!
    const listed = [...table.matchAll(/^\| (?!-|what )(.*?) +\|/gm)].map(([, what]) => what)
    expect(listed).toEqual(Object.keys(differences))
  })
})

function agrees(each: CelCase): boolean {
  const wanted = each.value ?? each.typedResult?.result ?? { boolValue: true }
  let given: string
  try {
    const context = Object.fromEntries(
      Object.entries(each.bindings ?? {}).map(([name, { value }]) => [name, bound(value)]),
    )
    given = shown(makeStrict(parseCel(each.expr))(context))
  } catch {
    return each.evalError !== undefined
  }
  return each.evalError === undefined && given === wantedText(wanted)
}

function only(json: CelJson): readonly [string, unknown] {
  return Object.entries(json)[0]!
}
const listOf = (json: unknown): readonly CelJson[] =>
  (json as { values?: readonly CelJson[] }).values ?? []
const entriesOf = (json: unknown): readonly { readonly key: CelJson; readonly value: CelJson }[] =>
  (json as { entries?: readonly { key: CelJson; value: CelJson }[] }).entries ?? []

function bound(json: CelJson): unknown {
  const [kind, value] = only(json)
  switch (kind) {
    case 'int64Value':
      return BigInt(value as string)
    case 'uint64Value':
      return new UnsignedInt(BigInt(value as string))
    case 'doubleValue':
      return Number(value)
    case 'bytesValue':
      return new Uint8Array(Buffer.from(value as string, 'base64'))
    case 'listValue':
      return listOf(value).map(bound)
    case 'mapValue':
      return Object.fromEntries(
        entriesOf(value).map((entry) => [String(bound(entry.key)), bound(entry.value)]),
      )
    default:
      return value
  }
}

/** A value of cel-spec as a text that `shown` gives for the same value. */
function wantedText(json: CelJson): string {
  const [kind, value] = only(json)
  switch (kind) {
    case 'nullValue':
      return 'null'
    case 'doubleValue':
      return `double ${Number(value)}`
    case 'stringValue':
      return `string ${JSON.stringify(value)}`
    case 'listValue':
      return `[${listOf(value).map(wantedText).join()}]`
    case 'mapValue':
      return `{${entriesOf(value)
        .map((entry) => `${wantedText(entry.key)}: ${wantedText(entry.value)}`)
        .sort()
        .join()}}`
    default:
      return `${kind.replace(/(?:64)?Value$/, '')} ${String(value)}`
  }
}

function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return `int ${value}`
  if (typeof value === 'number') return `double ${value}`
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`
  if (typeof value === 'boolean') return `bool ${value}`
  if (value instanceof UnsignedInt) return `uint ${value.value}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`
  if (Array.isArray(value)) return `[${value.map(shown).join()}]`
  const type = value as { readonly name?: string; readonly constructor?: { name: string } }
  if (type.constructor?.name === 'Type') return `type ${type.name}`
  return `{${Object.entries(value as object)
    .map(([key, held]) => `string ${JSON.stringify(key)}: ${shown(held)}`)
    .sort()
    .join()}}`
}

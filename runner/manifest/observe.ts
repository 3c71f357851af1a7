import { DiagnosticError, type Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import { checkLocated } from '../schema/check-located.ts'
import { didYouMean } from '../source/suggest.ts'
import { plain, type Located, type LocatedMap } from '../source/located.ts'
import { extract, fits, fitting, unclear, type Extraction } from './observed.ts'
import { regexpFault } from './regexp.ts'
import { compilePattern, type Pattern } from '../text/pattern.ts'
import {
  entry,
  partsOf,
  readingSite,
  siteOf,
  written,
  type Answerer,
  type Manifest,
} from './reading.ts'
import { observedFieldSchema } from './manifest-schema.ts'
import { scopesOfReadings, type Scopes } from './scopes.ts'
import { textOf, valueOf, type Computing } from './computed-values.ts'

type Readings = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
type Observe = (scopes: Scopes, readings: Readings) => Value

const ways = ['json', 'regexp', 'lines', 'field', 'exists', 'exit', 'status'] as const
/** The part of each kind of answer that is its text. */
const textPart: Readonly<Record<Answerer['kind'], string | null>> = {
  stat: null,
  text: 'text',
  sha256: 'sha256',
  exec: 'stdout',
  http: 'body',
  action: null,
}

/** Compiles what the readings of a manifest mean to a type's `observe`. */
export function observeOf(
  manifest: Manifest,
  located: LocatedMap,
): (readings: Readings, params: Readonly<Record<string, unknown>>) => Record<string, Value> {
  const { state, report } = manifest
  for (const [field, { keyAt }] of located.entries)
    if (!Object.hasOwn(state, field))
      report({
        code: 'manifest/field',
        message: `'${field}' is not a field of the state`,
        at: keyAt,
        hint: didYouMean(field, Object.keys(state)),
      })
  for (const field of Object.keys(state))
    if (!located.entries.has(field))
      report({
        code: 'manifest/field',
        message: `observe says nothing of '${field}'`,
        at: located.at,
        hint: `add \`${field}: { from: …, … }\`, or remove the field from the state`,
      })
  const fields = [...located.entries]
    .filter(([field]) => Object.hasOwn(state, field))
    .map(([field, { value }]) => [field, fieldOf(manifest, field, value)] as const)
  return (readings, params) => {
    const scopes = scopesOfReadings(manifest.params, params, manifest.answerers.keys(), readings)
    return Object.fromEntries(fields.map(([field, observe]) => [field, observe(scopes, readings)]))
  }
}

function fieldOf(manifest: Manifest, field: string, located: Located): Observe {
  if (located.kind === 'map' && located.entries.has('from'))
    return takenField(manifest, field, located)
  const schema = manifest.state[field]!
  const site = readingSite(manifest)
  const value = valueOf(site, located)
  if (value.constant)
    manifest.report({
      code: 'manifest/observe',
      message: `'${field}' is taken from no reading`,
      at: located.at,
      hint: `write ${field}: { from: ${[...manifest.answerers.keys()][0] ?? 'PROBE'}, … } or ${field}: !expr …`,
    })
  const secret = value.paths.find(site.isSecret)
  if (secret && !schema.secret) reportOpen(manifest, field, located)
  return (scopes) => {
    const found = answered(() => value.of(scopes)) as Value | undefined
    return fitting(schema, found ?? null, located.at, 'the expression')
  }
}

function takenField(manifest: Manifest, field: string, map: LocatedMap): Observe {
  const { report, answerers } = manifest
  const schema = manifest.state[field]!
  const faults = checkLocated(map, observedFieldSchema)
  faults.forEach(report)
  const from = String(written(map, 'from'))
  const answerer = answerers.get(from)
  if (!answerer)
    report({
      code: 'manifest/from',
      message: `the probe '${from}' does not exist`,
      at: entry(map, 'from')!.at,
      hint: didYouMean(from, answerers.keys()),
    })
  if (!answerer || faults.length > 0) return () => null
  const extraction = extractionOf(manifest, map, from, answerer)
  if (!extraction) return () => null
  if (answerer.secret && ['text', 'stdout', 'body'].includes(extraction.part) && !schema.secret)
    reportOpen(manifest, field, map)
  for (const [key, value] of [
    ['otherwise', extraction.otherwise] as const,
    ...Object.values(extraction.values ?? {}).map((each) => ['values', each] as const),
  ]) {
    if (value !== undefined && value !== null && !fits(schema, value))
      report({
        code: 'manifest/observe',
        message: `${JSON.stringify(value)} is not what the state says of '${field}': ${schema.type}`,
        at: (map.entries.get(key) ?? map.entries.get('exit') ?? map.entries.get('status'))!.value
          .at,
        hint:
          schema.type === 'string'
            ? 'quote it'
            : `write ${schema.type === 'boolean' ? 'true or false' : `one ${schema.type}`}, or null`,
      })
  }
  const { keys } = extraction
  return (scopes, readings) => {
    const pointer = keys?.map((key) => String(key.of(scopes)))
    return extract(
      pointer ? { ...extraction, pointer } : extraction,
      Object.hasOwn(readings, from) ? readings[from] : undefined,
      schema,
    )
  }
}

/** How a field is taken, with the keys of its JSON pointer not rendered yet. */
interface Compiled extends Extraction {
  readonly keys?: readonly Computing<unknown>[]
}

type Way = (typeof ways)[number]

function extractionOf(
  manifest: Manifest,
  map: LocatedMap,
  from: string,
  answerer: Answerer,
): Compiled | null {
  const used = ways.filter((way) => map.entries.has(way) && written(map, way) !== false)
  if (!isOneWay(manifest, map, used)) return null
  const way = used.find((each) => each !== 'field') ?? used[0]
  const part = partOf(manifest, map, { from, answerer, way, hasField: used.includes('field') })
  if (part === null) return null
  const pattern = patternOf(manifest, map, way)
  if (pattern === null) return null
  const group = groupOf(manifest, map, pattern)
  const keys = way === 'json' ? keysOf(manifest, map) : undefined
  const values = valuesOf(manifest, map, way)
  return {
    at: map.at,
    from,
    part,
    take: way === 'json' || way === 'regexp' || way === 'lines' ? way : 'part',
    trim: written(map, 'trim') !== false,
    ...(keys ? { keys } : {}),
    ...(pattern ? { pattern } : {}),
    ...(group === undefined ? {} : { group }),
    ...(values ? { values } : {}),
    ...(map.entries.has('otherwise') ? { otherwise: written(map, 'otherwise') as Value } : {}),
  }
}

/** A value is taken in one way; `field` may say which part of the answer another way works on. */
function isOneWay({ report }: Manifest, map: LocatedMap, used: readonly Way[]): boolean {
  const whole: readonly Way[] = ['exists', 'exit', 'status']
  const isPartAndWay =
    used.length === 2 && used.includes('field') && !used.some((way) => whole.includes(way))
  if (used.length <= 1 || isPartAndWay) return true
  report({
    code: 'manifest/observe',
    message: `${used.join(' and ')} are several ways to take one value`,
    at: map.entries.get(used[1]!)!.keyAt,
    hint: `keep one of ${used.join(', ')}`,
  })
  return false
}

/** The part of the answer that a value is taken from; null after an error. */
function partOf(
  { report }: Manifest,
  map: LocatedMap,
  {
    from,
    answerer,
    way,
    hasField,
  }: {
    readonly from: string
    readonly answerer: Answerer
    readonly way: Way | undefined
    readonly hasField: boolean
  },
): string | null {
  const parts = partsOf[answerer.kind]
  const named =
    way === 'exists' || way === 'exit' || way === 'status'
      ? way
      : way === 'json' && answerer.kind === 'http' && !answerer.secret && !hasField
        ? 'json'
        : hasField
          ? String(written(map, 'field'))
          : textPart[answerer.kind]
  if (named !== null && Object.hasOwn(parts, named)) return named
  report({
    code: 'manifest/observe',
    message:
      named === null
        ? `'${from}' has several parts`
        : `'${from}' has no ${named}: it ${answerer.kind === 'action' ? 'is the output of an action' : `reads ${answerer.kind}`}`,
    at: (way && map.entries.get(way)?.keyAt) ?? map.at,
    hint: `take one of them with \`field:\`: ${Object.keys(parts).join(', ')}`,
  })
  return null
}

function groupOf(
  { report }: Manifest,
  map: LocatedMap,
  pattern: Pattern | undefined,
): number | string | undefined {
  const group = written(map, 'group') as number | string | undefined
  if (group !== undefined && !hasGroup(pattern, group))
    report({
      code: 'manifest/observe',
      message: `the regular expression has no group ${JSON.stringify(group)}`,
      at: entry(map, 'group')!.at,
      hint: 'groups are counted from 1, or named with (?<name>…)',
    })
  return group
}

/** What the values of the answer become. */
function valuesOf(
  { report }: Manifest,
  map: LocatedMap,
  way: Way | undefined,
): Readonly<Record<string, Value>> | undefined {
  const isCode = way === 'exit' || way === 'status'
  const mapped = entry(map, isCode ? way : 'values')
  if (mapped?.kind === 'map') return plain(mapped) as Readonly<Record<string, Value>>
  if (isCode && written(map, way) !== true)
    report({
      code: 'manifest/observe',
      message: `${way} is \`true\` or a map`,
      at: mapped!.at,
      hint: `write ${way}: true, or ${way}: { ${way === 'exit' ? '0: true, 1: false' : '200: true, 404: false'} }`,
    })
  return undefined
}

function patternOf(
  manifest: Manifest,
  map: LocatedMap,
  way: string | undefined,
): Pattern | undefined | null {
  const text = way === 'regexp' || way === 'lines' ? written(map, way) : undefined
  if (typeof text !== 'string') return undefined
  const fault = regexpFault(entry(map, way!)!)
  if (!fault) return compilePattern(text, { multiline: true })
  manifest.report(fault)
  return null
}

function hasGroup(pattern: Pattern | undefined, group: number | string): boolean {
  if (!pattern) return false
  return typeof group === 'number'
    ? group >= 0 && group <= pattern.groupCount
    : pattern.groupNames.has(group)
}

/** The keys of a JSON pointer. Each is rendered by itself, so that what a param holds is one key, also with a slash in it. */
function keysOf(manifest: Manifest, map: LocatedMap): readonly Computing<unknown>[] {
  const text = String(written(map, 'json'))
  if (text !== '' && !text.startsWith('/'))
    manifest.report({
      code: 'manifest/observe',
      message: `'${text}' is not a JSON pointer`,
      at: entry(map, 'json')!.at,
      hint: `write /${text.replace(/^\$?\.?/, '').replaceAll('.', '/')}`,
    })
  const located = entry(map, 'json')
  if (text === '' || located?.kind !== 'scalar') return []
  const site = siteOf(manifest, [], () => false)
  return [...text.matchAll(/\/((?:\{\{[^}]*\}\}|[^/{]|\{(?!\{))*)/g)].map(({ 1: part, index }) => {
    const key = part!.replaceAll('~1', '/').replaceAll('~0', '~')
    const locate = (offset: number, width?: number): Place =>
      located.locate(index + 1 + offset, width)
    return textOf(site, { ...located, text: key, value: key, locate }, 'a key of the pointer')
  })
}

function reportOpen(manifest: Manifest, field: string, located: Located): void {
  manifest.report({
    code: 'manifest/secret',
    message: `'${field}' comes from a secret answer, and the state does not say that it is one`,
    at: located.at,
    hint: `add \`secret: true\` to the field '${field}' of the state`,
  })
}

/** What cannot be computed from an answer is a failed read: never a value. What is not known yet passes. */
function answered<T>(compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    const [first] = error.diagnostics
    throw unclear(
      first!.at!,
      `the answer means nothing that this expression knows: ${first!.message}`,
      'say what it means then: default(x, fallback), has(x.y) or a condition',
    )
  }
}

import type { Diagnostic } from '../model/diagnostic.ts'
import type { ParamSchema, ParamsSchema } from '../contract/param-schema.ts'
import type { StateSchema } from '../contract/state.ts'
import { isMap, type Value, type ValueMap } from '../contract/value.ts'
import { printedFormat } from '../text/formats.ts'
import { didYouMean } from '../source/suggest.ts'
import { plain, type Located, type LocatedMap } from '../source/located.ts'
import { readValue } from '../schema/read-value.ts'
import { writtenLocated } from '../schema/written-located.ts'
import { noFiles } from '../schema/written.ts'
import { entry } from './reading.ts'
import { regexpFault } from './regexp.ts'
import { ownNames } from './scopes.ts'

const nameForm = /^[a-z][a-z0-9_]*$/

/** The params of a manifest, checked as far as a schema cannot. */
export function paramsOf(map: LocatedMap, report: (diagnostic: Diagnostic) => void): ParamsSchema {
  const written = plain(map) as ValueMap
  const properties = mapped(written['properties'] as ValueMap)
  const located = entry(map, 'properties') as LocatedMap
  for (const [name, { keyAt, value }] of located.entries)
    checkParam(name, keyAt, value, properties, report)
  for (const { value } of located.entries.values())
    if (value.kind === 'map')
      for (const key of ['onlyWith', 'neededWith']) {
        const condition = entry(value, key)
        if (condition?.kind !== 'map') continue
        for (const [name, { keyAt }] of condition.entries)
          if (!Object.hasOwn(properties, name))
            report(unknownParam(name, keyAt, Object.keys(properties)))
      }
  for (const key of ['required', 'exactlyOne', 'atMostOne', 'needs'])
    checkNames(entry(map, key), Object.keys(properties), report)
  if (!Object.values(properties).some((each) => each.identity))
    report({
      code: 'manifest/identity',
      message: 'no param says which thing is meant',
      at: located.at,
      hint: 'mark the params that name the thing with `identity: true`; `read:` needs only these',
    })
  const rest = Object.fromEntries(
    ['required', 'exactlyOne', 'atMostOne', 'needs']
      .filter((key) => written[key] !== undefined)
      .map((key) => [key, usual(written[key]!)]),
  )
  return { type: 'object', properties, ...rest } as ParamsSchema
}

/** The state of a manifest. */
export function stateOf(map: LocatedMap, report: (diagnostic: Diagnostic) => void): StateSchema {
  for (const [name, { keyAt, value }] of map.entries) {
    checkName(name, keyAt, 'field', report)
    checkPatterns(value, report)
  }
  return mapped(plain(map) as ValueMap) as unknown as StateSchema
}

function checkParam(
  name: string,
  at: Diagnostic['at'],
  value: Located,
  properties: Readonly<Record<string, ParamSchema>>,
  report: (diagnostic: Diagnostic) => void,
): void {
  checkName(name, at, 'param', report)
  if ((ownNames as readonly string[]).includes(name))
    report({
      code: 'manifest/name',
      message: `'${name}' is a name that manifests have already`,
      at,
      hint: 'take another name',
    })
  if (!checkPatterns(value, report)) return
  const schema = properties[name]!
  const { format } = schema
  const types = printedFormat(format) ? ['string', 'integer', 'number'] : ['string']
  if (format && !types.includes(schema.type))
    report({
      code: 'manifest/param',
      message: `the format ${format} goes with text`,
      at: value.at,
      hint: 'write type: string',
    })
  if ((schema.secret || schema.orSecret) && schema.type !== 'string')
    report({
      code: 'manifest/param',
      message: 'a secret is a text',
      at: value.at,
      hint: 'write type: string',
    })
  if (schema.default === undefined || value.kind !== 'map') return
  if (schema.default === null) return
  readValue(schema, writtenLocated(entry(value, 'default')!), {
    name,
    files: noFiles,
    report: (fault) =>
      report({
        ...fault,
        code: 'manifest/param',
        message: `the default breaks its own schema: ${fault.message}`,
      }),
  })
}

function checkName(
  name: string,
  at: Diagnostic['at'],
  what: string,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (!nameForm.test(name))
    report({
      code: 'manifest/name',
      message: `'${name}' cannot be the name of a ${what}`,
      at,
      hint: `small letters, digits and _: ${
        name
          .toLowerCase()
          .replace(/[^a-z0-9_]+/g, '_')
          .replace(/^[^a-z]+/, '') || 'name'
      }`,
    })
}

/** Whether all regular expressions of a schema can be read. */
function checkPatterns(value: Located, report: (diagnostic: Diagnostic) => void): boolean {
  if (value.kind !== 'map') return true
  return [...value.entries]
    .map(([key, each]) => {
      if ((key !== 'pattern' && key !== 'keyPattern') || each.value.kind !== 'scalar')
        return key === 'default' || key === 'examples' || checkPatterns(each.value, report)
      const fault = regexpFault(each.value)
      if (fault) report(fault)
      return fault === null
    })
    .every(Boolean)
}

function checkNames(
  located: Located | undefined,
  known: readonly string[],
  report: (diagnostic: Diagnostic) => void,
): void {
  if (located?.kind === 'list') for (const item of located.items) checkNames(item, known, report)
  else if (located?.kind === 'map')
    for (const [key, { keyAt, value }] of located.entries) {
      if (!known.includes(key)) report(unknownParam(key, keyAt, known))
      checkNames(value, known, report)
    }
  else if (located && !known.includes(located.text))
    report(unknownParam(located.text, located.at, known))
}

function unknownParam(name: string, at: Diagnostic['at'], known: readonly string[]): Diagnostic {
  return {
    code: 'manifest/param',
    message: `the param '${name}' does not exist`,
    at,
    hint: didYouMean(name, known),
  }
}

function mapped(written: ValueMap): Record<string, ParamSchema> {
  return Object.fromEntries(
    Object.entries(written).map(([name, schema]) => [name, schemaOf(schema as ValueMap)]),
  )
}

/** A schema as TypeScript's types have it: flags that are false are left out, and every part has a description. */
function schemaOf(written: ValueMap): ParamSchema {
  const fields = Object.entries(written)
    .filter(([, value]) => value !== false)
    .map(([key, value]): [string, unknown] => {
      if (key === 'items' || key === 'additionalProperties')
        return [key, schemaOf(value as ValueMap)]
      return [key, key === 'properties' ? mapped(value as ValueMap) : usual(value)]
    })
  return {
    description: '',
    ...Object.fromEntries(fields),
    ...(written['default'] === false ? { default: false } : {}),
  } as unknown as ParamSchema
}

/** Maps as everybody makes them. */
function usual(value: Value): Value {
  if (Array.isArray(value)) return value.map(usual)
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, usual(each)]))
    : value
}

import type { ParamSchema, ParamsSchema } from '../contract/param-schema.ts'
import { isMap, type ValueMap } from '../contract/value.ts'

/** What no case of a type uses: a param, a field of a param, or a value of its list of values. */
export function unusedParams(
  { properties }: ParamsSchema,
  cases: readonly ValueMap[],
): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    unused(
      name,
      schema,
      cases.map((params) => params[name] ?? schema.default),
      cases.map((params) => params[name]),
    ),
  )
}

/** `values` hold the defaults, which a case uses without writing them; `written` does not. */
function unused(
  name: string,
  schema: ParamSchema,
  values: readonly unknown[],
  written: readonly unknown[],
): readonly string[] {
  if (written.every((value) => value === undefined)) return [`the param '${name}'`]
  const plain = values.flatMap((value) => partsOf(schema, value))
  return [
    ...(schema.enum ?? [])
      .filter((each) => !plain.includes(each))
      .map((each) => `\`${name}: ${each}\``),
    ...innerOf(name, schema, plain),
  ]
}

/** The one value, what a matcher is made of, and the one item of a list that may be written as its item. */
function partsOf(schema: ParamSchema, value: unknown): readonly unknown[] {
  if (schema.matcher && isMap(value)) return Object.values(value).flat()
  if (schema.type === 'array' && schema.orOne && value !== undefined && !Array.isArray(value))
    return [[value]]
  return [value]
}

function innerOf(name: string, schema: ParamSchema, values: readonly unknown[]): readonly string[] {
  const { items, additionalProperties, properties } = schema
  const maps = values.filter(isMap)
  return [
    ...(items ? within(name, items, values.filter(Array.isArray).flat()) : []),
    ...(additionalProperties
      ? within(
          name,
          additionalProperties,
          maps.flatMap((map) => Object.values(map)),
        )
      : []),
    ...Object.entries(properties ?? {}).flatMap(([field, inner]) => {
      const held = maps.map((map) => map[field])
      return unused(
        `${name}.${field}`,
        inner,
        held.map((value) => value ?? inner.default),
        held,
      )
    }),
  ]
}

/** The items of a list or the values of a map: an empty list is not a fault of its items. */
function within(name: string, schema: ParamSchema, values: readonly unknown[]): readonly string[] {
  return values.length === 0 ? [] : unused(name, schema, values, values)
}

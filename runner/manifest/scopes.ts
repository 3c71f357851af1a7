import type { Scope } from '../model/playbook.ts'
import type { ParamsSchema } from '../contract/param-schema.ts'
import { shapeOf } from '../schema/schema-shape.ts'
import { anyShape, mapShape, type Names, type Shape } from '../source/known-names.ts'

/** What the texts and expressions of a manifest see. What was not given is nothing in a text, and null in an expression. */
export interface Scopes {
  readonly template: Scope
  readonly expression: Scope
  param(name: string): unknown
}

/** Names that a manifest has of its own beside its params and probes. */
export const ownNames = ['params', 'current', 'diff'] as const

/** What is known of params by their schema; of what may be left out nothing is. */
export function paramShapes(schema: ParamsSchema): ReadonlyMap<string, Shape> {
  const isSure = (name: string): boolean =>
    schema.required?.includes(name) === true && schema.properties[name]!.identity === true
  const fields = Object.entries(schema.properties).map(
    ([name, each]) =>
      [name, isSure(name) || each.default !== undefined ? arrivedShape(each) : anyShape] as const,
  )
  return new Map([...fields, ['params', mapShape(fields)]])
}

/** The names of one part of a manifest. */
export function namesOf(
  params: ReadonlyMap<string, Shape>,
  more: Iterable<readonly [string, Shape]>,
): Names {
  return { known: new Map([...params, ...more]), later: new Map(), open: false }
}

/** Scopes over params and other values. Nothing is read before it is named: a param that is not known yet may not be touched. */
export function scopesOf(
  schema: ParamsSchema,
  params: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, () => unknown>>,
): Scopes {
  const names = Object.keys(schema.properties)
  const scope = (absent: null | undefined): Scope => {
    const given = (name: string): unknown => params[name] ?? absent
    const own = lazy(names, given)
    return withLazy(lazy(names, given), {
      params: () => own,
      ...Object.fromEntries(
        Object.entries(more).map(([name, get]) => [name, () => get() ?? absent]),
      ),
    })
  }
  return { template: scope(undefined), expression: scope(null), param: (name) => params[name] }
}

/** Scopes over params and the readings of probes by their names; a probe without a reading is nothing. */
export function scopesOfReadings(
  schema: ParamsSchema,
  params: Readonly<Record<string, unknown>>,
  probes: Iterable<string>,
  readings: Readonly<Record<string, unknown>>,
): Scopes {
  const read = [...probes].map(
    (name) => [name, () => (Object.hasOwn(readings, name) ? readings[name] : undefined)] as const,
  )
  return scopesOf(schema, params, Object.fromEntries(read))
}

/** Scopes that also know the current item of a loop. */
export function scopesWithItem(scopes: Scopes, item: unknown): Scopes {
  const inner = (scope: Scope): Scope =>
    withLazy(Object.create(scope) as Record<string, unknown>, { item: () => item })
  return { ...scopes, template: inner(scopes.template), expression: inner(scopes.expression) }
}

function lazy(names: readonly string[], get: (name: string) => unknown): Record<string, unknown> {
  return withLazy(
    Object.create(null) as Record<string, unknown>,
    Object.fromEntries(names.map((name) => [name, () => get(name)])),
  )
}

function withLazy(
  target: Record<string, unknown>,
  getters: Readonly<Record<string, () => unknown>>,
): Record<string, unknown> {
  for (const [name, get] of Object.entries(getters))
    Object.defineProperty(target, name, { get, enumerable: true, configurable: true })
  return target
}

/** The shape of what arrives: sizes and durations are numbers by then. */
function arrivedShape(schema: ParamsSchema['properties'][string]): Shape {
  if (schema.format === 'size' || schema.format === 'duration')
    return { kind: 'value', type: 'number' }
  if (schema.format === 'local-file' || schema.orSecret || schema.format === 'template')
    return anyShape
  return shapeOf(schema)
}

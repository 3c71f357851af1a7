import { Matcher } from './matcher.ts'
import { isMap, same, type Value, type ValueMap } from './value.ts'
import { printedFormat, type FormatName } from '../text/formats.ts'
import type { Infer, ParamSchema } from './param-schema.ts'

/** A field of a type's state. Fields may drift and be repaired; information fields are only carried by `register`. */
export interface StateField extends Omit<
  ParamSchema,
  'default' | 'identity' | 'matcher' | 'orOne'
> {
  /** Device, id, version: never desired, never repaired. */
  readonly information?: true
  /** What a task before this one may bring about: a saved plan is not held against it. */
  readonly passing?: true
}
/** The format in which the numbers of a field are printed: its own, or that of its items or of the values of its map. */
export function printedFormatOf(
  field: Pick<ParamSchema, 'format' | 'items' | 'additionalProperties'> | undefined,
): FormatName | null {
  if (!field) return null
  const inner = field.items ?? (field.additionalProperties || undefined)
  return printedFormat(field.format) ?? printedFormatOf(inner)
}
/** The declared fields of a type's state. */
export interface StateSchema {
  readonly [field: string]: StateField
}
/** What `observe` returns: every declared field, `null` where the field has no value. */
export type Observed<F> = { readonly [K in keyof F]: Infer<F[K]> | null }
type WantedKeys<F> = {
  [K in keyof F]: F[K] extends { readonly information: true } ? never : K
}[keyof F]
/** What `desire` returns: wanted fields; one left out is left alone. */
export type Wanted<F> = { readonly [K in WantedKeys<F>]?: Infer<F[K]> | Matcher | null | undefined }
/** A state without its schema's types. */
export type State = ValueMap
/** Wanted values without their schema's types. */
export interface WantedState {
  readonly [field: string]:
    Value | Matcher | undefined | { readonly [key: string]: Value | Matcher }
}

/** One drifted field. For a map, only the keys that differ. */
export interface Drift<T = Value> {
  readonly from: T | null
  readonly to: T | Matcher | null
}
/** The drifted fields; empty when the state is as wanted. */
export type Diff<F = StateSchema> = { readonly [K in WantedKeys<F>]?: Drift<Infer<F[K]>> }
/** A diff without its schema's types. */
export interface AnyDiff {
  readonly [field: string]: Drift<any>
}

/** What differs between a current state and the wanted fields; a map is compared key by key, a key left out is left alone. */
export function compare(wanted: WantedState, current: State): AnyDiff {
  const diff: Record<string, Drift<unknown>> = {}
  for (const field of Object.keys(wanted)) {
    const want = wanted[field]
    if (want === undefined) continue
    const is = current[field] ?? null
    const drift = isWantedMap(want)
      ? mapDrift(want, is)
      : holds(want as Value | Matcher, is)
        ? null
        : { from: is, to: want }
    if (drift) diff[field] = drift
  }
  return diff as AnyDiff
}

function mapDrift(
  want: { readonly [key: string]: Value | Matcher },
  is: Value,
): Drift<unknown> | null {
  const now: ValueMap = isMap(is) ? is : {}
  const keys = Object.keys(want).filter(
    (key) => want[key] !== undefined && !holds(want[key]!, now[key] ?? null),
  )
  if (keys.length === 0) return null
  return {
    from: Object.fromEntries(keys.map((key) => [key, now[key] ?? null])),
    to: Object.fromEntries(keys.map((key) => [key, want[key]])),
  }
}

function holds(want: Value | Matcher, is: Value): boolean {
  return want instanceof Matcher ? want.accepts(is) : same(want, is)
}

function isWantedMap(want: unknown): want is { readonly [key: string]: Value | Matcher } {
  return !(want instanceof Matcher) && isMap(want)
}

/** Whether nothing differs. */
export function isEmpty(diff: AnyDiff): boolean {
  return Object.keys(diff).length === 0
}

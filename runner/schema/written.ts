import type { LocalFile } from '../contract/param-schema.ts'
import { Secret } from '../contract/secret.ts'
import { isMap, type Value } from '../contract/value.ts'
import type { Code } from '../model/codes.ts'
import type { Diagnostic, Fix, Place } from '../model/diagnostic.ts'
import type { FormatUse } from '../text/formats.ts'
import type { Shape } from '../source/known-names.ts'

/** A value on its way into a param: as written with each part's place, or as computed. */
export type Written =
  | WrittenScalar
  | { readonly kind: 'list'; readonly items: readonly Written[]; readonly at: Place }
  | {
      readonly kind: 'map'
      readonly entries: ReadonlyMap<string, { readonly at: Place; readonly value: Written }>
      readonly at: Place
    }
  /** A template or expression: it stands for any value of its place. */
  | { readonly kind: 'hole'; readonly shape: Shape; readonly at: Place }

/** One value that is neither a list nor a map. */
export interface WrittenScalar {
  readonly kind: 'scalar'
  readonly value: Value
  /** As written, for "quote it". */
  readonly text: string
  readonly at: Place
}

/** Reads the files of the controller that params name. */
export interface LocalFiles {
  readonly read: FormatUse['readFile']
  readonly readFolder: FormatUse['readFolder']
  /** Whether a value is such a file, and not a map that looks like one. */
  isFile(value: unknown): value is LocalFile
}

/** Where a value is read: who hears of what is wrong, and what else is known. */
export interface ReadContext {
  /** The param, as in `package.name`. */
  readonly name: string
  /** The value was computed: an error in it is corrected where the value comes from. */
  readonly rendered?: boolean
  readonly files: LocalFiles
  report(diagnostic: Diagnostic): void
  /** What to type in the place of a value that the param does not take; null where nothing is known. */
  otherValue?(name: string, value: string): string | null
}

/** Stands in the canonical form for a hole, or for what was reported as wrong. */
export const unknownValue: unique symbol = Symbol('unknown')

/** A place where no local file can be given. */
export const noFiles: LocalFiles = {
  read: () => ({
    wrong: 'a local file cannot be named here',
    hint: 'name it in the params of a task',
  }),
  readFolder: () => ({
    wrong: 'a local folder cannot be named here',
    hint: 'name it in the params of a task',
  }),
  isFile: (_value): _value is LocalFile => false,
}

/** A computed value: all of it stands at one place. */
export function writtenValue(value: unknown, at: Place, files: LocalFiles): Written {
  if (Array.isArray(value))
    return { kind: 'list', items: value.map((item) => writtenValue(item, at, files)), at }
  if (isMap(value) && !files.isFile(value))
    return {
      kind: 'map',
      entries: new Map(
        Object.keys(value).map((key) => [key, { at, value: writtenValue(value[key], at, files) }]),
      ),
      at,
    }
  return {
    kind: 'scalar',
    value: value as Value,
    text: value instanceof Secret ? '' : String(value),
    at,
  }
}

/** Reports what is wrong; what was read is unknown then. */
export function fault(
  context: ReadContext,
  at: Place,
  code: Code,
  message: string,
  hint: string,
  fix?: Fix,
): typeof unknownValue {
  context.report({ code, message, at, hint, ...(fix ? { fix } : {}) })
  return unknownValue
}

import type { Matcher } from './matcher.ts'
import type { FormatName, Formatted } from '../text/formats.ts'
import type { FolderEntry, LocalFile, LocalFolder } from '../text/local-file.ts'
import type { Secret } from './secret.ts'
import type { Value } from './value.ts'

export type { FolderEntry, LocalFile, LocalFolder }

/**
 * The part of JSON Schema that params are written in, and our annotations. The loader turns what was written into the
 * canonical form that a type sees:
 * `size` → bytes (number), `duration` → seconds (number), `mode` → four octal digits, `xname` → normalized,
 * `line` → a text of one line (what becomes a line of a file, a header or an argument that is split holds no line end),
 * `pattern` → a regular expression that is one, without a line end,
 * `local-file` → LocalFile, `local-folder` → LocalFolder, `template` → the rendered text of that local file, `host-folder` → the absolute path of the
 * host's own folder in that local folder, which nothing that a host answered takes part in.
 */
export interface ParamSchema {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any'
  readonly description: string
  readonly enum?: readonly (string | number)[]
  readonly default?: Value
  readonly format?: FormatName
  /** `format: xname`: the kinds of components that are taken (`Node`, `Chassis`); nodes alone when absent. */
  readonly xnames?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  /** What to type where a value does not fit; the description when absent. */
  readonly hint?: string
  /** A text that may be written as an integer, such as the value of a kernel parameter. */
  readonly orInteger?: true
  readonly maxLength?: number
  readonly items?: ParamSchema
  /** A list that may be written as its one item. */
  readonly orOne?: true
  /** A map: the schema of every value (`type: object` without `properties`). */
  readonly additionalProperties?: ParamSchema | false
  /** A map: the form of its keys, as a regular expression. */
  readonly keyPattern?: string
  readonly properties?: { readonly [name: string]: ParamSchema }
  readonly required?: readonly string[]
  readonly minItems?: number
  /** Says which thing is meant: part of its identity, enough for `read`. */
  readonly identity?: true
  /** Arrives as a Secret. */
  readonly secret?: true
  /** A text that may be a secret as well: arrives as the one or the other. Without this a secret is refused. */
  readonly orSecret?: true
  /** May be written as a matcher (`{ at_least: 50G }`); arrives as the value or as a Matcher. */
  readonly matcher?: true
  readonly examples?: readonly Value[]
  /** It means something only where each of these params has one of these values, as written or by default; else it is refused. */
  readonly onlyWith?: ParamCondition
  /** It is compared and never made true: `ensure` refuses it. */
  readonly onlyCompared?: true
  /** It must be given where each of these params has one of these values. `read` does not ask for it. */
  readonly neededWith?: ParamCondition
  /** What `trueup validate` warns of: values that make a host less safe, or that it is left out. */
  readonly risk?: ParamRisk
}
/** When a param of an `ensure` is a risk, why, and what to write in place of it. */
export interface ParamRisk {
  /** The risky values. Left out: it is a risk that the param is left out. */
  readonly values?: readonly (string | number | boolean)[]
  readonly why: string
  readonly hint: string
}
/** Values of other params: all of the named ones must have one of theirs. */
export interface ParamCondition {
  readonly [param: string]: readonly (string | number | boolean)[]
}
/** The params of a type. */
export interface ParamsSchema {
  readonly type: 'object'
  readonly properties: { readonly [name: string]: ParamSchema }
  readonly required?: readonly string[]
  /** Params of which exactly one must be given, of which at most one may be given, and those that need another. */
  readonly exactlyOne?: readonly (readonly string[])[]
  readonly atMostOne?: readonly (readonly string[])[]
  readonly needs?: { readonly [name: string]: readonly string[] }
}

type Plain<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly secret: true }
    ? Secret
    : S extends { readonly orSecret: true } | { readonly format: 'template' }
      ? string | Secret
      : S extends { readonly format: infer N extends FormatName }
        ? Formatted<N>
        : S extends { readonly type: 'string' }
          ? string
          : S extends { readonly type: 'integer' | 'number' }
            ? number
            : S extends { readonly type: 'boolean' }
              ? boolean
              : S extends { readonly type: 'array'; readonly items: infer I }
                ? readonly Infer<I>[]
                : S extends { readonly type: 'object'; readonly properties: infer P }
                  ? Fields<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
                  : S extends { readonly type: 'object'; readonly additionalProperties: infer A }
                    ? { readonly [key: string]: Infer<A> }
                    : Value
/** The TypeScript type that a schema describes. */
export type Infer<S> = S extends { readonly matcher: true } ? Plain<S> | Matcher : Plain<S>
type Present<P, R> = {
  [K in keyof P]: K extends R ? K : P[K] extends { readonly default: unknown } ? K : never
}[keyof P]
type Fields<P, R> = { readonly [K in Present<P, R>]: Infer<P[K]> } & {
  readonly [K in Exclude<keyof P, Present<P, R>>]?: Infer<P[K]> | undefined
}
/** The params that a type's functions see: required and defaulted ones present, the others maybe undefined. */
export type Params<S> = S extends { readonly properties: infer P }
  ? Fields<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
  : never

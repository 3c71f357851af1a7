/** An option: what it takes, its default, and for a number its least value (0 when absent). */
interface OptionSpec {
  readonly type: 'string' | 'boolean' | 'number'
  readonly default?: string | boolean | number
  readonly least?: number
}
type Typed<T> = T extends 'number' ? number : T extends 'boolean' ? boolean : string
type Values<S> = {
  readonly [K in keyof S]: S[K] extends { readonly type: infer T; readonly default: unknown }
    ? Typed<T>
    : S[K] extends { readonly type: infer T }
      ? Typed<T> | undefined
      : never
}
/** What was given: values by option, and the other words. */
interface Given<S> {
  readonly values: Values<S>
  readonly positionals: readonly string[]
}

/** Reads arguments: the values, or why they are wrong. */
export function optionsOf<const S extends { readonly [name: string]: OptionSpec }>(
  argv: readonly string[],
  options: S,
  more?: { readonly positionals?: boolean },
): (Given<S> & { readonly wrong?: undefined }) | { readonly wrong: string }

/** The options that this program was started with. Wrong ones end it with exit 3. */
export function readOptions<const S extends { readonly [name: string]: OptionSpec }>(
  program: string,
  options: S,
  more?: { readonly positionals?: boolean },
): Given<S>

import { DiagnosticError } from '../model/diagnostic.ts'
import { Matcher, matcherFault, matcherWords, type MatcherWord } from '../contract/matcher.ts'
import { Secret } from '../contract/secret.ts'
import { kindOf, type Value } from '../contract/value.ts'
import { checkLocated } from '../schema/check-located.ts'
import { didYouMean } from '../source/suggest.ts'
import type { Located, LocatedMap } from '../source/located.ts'
import { fits } from './observed.ts'
import { entry, stateSite, type Manifest } from './reading.ts'
import { wishSchema } from './manifest-schema.ts'
import { scopesOf, type Scopes } from './scopes.ts'
import { conditionOf, constantOf, valueOf, type Computing, type Site } from './computed-values.ts'

type Wish = (scopes: Scopes) => unknown
interface Wishes {
  readonly when: Computing<boolean> | undefined
  readonly fields: readonly (readonly [string, Wish])[]
}
/** What a manifest wants, and the fields that it may want. */
export interface CompiledDesire {
  readonly fields: ReadonlySet<string>
  desire(
    params: Readonly<Record<string, unknown>>,
    current: Readonly<Record<string, unknown>>,
  ): Record<string, unknown>
}

/** Compiles the wanted fields of a manifest to a type's `desire`. */
export function desireOf(manifest: Manifest, located: Located): CompiledDesire {
  const site = stateSite(manifest, ['current'])
  const wishes =
    located.kind === 'map'
      ? [wishesOf(manifest, site, located)]
      : located.kind === 'list'
        ? located.items.flatMap((item) => conditional(manifest, site, item))
        : []
  return {
    fields: new Set(wishes.flatMap(({ fields }) => fields.map(([field]) => field))),
    desire(params, current) {
      const scopes = scopesOf(manifest.params, params, { current: () => current })
      const wanted: Record<string, unknown> = {}
      for (const { when, fields } of wishes) {
        if (when && !when.of(scopes)) continue
        for (const [field, wish] of fields) {
          const value = wish(scopes)
          if (value !== undefined) wanted[field] = value
        }
      }
      return wanted
    },
  }
}

function conditional(manifest: Manifest, site: Site, item: Located): readonly Wishes[] {
  const faults = checkLocated(item, wishSchema)
  faults.forEach(manifest.report)
  if (item.kind !== 'map' || faults.length > 0) return []
  const when = item.entries.has('when') ? conditionOf(site, entry(item, 'when')!) : undefined
  return [{ ...wishesOf(manifest, site, entry(item, 'want') as LocatedMap), when }]
}

function wishesOf(manifest: Manifest, site: Site, map: LocatedMap): Wishes {
  const fields = [...map.entries].flatMap(([field, { keyAt, value }]) => {
    const schema = manifest.state[field]
    if (!schema)
      manifest.report({
        code: 'manifest/field',
        message: `'${field}' is not a field of the state`,
        at: keyAt,
        hint: didYouMean(field, Object.keys(manifest.state)),
      })
    else if (schema.information)
      manifest.report({
        code: 'manifest/field',
        message: `'${field}' is information: it is never wanted`,
        at: keyAt,
        hint: 'remove it here, or remove `information: true` in the state',
      })
    else return [[field, wishOf(manifest, site, field, value)] as const]
    return []
  })
  return { when: undefined, fields }
}

function wishOf(manifest: Manifest, site: Site, field: string, located: Located): Wish {
  const schema = manifest.state[field]!
  const [first] =
    located.kind === 'map' && located.entries.size === 1 && schema.type !== 'object'
      ? located.entries.keys()
      : []
  if (first !== undefined && (matcherWords as readonly string[]).includes(first))
    return matcherOf(manifest, site, located as LocatedMap, first as MatcherWord)
  const value = valueOf(site, located)
  const check = (found: unknown): string | null =>
    found === undefined ||
    found === null ||
    found instanceof Matcher ||
    found instanceof Secret ||
    fits(schema, found as Value)
      ? null
      : `'${field}' is ${schema.enum ? `one of ${schema.enum.join(', ')}` : schema.type}, and this wants ${kindOf(found)}`
  const fault = value.constant ? check(constantOf(value)) : null
  if (fault !== null)
    manifest.report({
      code: 'manifest/wish',
      message: fault,
      at: located.at,
      hint:
        located.kind === 'scalar' && schema.type === 'string'
          ? `quote it: "${located.text}"`
          : 'write a value of the kind that `observe:` gives this field',
    })
  return (scopes) => {
    const found = value.of(scopes)
    const wrong = check(found)
    if (wrong !== null)
      throw new DiagnosticError({
        code: 'manifest/wish',
        message: wrong,
        at: located.at,
        hint: 'give the param the type that the state has, or convert with !expr',
      })
    return found
  }
}

function matcherOf(manifest: Manifest, site: Site, map: LocatedMap, word: MatcherWord): Wish {
  const operand = valueOf(site, entry(map, word)!)
  const fault = operand.constant ? matcherFault(word, constantOf(operand)) : null
  if (fault !== null)
    manifest.report({
      code: 'manifest/wish',
      message: fault,
      at: operand.at,
      hint: 'write { at_least: 3 }, { one_of: [a, b] }, { matches: "…" }',
    })
  return (scopes) => {
    const found = (operand.of(scopes) ?? null) as Value
    const wrong = matcherFault(word, found)
    if (wrong !== null)
      throw new DiagnosticError({
        code: 'manifest/wish',
        message: wrong,
        at: operand.at,
        hint: 'give the param the type that the matcher wants',
      })
    return new Matcher(word, found)
  }
}

import { DiagnosticError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import { kindOf, type Value } from '../contract/value.ts'
import { compileExpression } from '../source/expression.ts'
import type { Names } from '../source/known-names.ts'
import { compileTemplate, isTemplate } from '../source/template.ts'
import { plain, type Located, type LocatedScalar } from '../source/located.ts'
import type { Scopes } from './scopes.ts'

/** Where a manifest's values are compiled: the names that they may use, which of these are secret, and what was found wrong. */
export interface Site {
  readonly names: Names
  readonly isSecret: (path: readonly string[]) => boolean
  /** Params that may not be given: a key whose whole value is one of them counts as not written then. */
  readonly optional: ReadonlySet<string>
  readonly report: (diagnostic: Diagnostic) => void
}
/** A value that is computed from params, readings or a state; undefined where its whole text is a param that was not given. */
export interface Computing<T = unknown> {
  readonly at: Place
  /** The paths that it reads. */
  readonly paths: readonly (readonly string[])[]
  /** What it is when nothing is computed in it. */
  readonly constant: boolean
  of(scopes: Scopes): T
}

/** A value in which scalars may be templates or expressions. */
export function valueOf(site: Site, located: Located): Computing {
  if (located.kind === 'scalar') return scalarOf(site, located)
  if (located.kind === 'list') {
    const items = located.items.map((item) => valueOf(site, item))
    return joined(located.at, items, (scopes) => items.map((item) => item.of(scopes)))
  }
  return joinedMap(
    located.at,
    [...located.entries].map(([key, { value }]) => [key, valueOf(site, value)] as const),
  )
}

/** A map of computed values; what is computed as nothing is left out. */
function joinedMap<T>(
  at: Place,
  entries: readonly (readonly [string, Computing<T>])[],
): Computing<Readonly<Record<string, Exclude<T, undefined>>>> {
  return joined(
    at,
    entries.map(([, value]) => value),
    (scopes) =>
      Object.fromEntries(
        entries
          .map(([key, value]) => [key, value.of(scopes)] as const)
          .filter(([, value]) => value !== undefined),
      ) as Readonly<Record<string, Exclude<T, undefined>>>,
  )
}

/** A text. Numbers that were computed are written out; a secret is refused where it would be shown. */
export function textOf(
  site: Site,
  located: Located,
  what: string,
  options: { readonly secret?: boolean } = {},
): Computing<string | Secret | undefined> {
  if (located.kind !== 'scalar' || (typeof located.value !== 'string' && located.tag === null)) {
    const written = located.kind === 'scalar' ? located.text : ''
    site.report({
      code: 'manifest/text',
      message: `${what} is a text, not ${kindOf(plain(located))}`,
      at: located.at,
      hint: written === '' ? 'write one text' : `quote it: "${written}"`,
    })
    return { at: located.at, paths: [], constant: true, of: () => '' }
  }
  const value = scalarOf(site, located)
  if (!options.secret) refuseSecrets(site, value, what)
  return {
    ...value,
    of: (scopes) => asText(value.of(scopes), value.at, what, options.secret === true),
  }
}

/** A list of texts, each one argument; or one expression that gives such a list. */
export function wordsOf(site: Site, located: Located, what: string): Computing<readonly string[]> {
  if (located.kind === 'list') {
    if (located.items.length === 0)
      site.report({
        code: 'manifest/text',
        message: `${what} is empty`,
        at: located.at,
        hint: `write ${what}: [command, argument, "{{ param }}"]`,
      })
    const items = located.items.map((item) => textOf(site, item, `each item of ${what}`))
    return joined(
      located.at,
      items,
      (scopes) =>
        items
          .map((item) => item.of(scopes))
          .filter((item) => item !== undefined) as readonly string[],
    )
  }
  if (located.kind === 'scalar' && located.tag === '!expr') {
    const value = scalarOf(site, located)
    refuseSecrets(site, value, what)
    return {
      ...value,
      of: (scopes) => {
        const words = value.of(scopes)
        if (!Array.isArray(words) || words.length === 0)
          throw wrong(value.at, `${what} is a list of texts, not ${kindOf(words)}`)
        return words.map((word) => asText(word, value.at, `each item of ${what}`, false) as string)
      },
    }
  }
  const hint = `write ${what}: [${located.kind === 'scalar' ? located.text.trim().split(/\s+/).join(', ') : 'command, argument'}]; for a shell, [sh, -c, 'script with "$1"', sh, "{{ param }}"]`
  site.report({
    code: 'manifest/text',
    message: `${what} is a list: each item is one argument`,
    at: located.at,
    hint,
  })
  return { at: located.at, paths: [], constant: true, of: () => [] }
}

/** A map of texts. */
export function textsOf(
  site: Site,
  located: Located,
  what: string,
): Computing<Readonly<Record<string, string>>> {
  const entries =
    located.kind === 'map'
      ? [...located.entries].map(
          ([key, { value }]) => [key, textOf(site, value, `${what} ${key}`)] as const,
        )
      : []
  return joinedMap(located.at, entries) as Computing<Readonly<Record<string, string>>>
}

/** A condition: an expression that gives true or false. */
export function conditionOf(site: Site, scalar: Located): Computing<boolean> {
  if (scalar.kind !== 'scalar') return { at: scalar.at, paths: [], constant: true, of: () => false }
  const { computed, diagnostics } = compileExpression(scalar.text, site.names, scalar, 'condition')
  diagnostics.forEach(site.report)
  return {
    at: scalar.at,
    paths: computed.paths,
    constant: false,
    of: (scopes) => computed.evaluate(scopes.expression) as boolean,
  }
}

/** What it is that a text names as its whole: `param` for `{{ param }}` and `{{ params.param }}`. */
export function wholeName(scalar: Located): string | null {
  if (scalar.kind !== 'scalar' || scalar.tag !== null || typeof scalar.value !== 'string')
    return null
  return /^\s*\{\{\s*(?:params\.)?([A-Za-z_]\w*)\s*\}\}\s*$/.exec(scalar.value)?.[1] ?? null
}

function scalarOf(site: Site, scalar: LocatedScalar): Computing {
  const { at } = scalar
  if (scalar.tag === '!expr') {
    const { computed, diagnostics } = compileExpression(scalar.text, site.names, scalar, 'value')
    diagnostics.forEach(site.report)
    return {
      at,
      paths: computed.paths,
      constant: false,
      of: (scopes) => computed.evaluate(scopes.expression),
    }
  }
  if (scalar.tag === '!raw' || typeof scalar.value !== 'string' || !isTemplate(scalar.text))
    return { at, paths: [], constant: true, of: () => scalar.value }
  const { computed, diagnostics } = compileTemplate(scalar.text, site.names, scalar)
  diagnostics.forEach(site.report)
  const name = wholeName(scalar)
  const lenient = name !== null && site.optional.has(name) ? name : null
  return {
    at,
    paths: computed.paths,
    constant: false,
    of: (scopes) =>
      lenient !== null && scopes.param(lenient) === undefined
        ? undefined
        : computed.evaluate(scopes.template),
  }
}

function refuseSecrets(site: Site, value: Computing, what: string): void {
  const secret = value.paths.find(site.isSecret)
  if (secret)
    site.report(
      secretFault(value.at, `'${secret.join('.')}' is a secret, and ${what} would show it`),
    )
}

function asText(
  value: unknown,
  at: Place,
  what: string,
  secret: boolean,
): string | Secret | undefined {
  if (typeof value === 'string' || value === undefined) return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!(value instanceof Secret)) throw wrong(at, `${what} is a text, not ${kindOf(value)}`)
  if (secret) return value
  throw new DiagnosticError(
    secretFault(at, `this gives the secret ${value.name}, and ${what} would show it`),
  )
}

function secretFault(at: Place, message: string): Diagnostic {
  return {
    code: 'manifest/secret',
    message,
    at,
    hint: 'give a secret on `stdin:`, in the content of `write:` or in the body of `http:`',
  }
}

function wrong(at: Place, message: string): DiagnosticError {
  return new DiagnosticError({
    code: 'manifest/text',
    message,
    at,
    hint: 'write {{ join LIST "," }} or {{ json VALUE }} for a list or a map',
  })
}

function joined<T>(
  at: Place,
  parts: readonly Computing[],
  of: (scopes: Scopes) => T,
): Computing<T> {
  return {
    at,
    paths: parts.flatMap((part) => part.paths),
    constant: parts.every((part) => part.constant),
    of,
  }
}

/** What a value without anything computed in it is. */
export function constantOf(value: Computing): Value {
  return value.of({ template: {}, expression: {}, param: () => undefined }) as Value
}

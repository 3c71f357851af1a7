import type { Diagnostic } from '../../runner/model/diagnostic.ts'
import type { Scope } from '../../runner/model/playbook.ts'
import { compileExpression } from '../../runner/source/expression.ts'
import type { Names } from '../../runner/source/known-names.ts'
import type { Located, LocatedScalar } from '../../runner/source/located.ts'
import { compileTemplate, isTemplate } from '../../runner/source/template.ts'

/** Makes a value of what a request brought and what the service remembers. */
export type Making<T = unknown> = (scope: Scope) => T

/** Where the values of a route are compiled: the names that they may use, and what was found wrong. */
export interface RouteSite {
  readonly names: Names
  readonly report: (diagnostic: Diagnostic) => void
}

/** A value in which scalars may be `!expr` or hold `{{ }}`, as in a playbook. */
export function makingOf(site: RouteSite, located: Located): Making {
  if (located.kind === 'scalar') return scalarMaking(site, located)
  if (located.kind === 'list') {
    const items = located.items.map((item) => makingOf(site, item))
    return (scope) => items.map((item) => item(scope))
  }
  const entries = [...located.entries].map(
    ([key, { value }]) => [key, makingOf(site, value)] as const,
  )
  return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)]))
}

/** A condition: an expression that gives true or false. */
export function conditionMaking(site: RouteSite, located: Located): Making<boolean> {
  if (located.kind !== 'scalar') {
    site.report({
      code: 'lab/with-route',
      message: 'when wants one expression',
      at: located.at,
      hint: 'write when: params.xname in state.bmcs',
    })
    return () => false
  }
  const { computed, diagnostics } = compileExpression(
    located.text,
    site.names,
    located,
    'condition',
  )
  diagnostics.forEach(site.report)
  return (scope) => computed.evaluate(scope) as boolean
}

/** A path into the state: `bmcs/{{ params.xname }}/NTPServerInfo`. A part that is computed is one key, whatever stands in it. */
export function pathMaking(
  site: RouteSite,
  text: string,
  origin: Pick<LocatedScalar, 'at' | 'locate'>,
): Making<readonly string[]> {
  let offset = 0
  const parts = text.split(/\/(?![^{}]*\}\})/).map((part): Making => {
    const start = offset
    offset += part.length + 1
    if (!isTemplate(part)) return () => part
    const { computed, diagnostics } = compileTemplate(
      part,
      site.names,
      { at: origin.at, locate: (at, width) => origin.locate(start + at, width) },
      'text',
    )
    diagnostics.forEach(site.report)
    return (scope) => computed.evaluate(scope)
  })
  return (scope) => parts.map((part) => String(part(scope)))
}

function scalarMaking(site: RouteSite, scalar: LocatedScalar): Making {
  if (scalar.tag === '!expr') {
    const { computed, diagnostics } = compileExpression(scalar.text, site.names, scalar, 'value')
    diagnostics.forEach(site.report)
    return (scope) => computed.evaluate(scope)
  }
  if (scalar.tag === '!raw' || typeof scalar.value !== 'string' || !isTemplate(scalar.text))
    return () => scalar.value
  const { computed, diagnostics } = compileTemplate(scalar.text, site.names, scalar)
  diagnostics.forEach(site.report)
  return (scope) => computed.evaluate(scope)
}

import type { Place } from '../model/diagnostic.ts'
import { facts } from '../model/facts.ts'
import type { AnyResourceType } from '../contract/resource.ts'
import { reservedWords } from '../source/cel.ts'
import { shapeOf } from '../schema/schema-shape.ts'
import { anyShape, mapShape, type Names, type Shape } from '../source/known-names.ts'
import { textFunctions } from '../source/text.ts'
import { layered } from './layered-map.ts'
import type { Loading } from './load-context.ts'

const text: Shape = { kind: 'value', type: 'string' }

/** What is known of the run: the moment at which it began. */
const runShape = mapShape([
  ['started', text],
  ['date', text],
  ['stamp', text],
])

/** The names that every task of a playbook sees, before the vars of its play. */
export function outerNames(loading: Loading, inputs: ReadonlyMap<string, Shape>): Names {
  const known = new Map<string, Shape>()
  known.set('run', runShape)
  for (const name of loading.knownVars ?? []) known.set(name, anyShape)
  for (const [name, shape] of inputs) known.set(name, shape)
  const vars = loading.knownVars
    ? mapShape([...loading.knownVars].map((name) => [name, anyShape]))
    : anyShape
  known.set(
    'host',
    mapShape([
      ['name', text],
      ['address', text],
      ['groups', { kind: 'list', items: text }],
      ['vars', vars],
    ]),
  )
  known.set(
    'facts',
    mapShape(Object.entries(facts).map(([name, fact]) => [name, shapeOf(fact.schema)])),
  )
  return {
    known,
    later: new Map(),
    open: loading.knownVars === null,
    given: new Set(['host', ...(loading.knownVars ?? []), ...inputs.keys()]),
  }
}

/** Names with more of them in front. */
export function withNames(
  names: Names,
  more: Iterable<readonly [string, Shape]>,
  later: ReadonlyMap<string, Place> = names.later,
): Names {
  const added = [...more]
  if (added.length === 0 && later === names.later) return names
  // A playbook of thousands of tasks has as many sets of names: each is what it adds to the one before.
  const known = layered(names.known, new Map(added))
  const settled = added.map(([name]) => name).filter((name) => later.has(name))
  const still = settled.length === 0 ? later : layered(later, new Map(), new Set(settled))
  // What is called like something given stands in front of it.
  const hidden = added.some(([name]) => names.given?.has(name))
  const given = hidden
    ? new Set([...names.given!].filter((name) => !added.some(([each]) => each === name)))
    : names.given
  return { known, later: still, open: names.open, ...(given ? { given } : {}) }
}

/** The register of a `confirm` with an answer. */
export const answerShape: Shape = mapShape([
  ['answer', { kind: 'value', type: 'string' }],
  ['changed', anyShape],
  ['failed', anyShape],
  ['skipped', anyShape],
])

/** What a task of this type registers: a looped one a list. A field may be null or unknown, so no type is promised. */
export function registerShape(type: AnyResourceType | null, looped: boolean): Shape {
  const outcome: (readonly [string, Shape])[] = [
    ['changed', anyShape],
    ['failed', anyShape],
    ['skipped', anyShape],
  ]
  const state: (readonly [string, Shape])[] = Object.keys(type?.state ?? {}).map((field) => [
    field,
    anyShape,
  ])
  if (!looped) return mapShape([...state, ...outcome])
  return {
    kind: 'list',
    items: mapShape([...outcome, ['item', anyShape], ['state', mapShape(state)]]),
  }
}

/** Why a name cannot be given to a var, an input or a register; null when it can. */
export function nameFault(
  name: string,
): { readonly message: string; readonly hint: string } | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return {
      message: `'${name}' cannot be a name`,
      hint: `write letters, digits and _: ${name.replace(/\W/g, '_').replace(/^(?=\d)/, '_') || 'name'}`,
    }
  if (['host', 'facts', 'item'].includes(name))
    return {
      message: `'${name}' is a name of the language`,
      hint: `take another name, such as my_${name}`,
    }
  if (textFunctions.has(name))
    return {
      message: `'${name}' is a function of templates`,
      hint: `take another name, such as ${name}_value`,
    }
  if (reservedWords.has(name))
    return {
      message: `'${name}' is a reserved word of expressions`,
      hint: `take another name, such as ${name}_value`,
    }
  return null
}

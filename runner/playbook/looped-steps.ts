import type { Computed, Scope, Tree } from '../model/playbook.ts'
import { valueOf } from '../model/value-tree.ts'
import { asDiagnosticError, type Place } from '../model/diagnostic.ts'
import { itemNamer } from '../model/item-name.ts'
import { isMap, keepOrder, keysOf, type Value } from '../contract/value.ts'
import type { LocatedEntry, LocatedMap } from '../source/located.ts'
import { textTree, treeOf } from './compiled-values.ts'
import { constant, report, type Loading } from './load-context.ts'
import { shapes, type Inherited, type PlayState } from './task-keys.ts'
import { withNames } from './visible-names.ts'
import { anyShape } from '../source/known-names.ts'

/** One round of a block or an include with `loop`: its item, and how it is named behind each sentence. */
export interface Round {
  readonly item: Value
  readonly label: string
}

/** Rounds of a loop over steps: each makes tasks of its own. */
const mostRounds = 200

/**
 * The rounds of a block or an include; null without `loop`. Its steps are written out once for each item when the playbook is loaded,
 * so that each has an outcome, a place in a plan and a name of its own. Therefore the list must be known by then.
 */
export function roundsOf(
  loading: Loading,
  { entries }: LocatedMap,
  state: PlayState,
  inherited: Inherited,
): readonly Round[] | null {
  const entry = entries.get('loop')
  if (!entry) {
    if (entries.has('label')) reportNoLoop(loading, entries.get('label')!)
    return null
  }
  const list = listOf(loading, entry, state, inherited)
  if (list === null) return []
  const label = entries.get('label')
  const named = itemNamer(list)
  const names = withNames(state.names, [['item', anyShape]])
  const tree = label ? textTree(loading, label, names) : null
  return list.map((item) => ({ item, label: labelOf(tree, item, state) ?? textOf(named(item)) }))
}

function listOf(
  loading: Loading,
  entry: LocatedEntry,
  state: PlayState,
  inherited: Inherited,
): readonly Value[] | null {
  const before = loading.diagnostics.length
  const tree = treeOf(loading, entry.value, withNames(state.names, shapes(inherited.vars)))
  if (loading.diagnostics.length > before || state.waits(tree)) return null
  const items = itemsNow(tree, inherited.vars, state)
  const wrong =
    items === undefined
      ? {
          message: 'the list of a block or an include must be known before anything runs',
          hint: 'write the list here, or make it from inputs and vars; use `loop:` on each task for a list that is read from a host',
        }
      : items === null
        ? { message: 'loop wants a list or a map', hint: 'write loop: [a, b]' }
        : items.length > mostRounds
          ? {
              message: `the loop has ${items.length} items, and its steps are written out for ${mostRounds} at most`,
              hint: 'write `loop:` on the tasks inside',
            }
          : null
  if (!wrong) return items!
  report(loading, { code: 'task/loop', at: entry.value.at, ...wrong })
  return null
}

/** The items of a list that is known now; undefined where it is not, null where it is something else. */
function itemsNow(
  tree: Tree,
  vars: Readonly<Record<string, Tree>>,
  { atLoad }: PlayState,
): readonly Value[] | null | undefined {
  let value: Value
  try {
    value = valueOf(tree, scopeOf(atLoad, vars))
  } catch (error) {
    if (asDiagnosticError(error)) return undefined
    throw error
  }
  if (Array.isArray(value)) return value as readonly Value[]
  return isMap(value) ? keysOf(value).map((key) => ({ key, value: value[key]! })) : null
}

/** The inputs and vars of a play, as far as they are known when it is loaded. */
export function scopeAtLoad(
  inputs: Readonly<Record<string, Value>>,
  vars: Readonly<Record<string, Tree>>,
): Scope {
  return scopeOf(Object.assign(Object.create(null) as Record<string, unknown>, inputs), vars)
}

/** The names whose values are known when a playbook is loaded. */
function scopeOf(atLoad: Scope, vars: Readonly<Record<string, Tree>>): Scope {
  const scope = Object.create(atLoad) as Record<string, unknown>
  for (const [name, tree] of Object.entries(vars))
    Object.defineProperty(scope, name, { get: () => valueOf(tree, scope), configurable: true })
  return scope
}

function labelOf(tree: Tree | null, item: Value, { atLoad }: PlayState): string | null {
  if (!tree) return null
  try {
    return textOf(valueOf(tree, withItem(atLoad, item)))
  } catch (error) {
    if (asDiagnosticError(error)) return null
    throw error
  }
}

function textOf(value: Value): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function withItem(scope: Scope, item: Value): Scope {
  return Object.defineProperty(Object.create(scope) as Record<string, unknown>, 'item', {
    value: item,
    configurable: true,
  })
}

function reportNoLoop(loading: Loading, { keyAt }: LocatedEntry): void {
  report(loading, {
    code: 'task/keyword',
    message: 'label has no effect without a loop',
    at: keyAt,
    hint: 'add `loop:`, or remove it',
  })
}

/** What a round hands down: the item, and all that was written beside the loop with this item in it. */
export function ofRound(inherited: Inherited, { item, label }: Round, at: Place): Inherited {
  const tree = (each: Tree | undefined): Tree | undefined => each && bound(each, item)
  const trees = (each: Readonly<Record<string, Tree>>): Readonly<Record<string, Tree>> =>
    Object.fromEntries(Object.entries(each).map(([name, one]) => [name, bound(one, item)]))
  return {
    ...inherited,
    when: inherited.when.map((each) => boundComputed(each, item)),
    becomeUser: tree(inherited.becomeUser),
    delegateTo: tree(inherited.delegateTo),
    environment: trees(inherited.environment),
    vars: { ...trees(inherited.vars), item: constant(item, at) },
    round: inherited.round === undefined ? label : `${inherited.round}, ${label}`,
  }
}

/** The vars that an include gives, with the item of its round in them. */
export function boundVars(
  vars: Readonly<Record<string, Tree>>,
  { vars: over }: Inherited,
): Readonly<Record<string, Tree>> {
  const item = over['item']
  if (item?.kind !== 'constant') return vars
  return Object.fromEntries(
    Object.entries(vars).map(([name, tree]) => [name, bound(tree, item.value)]),
  )
}

/** The loop of a task inside a round: its own items, and in what it says the item of the round. */
export function loopInRound(loop: Tree, { vars }: Inherited): Tree {
  const item = vars['item']
  return item?.kind === 'constant' ? bound(loop, item.value) : loop
}

/** A tree in which `item` is this one, whatever loop its task has. */
function bound(tree: Tree, item: Value): Tree {
  switch (tree.kind) {
    case 'constant':
      return tree
    case 'computed':
      return { ...tree, computed: boundComputed(tree.computed, item) }
    case 'list':
      return { ...tree, items: tree.items.map((each) => bound(each, item)) }
    case 'map':
      return {
        ...tree,
        entries: keepOrder(
          Object.fromEntries(
            Object.entries(tree.entries).map(([key, each]) => [key, bound(each, item)]),
          ),
          keysOf(tree.entries),
        ),
      }
  }
}

function boundComputed(computed: Computed, item: Value): Computed {
  if (computed.paths.every(([root]) => root !== 'item')) return computed
  return {
    ...computed,
    paths: computed.paths.filter(([root]) => root !== 'item'),
    evaluate: (scope) => computed.evaluate(withItem(scope, item)),
  }
}

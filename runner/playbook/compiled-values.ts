import { keepOrder } from '../contract/value.ts'
import type { Computed, Tree } from '../model/playbook.ts'
import { compileExpression } from '../source/expression.ts'
import {
  anyShape,
  followName,
  isFault,
  mapShape,
  type Names,
  type Shape,
} from '../source/known-names.ts'
import { compileTemplate, isTemplate } from '../source/template.ts'
import type { Located, LocatedEntry, LocatedScalar } from '../source/located.ts'
import { constant, report, type Loading } from './load-context.ts'

/** A value of a playbook: its templates and `!expr` scalars compiled and checked against the names known here. */
export function treeOf(loading: Loading, located: Located, names: Names): Tree {
  switch (located.kind) {
    case 'scalar':
      return scalarTree(loading, located, names)
    case 'list':
      return {
        kind: 'list',
        items: located.items.map((item) => treeOf(loading, item, names)),
        at: located.at,
      }
    case 'map': {
      const entries = Object.create(null) as Record<string, Tree>
      for (const [key, entry] of located.entries) entries[key] = treeOf(loading, entry.value, names)
      return { kind: 'map', entries: keepOrder(entries, located.entries.keys()), at: located.at }
    }
  }
}

function scalarTree(loading: Loading, scalar: LocatedScalar, names: Names): Tree {
  const computed = compute(loading, scalar, names)
  return computed
    ? { kind: 'computed', computed, at: scalar.at }
    : constant(scalar.value, scalar.at)
}

/** The template or expression that a scalar is, or null when it is as it stands. */
function compute(loading: Loading, scalar: LocatedScalar, names: Names): Computed | null {
  if (scalar.tag === '!raw') return null
  if (
    scalar.tag !== '!expr' &&
    !(
      typeof scalar.value === 'string' &&
      (isTemplate(scalar.text) || /\{%-?\s*\w/.test(scalar.text))
    )
  )
    return null
  const isExpression = scalar.tag === '!expr'
  loading.sees?.(scalar, names, isExpression ? 'expression' : 'template')
  const compiled = isExpression
    ? compileExpression(scalar.text, names, scalar, 'value')
    : compileTemplate(scalar.text, names, scalar)
  for (const diagnostic of compiled.diagnostics) report(loading, diagnostic)
  return compiled.computed
}

/** A text that may be computed; of a number or a list nothing is guessed. */
export function textTree(loading: Loading, entry: LocatedEntry, names: Names): Tree {
  const { key, keyAt, value } = entry
  if (
    value.kind === 'scalar' &&
    (value.tag === '!expr' || (typeof value.value === 'string' && value.value !== ''))
  )
    return treeOf(loading, value, names)
  const written = value.kind === 'scalar' ? value.text : ''
  report(loading, {
    code: 'playbook/value',
    message: `${key} wants a text`,
    at: written === '' && value.kind === 'scalar' ? keyAt : value.at,
    hint: written === '' ? 'write one text' : `quote it: "${written}"`,
  })
  return constant('', value.at)
}

/** The words of a command, each a text. */
export function wordsTree(
  loading: Loading,
  { key, keyAt, value }: LocatedEntry,
  names: Names,
): Tree {
  const items = value.kind === 'list' ? value.items : [value]
  return {
    kind: 'list',
    items: items.map((item) => textTree(loading, { key, keyAt, value: item }, names)),
    at: value.at,
  }
}

/** Conditions: one, or a list of which all must hold. */
export function conditionsOf(
  loading: Loading,
  { key, keyAt, value: located }: LocatedEntry,
  names: Names,
): Computed[] {
  if (located.kind === 'list' && located.items.every((item) => item.kind !== 'list'))
    return located.items.flatMap((item) =>
      conditionsOf(loading, { key, keyAt: item.at, value: item }, names),
    )
  if (located.kind !== 'scalar') {
    report(loading, {
      code: 'playbook/condition',
      message: `${key} is a condition, not a ${located.kind === 'map' ? 'map' : 'list of lists'}`,
      at: located.at,
      hint: 'write one condition, or a list of conditions; quote it if it holds `: `',
    })
    return []
  }
  if (located.comment)
    report(loading, {
      code: 'playbook/comment',
      message: 'the condition ends at this comment',
      at: located.comment,
      hint: 'quote the condition if `#` is a part of it; otherwise put the comment on its own line',
    })
  if (located.value === null || located.text.trim() === '') {
    report(loading, {
      code: 'playbook/condition',
      message: `${key} has no condition`,
      at: located.text === '' ? keyAt : located.at,
      hint: 'write a condition such as facts.sp >= 5, or remove the key',
    })
    return []
  }
  loading.sees?.(located, names, 'expression')
  const compiled = compileExpression(located.text, names, located, 'condition')
  for (const diagnostic of compiled.diagnostics) report(loading, diagnostic)
  return [compiled.computed]
}

/** What is known of a value before anything runs. */
export function treeShape(tree: Tree): Shape {
  switch (tree.kind) {
    case 'computed':
      return anyShape
    case 'list':
      return { kind: 'list', items: commonShape(tree.items) }
    case 'map':
      return mapShape(Object.entries(tree.entries).map(([key, entry]) => [key, treeShape(entry)]))
    case 'constant':
      return typeof tree.value === 'string'
        ? { kind: 'value', type: 'string' }
        : typeof tree.value === 'boolean'
          ? { kind: 'value', type: 'boolean' }
          : typeof tree.value === 'number'
            ? { kind: 'value', type: Number.isInteger(tree.value) ? 'integer' : 'number' }
            : anyShape
  }
}

/** What is known of a value, also of one that is one whole `{{ name }}`. */
export function knownShape(tree: Tree, names: Names): Shape {
  const name =
    tree.kind === 'computed'
      ? /^\{\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}\}$/.exec(tree.computed.text)?.[1]
      : undefined
  if (name === undefined) return treeShape(tree)
  const found = followName(names, name.split('.'))
  return isFault(found) ? anyShape : found
}

/** The shape of each item of a loop. */
export function itemShape(tree: Tree, names: Names): Shape {
  if (tree.kind === 'computed') {
    const shape = knownShape(tree, names)
    if (shape.kind === 'list') return shape.items
    return shape.kind === 'map' && !shape.open
      ? mapShape([
          ['key', { kind: 'value', type: 'string' }],
          ['value', anyShape],
        ])
      : anyShape
  }
  if (tree.kind === 'list') return commonShape(tree.items)
  if (tree.kind === 'map')
    return mapShape([
      ['key', { kind: 'value', type: 'string' }],
      ['value', commonShape(Object.values(tree.entries))],
    ])
  return anyShape
}

/** Items that are all maps have the fields of any of them; others have what they share. */
function commonShape(items: readonly Tree[]): Shape {
  const shapes = items.map(treeShape)
  const fields = new Map<string, Shape>()
  for (const shape of shapes) {
    if (shape.kind !== 'map')
      return shapes.every(
        (each) => each.kind === 'value' && shape.kind === 'value' && each.type === shape.type,
      )
        ? shape
        : anyShape
    for (const [name] of shape.fields) fields.set(name, anyShape)
  }
  return shapes.length === 0 ? anyShape : { kind: 'map', fields, open: false }
}

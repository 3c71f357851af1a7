import { keepOrder, keysOf } from '../contract/value.ts'
import type { Computed, Scope, Tree } from './playbook.ts'
import type { Value } from '../contract/value.ts'

/** The value of a tree, computed where it is computed. Throws Signals and DiagnosticErrors. */
export function valueOf(tree: Tree, scope: Scope): Value {
  switch (tree.kind) {
    case 'constant':
      return tree.value
    case 'computed':
      return tree.computed.evaluate(scope)
    case 'list':
      return tree.items.map((item) => valueOf(item, scope))
    case 'map': {
      const map: Record<string, Value> = Object.create(null)
      const keys = keysOf(tree.entries)
      for (const key of keys) map[key] = valueOf(tree.entries[key]!, scope)
      return keepOrder(map, keys)
    }
  }
}

/** Everything that is computed in a tree. */
export function computedIn(tree: Tree): readonly Computed[] {
  if (tree.kind === 'constant') return []
  if (tree.kind === 'computed') return [tree.computed]
  return (tree.kind === 'list' ? tree.items : Object.values(tree.entries)).flatMap(computedIn)
}

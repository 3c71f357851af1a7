import type { Tree } from '../model/playbook.ts'
import type { Names } from '../source/known-names.ts'
import type { Located } from '../source/located.ts'
import { writtenLocated } from '../schema/written-located.ts'
import type { Written } from '../schema/written.ts'
import { knownShape } from './compiled-values.ts'

/** A located value; its computed scalars (as in the tree that was made of it) are holes. */
export function writtenOf(located: Located, tree: Tree, names: Names): Written {
  if (tree.kind === 'computed') return { kind: 'hole', shape: knownShape(tree, names), at: tree.at }
  if (located.kind === 'list' && tree.kind === 'list')
    return {
      kind: 'list',
      items: located.items.map((item, i) => writtenOf(item, tree.items[i]!, names)),
      at: located.at,
    }
  if (located.kind === 'map' && tree.kind === 'map') {
    const entries = new Map(
      [...located.entries].map(([key, entry]) => [
        key,
        { at: entry.keyAt, value: writtenOf(entry.value, tree.entries[key]!, names) },
      ]),
    )
    return { kind: 'map', entries, at: located.at }
  }
  return writtenLocated(located)
}

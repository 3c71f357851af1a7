import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  visit,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { compose } from './yaml-document.ts'

/** A key of a YAML file, or the number of an item. */
export type Step = string | number

/** A map around a place, with what stands in it: the text of each value, null of one that is a list or a map. */
export interface MapAround {
  readonly path: readonly Step[]
  readonly entries: ReadonlyMap<string, string | null>
}

/** What a place of a YAML file is, also of one that is half written. */
export interface Cursor {
  /** The way from the root: to the map whose key is written, or to the value. */
  readonly path: readonly Step[]
  readonly part: 'key' | 'value'
  /** The maps around, from the root inward. The word itself is not in them. */
  readonly maps: readonly MapAround[]
  /** The word at the place, and its range. */
  readonly word: string
  readonly start: number
  readonly end: number
  /** The cursor itself. */
  readonly offset: number
  /** The whole text or key that the word is a part of, and what of it stands before the word. */
  readonly scalar: string
  readonly before: string
  /** The file with a mark in place of the word: what can be read of it is read of this. */
  readonly marked: string
}

/** Stands for the word at the cursor while the file is read. */
export const cursorMark = 'trueup0cursor0mark'

/** What stands at an offset of a YAML file; null where the file cannot be read around it. */
export function cursorAt(text: string, offset: number): Cursor | null {
  const start = offset - /[\w.-]*$/.exec(text.slice(0, offset))![0].length
  const end = offset + /^[\w.-]*/.exec(text.slice(offset))![0].length
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const opensLine = /^\s*(?:-\s+)*$/.test(text.slice(lineStart, start))
  const isKeyAlready = /^[ \t]*:(?:\s|$)/.test(text.slice(end))
  const word = text.slice(start, end)
  // A word that begins a line is probably a key whose colon is not written yet.
  for (const mark of opensLine && !isKeyAlready ? [`${cursorMark}:`, cursorMark] : [cursorMark]) {
    const marked = text.slice(0, start) + mark + text.slice(end)
    const found = find(marked)
    if (found) return { ...found, word, start, end, offset, marked }
  }
  return null
}

function find(marked: string): Pick<Cursor, 'path' | 'part' | 'maps' | 'scalar' | 'before'> | null {
  const composed = compose(marked, new LineCounter())
  if ('tooDeepAt' in composed) return null
  let found: ReturnType<typeof find> = null
  visit(composed.document, {
    Scalar(key, node, ancestors) {
      const text = typeof node.value === 'string' ? node.value : null
      if (text === null || !text.includes(cursorMark)) return undefined
      const before = text.slice(0, text.indexOf(cursorMark))
      const isKey = key === 'key'
      const nodes = [...ancestors, node] as readonly (Node | Pair)[]
      const { path, maps } = wayTo(nodes)
      found = {
        path: isKey ? path.slice(0, -1) : path,
        part: isKey ? 'key' : 'value',
        maps,
        scalar: text,
        before,
      }
      return visit.BREAK
    },
  })
  return found
}

/** The steps to the last of these nodes, each of which holds the next, and the maps on the way. */
function wayTo(nodes: readonly (Node | Pair)[]): {
  readonly path: readonly Step[]
  readonly maps: readonly MapAround[]
} {
  const path: Step[] = []
  const maps: MapAround[] = []
  for (const [at, node] of nodes.entries()) {
    const next = nodes[at + 1]
    if (isMap(node)) maps.push({ path: [...path], entries: entriesOf(node) })
    else if (isPair(node)) path.push(keyOf(node))
    else if (isSeq(node) && next) path.push(node.items.indexOf(next))
  }
  return { path, maps }
}

function entriesOf(map: YAMLMap): ReadonlyMap<string, string | null> {
  return new Map(
    map.items
      .map((pair) => [keyOf(pair), textOf(pair.value)] as const)
      .filter(([key]) => !key.includes(cursorMark)),
  )
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : ''
}

function textOf(value: unknown): string | null {
  return isScalar(value) && value.value !== null ? String(value.value) : null
}

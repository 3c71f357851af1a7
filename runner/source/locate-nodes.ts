import { type Document, type Node, isAlias, isScalar, isSeq, type YAMLMap, type Scalar } from 'yaml'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Located, LocatedEntry, LocatedScalar } from './located.ts'
import { deepestYaml } from '../text/yaml-tokens.ts'
import { tooDeep, templateError } from './yaml-document.ts'
import type { Code } from '../model/codes.ts'

const maxAliasNodes = 1000

/** Keys that would reach into JavaScript's objects. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** A YAML file that is read, and what was found wrong in it. */
export interface Reader {
  readonly text: string
  readonly document: Document.Parsed
  readonly anchors: Map<string, Node>
  /** Anchors that are being read: an alias to one of them would never end. */
  readonly open: Set<Node>
  readonly diagnostics: Diagnostic[]
  /** Code and place of each that was reported. */
  readonly reported: Set<string>
  place(start: number, end: number): Place
  aliasNodes: number
  insideAlias: number
}

/** The value of a node with its place. */
export function locate(reader: Reader, node: Node | null, depth: number): Located {
  if (reader.insideAlias > 0 && ++reader.aliasNodes > maxAliasNodes) return empty(reader, node)
  if (node && isAlias(node)) return locateAlias(reader, node.source, rangeOf(reader, node), depth)
  const at = rangeOf(reader, node)
  if (!node || isScalar(node)) return locateScalar(reader, node, at)
  if (depth >= deepestYaml) {
    report(reader, tooDeep(at))
    return empty(reader, node)
  }
  if (node.anchor) reader.anchors.set(node.anchor, node)
  reader.open.add(node)
  const located = isSeq(node)
    ? {
        kind: 'list' as const,
        items: node.items.map((item) => locate(reader, item as Node | null, depth + 1)),
        at,
      }
    : locateMap(reader, node as YAMLMap, at, depth)
  reader.open.delete(node)
  return located
}

function locateAlias(reader: Reader, name: string, at: Place, depth: number): Located {
  const target = reader.anchors.get(name)
  if (!target || reader.open.has(target)) {
    report(reader, {
      code: 'yaml/alias',
      message: target
        ? `*${name} stands inside the value that it names`
        : `no anchor &${name} stands before this alias`,
      at,
      hint: 'write the value itself in place of the alias',
    })
    return empty(reader, null)
  }
  reader.insideAlias += 1
  const located = locate(reader, target, depth)
  reader.insideAlias -= 1
  if (reader.aliasNodes > maxAliasNodes) {
    report(reader, {
      code: 'yaml/alias',
      message: `the aliases of this file stand for more than ${maxAliasNodes} values`,
      at,
      hint: 'write the values themselves in place of the aliases',
    })
  }
  return located
}

function locateMap(reader: Reader, node: YAMLMap, at: Place, depth: number): Located {
  const start = node.range?.[0] ?? 0
  const written = reader.text.slice(start, node.range?.[1] ?? start)
  if (node.flow && written.startsWith('{{')) {
    report(reader, templateError(at, written))
    // Read on as if it were quoted, so that what else is wrong is said too.
    return {
      kind: 'scalar',
      value: written,
      text: written,
      quoted: true,
      tag: null,
      comment: null,
      at,
      locate: (offset, width = 1) =>
        locatePart(reader, written, start, start + written.length, offset, width) ?? at,
    }
  }
  const entries = new Map<string, LocatedEntry>()
  for (const pair of node.items) {
    const keyNode = pair.key as Node | null
    const keyAt = rangeOf(reader, keyNode, at)
    const key = readKey(reader, keyNode, keyAt, entries)
    if (key === null) continue
    const node = pair.value as Node | null
    // What is not there is shown where it is missing: at its key.
    const isEmpty =
      !node || (isScalar(node) && node.source === '' && node.value === null && !node.anchor)
    const value = isEmpty ? locateScalar(reader, null, keyAt) : locate(reader, node, depth + 1)
    entries.set(key, { key, keyAt, value })
  }
  return { kind: 'map', entries, at }
}

/** The text of a key; null after an error, for a key that has no text, is forbidden, or stands twice. */
function readKey(
  reader: Reader,
  node: Node | null,
  at: Place,
  entries: ReadonlyMap<string, LocatedEntry>,
): string | null {
  const refuse = (code: Code, message: string, hint: string): null => {
    report(reader, { code, message, at, hint })
    return null
  }
  if (!isScalar(node) || node.value === null)
    return refuse('yaml/key', 'a key must be a text', 'write `key: value`')
  const key = scalarText(node)
  if (forbiddenKeys.has(key))
    return refuse('yaml/forbidden-key', `'${key}' cannot be a key`, 'take another name')
  if (key === '<<' && node.type === 'PLAIN')
    return refuse('yaml/merge', 'YAML 1.2 has no merge key', 'write the keys out')
  const earlier = entries.get(key)
  if (earlier)
    return refuse(
      'yaml/duplicate-key',
      `'${key}' stands in this map already, in line ${earlier.keyAt.line}`,
      'remove one of the two',
    )
  return key
}

function locateScalar(reader: Reader, node: Scalar | null, at: Place): LocatedScalar {
  if (!node)
    return {
      kind: 'scalar',
      value: null,
      text: '',
      quoted: false,
      tag: null,
      comment: null,
      at,
      locate: () => at,
    }
  if (node.anchor) reader.anchors.set(node.anchor, node as Node)
  const [start, end] = node.range ?? [0, 0]
  const text = scalarText(node)
  const quoted =
    (node.type !== undefined && node.type !== 'PLAIN') || node.tag === 'tag:yaml.org,2002:str'
  const gap = quoted ? null : /^[ \t]+(#[^\r\n]*)/.exec(reader.text.slice(end, end + 400))
  return {
    kind: 'scalar',
    value: node.value as LocatedScalar['value'],
    text,
    quoted,
    tag: node.tag === '!raw' || node.tag === '!expr' ? node.tag : null,
    comment:
      gap && text !== ''
        ? reader.place(end + gap[0].length - gap[1]!.length, end + gap[0].length)
        : null,
    at,
    locate: (offset, width = 1) => locatePart(reader, text, start, end, offset, width) ?? at,
  }
}

/** Folding and escapes move text, but keep its words: the n-th occurrence in the value is the n-th in the file. */
function locatePart(
  reader: Reader,
  text: string,
  start: number,
  end: number,
  offset: number,
  width: number,
): Place | null {
  const raw = reader.text.slice(start, end)
  const whole = text.slice(offset, offset + Math.max(width, 1)).split('\n', 1)[0]!
  // What is escaped in a quoted text is not found as it is: what stands before it is.
  for (const part of [whole, whole.split(/["'\\\t]/, 1)[0]!]) {
    if (part === '') continue
    let found = raw.indexOf(part)
    for (
      let at = text.indexOf(part);
      at >= 0 && at < offset && found >= 0;
      at = text.indexOf(part, at + 1)
    )
      found = raw.indexOf(part, found + 1)
    if (found >= 0) return reader.place(start + found, start + found + part.length)
  }
  return null
}

function scalarText(node: Scalar): string {
  if (typeof node.value === 'string') return node.value
  return node.source ?? String(node.value ?? '')
}

function rangeOf(reader: Reader, node: Node | null, otherwise?: Place): Place {
  const range = node?.range
  if (!range) return otherwise ?? reader.place(0, 0)
  return reader.place(range[0], range[1])
}

function empty(reader: Reader, node: Node | null): LocatedScalar {
  return locateScalar(reader, null, rangeOf(reader, node))
}

/** Aliases bring the same mistake again and again: each is said once. */
function report(reader: Reader, diagnostic: Diagnostic): void {
  const { code, at } = diagnostic
  const what = code === 'yaml/alias' ? code : `${code} ${at?.line}:${at?.column}`
  if (reader.reported.has(what)) return
  reader.reported.add(what)
  reader.diagnostics.push(diagnostic)
}

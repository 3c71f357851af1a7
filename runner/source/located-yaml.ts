import { keepOrder } from '../contract/value.ts'
import {
  isAlias,
  isScalar,
  isSeq,
  LineCounter,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Value } from '../contract/value.ts'
import {
  compose,
  maxDepth,
  placeOf,
  syntaxErrors,
  templateError,
  tooDeep,
} from './yaml-document.ts'

/** One scalar and where it stands. */
export interface LocatedScalar {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, without its quotes: `0644` where `value` is 644. */
  readonly text: string
  /** Quoted, or a block scalar: text that nothing was guessed of. */
  readonly quoted: boolean
  readonly tag: '!raw' | '!expr' | null
  /** The comment that ends this plain scalar on its own line: ` #` where it was perhaps meant as text. */
  readonly comment: Place | null
  readonly at: Place
  /** The place of a part of `text`. */
  locate(offset: number, width?: number): Place
}
/** A list and where it stands. */
export interface LocatedList {
  readonly kind: 'list'
  readonly items: readonly Located[]
  readonly at: Place
}
/** One entry of a map, with the place of its key. */
export interface LocatedEntry {
  readonly key: string
  readonly keyAt: Place
  readonly value: Located
}
/** A map and where it stands, its keys in the order in which they were written. */
export interface LocatedMap {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, LocatedEntry>
  readonly at: Place
}
/** A value of a YAML file and where it stands. */
export type Located = LocatedScalar | LocatedList | LocatedMap

/** What a file says, and what is wrong with it. `value` is null only when nothing could be read. */
export interface ParsedYaml {
  readonly value: Located | null
  readonly diagnostics: readonly Diagnostic[]
}

const maxBytes = 32 * 1024 * 1024
const maxAliasNodes = 1000
/** Keys that would reach into JavaScript's objects. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

interface Reader {
  readonly text: string
  readonly document: Document.Parsed
  readonly anchors: Map<string, Node>
  /** Anchors that are being read: an alias to one of them would never end. */
  readonly open: Set<Node>
  readonly diagnostics: Diagnostic[]
  place(start: number, end: number): Place
  aliasNodes: number
  insideAlias: number
}

/** Reads YAML 1.2 (core schema) into values that know their places. Warnings are errors, and nothing is merged or guessed. */
export function parseYaml(file: string, input: string): ParsedYaml {
  const text = input.startsWith('\uFEFF') ? input.slice(1) : input
  const refused = refuseVault(file, text) ?? refuseBefore(file, text)
  if (refused) return { value: null, diagnostics: [refused] }
  const lines = new LineCounter()
  const place = (start: number, end: number): Place => placeOf(file, text, lines, start, end)
  const composed = compose(text, lines)
  if ('tooDeepAt' in composed)
    return {
      value: null,
      diagnostics: [tooDeep(place(composed.tooDeepAt, composed.tooDeepAt + 1))],
    }
  const { document, secondAt } = composed
  if (secondAt !== null) {
    const hint = 'one file holds one document: remove what follows `---`, or split the file'
    return {
      value: null,
      diagnostics: [
        {
          code: 'yaml/several-documents',
          message: 'a second document begins here',
          at: place(secondAt, secondAt + 3),
          hint,
        },
      ],
    }
  }
  const version = document.directives.yaml
  if (version.explicit && version.version !== '1.2') {
    return {
      value: null,
      diagnostics: [
        {
          code: 'yaml/version',
          message: `%YAML ${version.version}: files are YAML 1.2`,
          at: place(0, 5),
          hint: 'remove the %YAML line',
        },
      ],
    }
  }
  const diagnostics: Diagnostic[] = syntaxErrors(document, place)
  const broken = document.errors.length > 0
  const reader: Reader = {
    text,
    document,
    anchors: new Map(),
    open: new Set(),
    diagnostics,
    place,
    aliasNodes: 0,
    insideAlias: 0,
  }
  const value = broken || !document.contents ? null : locate(reader, document.contents, 0)
  return { value, diagnostics }
}

/** Whether nothing is written there, or `null`. */
export function isNothing(located: Located): boolean {
  return located.kind === 'scalar' && located.value === null
}

/** The values of a located tree, without places. Maps have no prototype. */
export function plain(located: Located): Value {
  if (located.kind === 'scalar') return located.value
  if (located.kind === 'list') return located.items.map(plain)
  const map: Record<string, Value> = Object.create(null)
  for (const [key, entry] of located.entries) map[key] = plain(entry.value)
  return keepOrder(map, located.entries.keys())
}

/** A file of ansible-vault is YAML of one text, which says nothing. */
function refuseVault(file: string, text: string): Diagnostic | null {
  if (!text.startsWith('$ANSIBLE_VAULT;')) return null
  return {
    code: 'yaml/vault',
    message: 'this file is encrypted by ansible-vault, which trueup does not open',
    at: { file, line: 1, column: 1 },
    hint: `give what is in it as inputs: ansible-vault view ${file} | trueup … -e @/dev/stdin; or write it to a file that only you may read`,
  }
}

function refuseBefore(file: string, text: string): Diagnostic | null {
  const at: Place = {
    file,
    line: 1,
    column: 1,
    source: text.slice(0, 200).split(/\r?\n/, 1)[0] ?? '',
  }
  if (text.length > maxBytes)
    return {
      code: 'yaml/too-large',
      message: `the file is larger than ${maxBytes / 1024 / 1024} MiB`,
      at: { file, line: 1, column: 1 },
      hint: 'split it',
    }
  const nul = text.indexOf('\0')
  if (nul < 0) return null
  const line = text.slice(0, nul).split('\n')
  return {
    code: 'yaml/nul',
    message: 'the file has a NUL character: it is binary, or not UTF-8',
    at: { ...at, line: line.length, column: line.at(-1)!.length + 1, source: '' },
    hint: 'save it as UTF-8 text',
  }
}

function locate(reader: Reader, node: Node | null, depth: number): Located {
  if (reader.insideAlias > 0 && ++reader.aliasNodes > maxAliasNodes) return empty(reader, node)
  if (node && isAlias(node)) return locateAlias(reader, node.source, rangeOf(reader, node), depth)
  const at = rangeOf(reader, node)
  if (!node || isScalar(node)) return locateScalar(reader, node, at)
  if (depth >= maxDepth) {
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
      hint: 'write the value out',
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
      hint: 'write the values out',
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
    if (!isScalar(keyNode) || keyNode.value === null) {
      report(reader, {
        code: 'yaml/key',
        message: 'a key must be a text',
        at: keyAt,
        hint: 'write `key: value`',
      })
      continue
    }
    const key = scalarText(keyNode)
    if (forbiddenKeys.has(key)) {
      report(reader, {
        code: 'yaml/forbidden-key',
        message: `'${key}' cannot be a key`,
        at: keyAt,
        hint: 'take another name',
      })
      continue
    }
    if (key === '<<' && keyNode.type === 'PLAIN') {
      report(reader, {
        code: 'yaml/merge',
        message: 'YAML 1.2 has no merge key',
        at: keyAt,
        hint: 'write the keys out',
      })
      continue
    }
    const earlier = entries.get(key)
    if (earlier) {
      report(reader, {
        code: 'yaml/duplicate-key',
        message: `'${key}' stands in this map already, in line ${earlier.keyAt.line}`,
        at: keyAt,
        hint: 'remove one of the two',
      })
      continue
    }
    const node = pair.value as Node | null
    // What is not there is shown where it is missing: at its key.
    const isEmpty =
      !node || (isScalar(node) && node.source === '' && node.value === null && !node.anchor)
    const value = isEmpty ? locateScalar(reader, null, keyAt) : locate(reader, node, depth + 1)
    entries.set(key, { key, keyAt, value })
  }
  return { kind: 'map', entries, at }
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
  const { at } = diagnostic
  if (
    reader.diagnostics.some(
      (d) => d.code === diagnostic.code && d.at?.line === at?.line && d.at?.column === at?.column,
    )
  )
    return
  if (diagnostic.code === 'yaml/alias' && reader.diagnostics.some((d) => d.code === 'yaml/alias'))
    return
  reader.diagnostics.push(diagnostic)
}

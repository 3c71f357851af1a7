import { parseJson } from '../../contract/json.ts'
import { unclear } from '../unclear.ts'

/** What a product's entry holds: every scalar is a text, so that a version stays one. */
export type Entry = string | readonly Entry[] | { readonly [key: string]: Entry }

interface Line {
  readonly indent: number
  readonly text: string
}
/** A value, and the index of the first line (or character) behind it. */
type Read = readonly [value: Entry, next: number]

/**
 * Reads the YAML that product catalogs are written in: maps, lists and one-line scalars, plain or quoted, in block or in flow
 * style. Whatever else YAML has (anchors, tags, block scalars, folded lines) is a failed read, never a guess.
 */
export function readYaml(text: string): Entry {
  const lines = text.split('\n').flatMap((line) => {
    const bare = line.trimEnd()
    return bare.trim() === '' || bare.trim().startsWith('#') || bare === '---'
      ? []
      : [{ indent: bare.length - bare.trimStart().length, text: bare.trim() }]
  })
  if (lines.length === 0) return {}
  const [value, next] = block(lines, 0)
  return next === lines.length ? value : strange(lines[next])
}

function block(lines: readonly Line[], from: number): Read {
  const first = lines[from]!
  if (isItem(first)) return list(lines, from, first.indent)
  return keyOf(first.text)
    ? map(lines, from, first.indent)
    : inline(lines, from, first.text, first.indent)
}

function map(lines: readonly Line[], from: number, indent: number): Read {
  const entries: [string, Entry][] = []
  let at = from
  while (at < lines.length && lines[at]!.indent === indent && !isItem(lines[at]!)) {
    const key = keyOf(lines[at]!.text) ?? strange(lines[at])
    if (entries.some(([name]) => name === key.name)) strange(lines[at])
    const [value, next] = valueOf(lines, at, key.rest, indent)
    entries.push([key.name, value])
    at = next
  }
  return [Object.fromEntries(entries), at]
}

function list(lines: readonly Line[], from: number, indent: number): Read {
  const items: Entry[] = []
  let at = from
  while (at < lines.length && lines[at]!.indent === indent && isItem(lines[at]!)) {
    const rest = lines[at]!.text.slice(1)
    const inner = indent + 1 + rest.length - rest.trimStart().length
    // An item is a block of its own that begins behind its dash.
    const [item, next]: Read =
      rest.trim() === ''
        ? valueOf(lines, at, '', indent)
        : block(
            [...lines.slice(0, at), { indent: inner, text: rest.trim() }, ...lines.slice(at + 1)],
            at,
          )
    items.push(item)
    at = next
  }
  return [items, at]
}

function valueOf(lines: readonly Line[], at: number, rest: string, indent: number): Read {
  if (rest !== '') return inline(lines, at, rest, indent)
  const next = lines[at + 1]
  // A list may stand as far left as its key.
  if (
    next &&
    (next.indent > indent || (next.indent === indent && isItem(next) && !isItem(lines[at]!)))
  )
    return block(lines, at + 1)
  return ['', at + 1]
}

/** A scalar, or a list or map in brackets, which may go on over further lines. */
function inline(lines: readonly Line[], at: number, text: string, indent: number): Read {
  if (!/^[[{]/.test(text)) {
    const next = lines[at + 1]
    return next && next.indent > indent ? strange(next) : [scalar(text), at + 1]
  }
  let whole = text
  for (let end = at + 1; ; end++) {
    const read = flow(whole, 0)
    if (read) return /^\s*(#.*)?$/.test(whole.slice(read[1])) ? [read[0], end] : strange(lines[at])
    if (end >= lines.length || lines[end]!.indent <= indent) strange(lines[at])
    whole += ` ${lines[end]!.text}`
  }
}

/** A value in flow style from this character on; undefined where the text ends before it does. */
function flow(text: string, from: number): Read | undefined {
  const open = text[from]
  if (open !== '[' && open !== '{') return flowScalar(text, from)
  const items: Entry[] = []
  const entries: [string, Entry][] = []
  let at = skip(text, from + 1)
  while (at < text.length && text[at] !== (open === '[' ? ']' : '}')) {
    const item = open === '[' ? flow(text, at) : flowEntry(text, at, entries)
    if (!item) return undefined
    if (open === '[') items.push(item[0])
    at = skip(text, item[1])
    if (text[at] === ',') at = skip(text, at + 1)
    else if (at < text.length && !/[\]}]/.test(text[at]!)) strange({ indent: 0, text })
  }
  return at < text.length ? [open === '[' ? items : Object.fromEntries(entries), at + 1] : undefined
}

function flowEntry(text: string, at: number, entries: [string, Entry][]): Read | undefined {
  const key = flowScalar(text, at)
  const colon = key && skip(text, key[1])
  if (!key || colon === undefined || colon >= text.length) return undefined
  if (text[colon] !== ':') return strange({ indent: 0, text })
  const value = flow(text, skip(text, colon + 1))
  if (value) entries.push([key[0] as string, value[0]])
  return value
}

function flowScalar(text: string, from: number): Read | undefined {
  const match =
    /^(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s"'[\]{},#&*!|>%@`](?:[^,[\]{}:#]|:(?=[^\s,[\]{}])|(?<!\s)#)*)/.exec(
      text.slice(from),
    )
  if (match) return [scalar(match[0].trim()), from + match[0].length]
  return from >= text.length || /^["']/.test(text.slice(from))
    ? undefined
    : strange({ indent: 0, text })
}

function skip(text: string, from: number): number {
  return from + /^\s*/.exec(text.slice(from))![0].length
}

function keyOf(text: string): { readonly name: string; readonly rest: string } | undefined {
  const match =
    // eslint-disable-next-line regexp/no-super-linear-backtracking -- a line of the catalog, whose size is bounded by its probe
    /^("(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^\s"'[\]{}#&*!|>%@`?-][^#]*?|-[^\s#][^#]*?):(?:\s+(.*))?$/.exec(
      text,
    )
  return match
    ? { name: scalar(match[1]!), rest: /^#/.test(match[2] ?? '') ? '' : (match[2] ?? '') }
    : undefined
}

function isItem(line: Line): boolean {
  return line.text === '-' || line.text.startsWith('- ')
}

function scalar(text: string): string {
  const quoted = /^("(?:\\.|[^"\\])*"|'(?:''|[^'])*')(?:\s+#.*)?$/.exec(text)?.[1]
  if (quoted?.startsWith("'")) return quoted.slice(1, -1).replaceAll("''", "'")
  if (quoted) {
    const read = parseJson(quoted)
    return typeof read === 'string' ? read : strange({ indent: 0, text })
  }
  // eslint-disable-next-line regexp/no-super-linear-move -- a line of the catalog, whose size is bounded by its probe
  const plain = text.replace(/\s+#.*$/, '')
  return /^[&*!|>%@`"'[\]{},]|^[-?:](?:\s|$)|:(?:\s|$)/.test(plain)
    ? strange({ indent: 0, text })
    : plain
}

function strange(line: Line | undefined): never {
  return unclear(
    `the catalog has YAML that is not read here: ${(line?.text ?? '').slice(0, 80)}`,
    'look at it with `kubectl --namespace services get configmap cray-product-catalog --output yaml`, and give the values as inputs',
  )
}

/** An element of a small XML document, as tools print it: its attributes, and the text up to the next tag. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
}

const entities: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
  }),
)

/**
 * The elements of a document in the order of their start tags; comments, declarations and end tags are left out. It reads once from the
 * beginning to the end: a host may print what never ends a tag.
 */
export function elementsOf(xml: string): readonly XmlElement[] {
  const bare = withoutDeclarations(withoutComments(xml))
  const elements: XmlElement[] = []
  for (let at = bare.indexOf('<'); at >= 0; at = bare.indexOf('<', at)) {
    const tag = startTag(bare, at + 1)
    at = tag.end
    if (!tag.isWhole) continue
    const next = bare.indexOf('<', at)
    const text = bare.slice(at, next < 0 ? bare.length : next)
    elements.push({
      name: tag.name,
      attributes: Object.fromEntries(tag.attributes),
      text: decoded(text).trim(),
    })
  }
  return elements
}

function withoutComments(xml: string): string {
  return without(xml, (from) => xml.indexOf('<!--', from), '-->')
}

function withoutDeclarations(xml: string): string {
  const declaration = /<[?!]/g
  return without(
    xml,
    (from) => {
      declaration.lastIndex = from
      return declaration.exec(xml)?.index ?? -1
    },
    '>',
  )
}

/** The text without what begins where `next` says and ends with `end`; what has no end goes up to the end of the text. */
function without(text: string, next: (from: number) => number, end: string): string {
  let kept = ''
  let from = 0
  for (let at = next(0); at >= 0; at = next(from)) {
    kept += text.slice(from, at)
    const close = text.indexOf(end, at + 2)
    if (close < 0) return kept
    from = close + end.length
  }
  return kept + text.slice(from)
}

interface StartTag {
  readonly name: string
  readonly attributes: readonly (readonly [string, string])[]
  /** Behind its last letter, or where it was no start tag any more. */
  readonly end: number
  readonly isWhole: boolean
}

function startTag(text: string, from: number): StartTag {
  let end = from
  const taken = (pattern: RegExp): string | null => {
    pattern.lastIndex = end
    const found = pattern.exec(text)?.[0] ?? null
    if (found !== null) end += found.length
    return found
  }
  const name = taken(/[A-Za-z_][\w.:-]*/y) ?? ''
  const attributes: (readonly [string, string])[] = []
  const tag = (isWhole: boolean): StartTag => ({ name, attributes, end, isWhole })
  while (name !== '') {
    const hasBlank = taken(/\s+/y) !== null
    if (taken(/\/?>/y) !== null) return tag(true)
    const attribute = hasBlank ? taken(/[\w.:-]+/y) : null
    if (attribute === null || taken(/\s*=\s*["']/y) === null) break
    const close = text.indexOf(text[end - 1]!, end)
    if (close < 0) break
    attributes.push([attribute, decoded(text.slice(end, close))])
    end = close + 1
  }
  return tag(false)
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) =>
    name === undefined
      ? (character(decimal ? Number(decimal) : Number.parseInt(String(hex), 16)) ?? whole)
      : (entities.get(String(name)) ?? whole),
  )
}

/** The character of a number; null where it stands for none. */
function character(code: number): string | null {
  return code <= 0x10ffff ? String.fromCodePoint(code) : null
}

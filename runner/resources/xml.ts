/** An element of a small XML document, as tools print it: its attributes, and the text up to the next tag. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** The elements of a document in the order of their start tags; comments, declarations and end tags are left out. */
export function elementsOf(xml: string): readonly XmlElement[] {
  const bare = xml.replace(/<!--[\s\S]*?-->/g, '').replace(/<[?!][^>]*>/g, '')
  const starts = bare.matchAll(
    /<([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>([^<]*)/g,
  )
  return [...starts].map(([, name, attributes, text]) => ({
    name: name!,
    attributes: attributesOf(attributes ?? ''),
    text: decoded(text ?? '').trim(),
  }))
}

function attributesOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/(?<![\w.:-])([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)
  return Object.fromEntries(
    [...pairs].map(([, name, double, single]) => [name!, decoded(double ?? single ?? '')]),
  )
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) =>
    decimal
      ? String.fromCodePoint(Number(decimal))
      : hex
        ? String.fromCodePoint(Number.parseInt(String(hex), 16))
        : (entities[String(name)] ?? whole),
  )
}

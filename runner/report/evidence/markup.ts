import { cleanText } from '../screen-text.ts'

/** Text that is markup already: what `markup` makes, and our own style, script and base64. Nothing else is ever put into a page as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template: markup as it is, anything else as text. */
type Part = Markup | string | number | null | readonly Part[]

/** Markup in which every value is text, whatever its letters are. */
export function markup(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    pieces.map((piece, at) => (at === 0 ? piece : markupOf(parts[at - 1]!) + piece)).join(''),
  )
}

function markupOf(part: Part): string {
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map((each) => markupOf(each as Part)).join('')
  return part === null ? '' : escaped(cleanText(String(part as string | number)))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** A text as HTML and XML show it, between tags and in quoted attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (letter) => entities[letter]!)
}

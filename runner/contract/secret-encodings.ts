import { utf8 } from '../text/utf8.ts'
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Letters of base64 below which a piece of it could stand in any text. */
const shortestPiece = 8
/** Letters of a text above which only its usual forms are looked for: all of them would take seconds and hundreds of megabytes. */
const longest = 65_536
/** Letters of a line below which it could stand in any text. */
const shortestLine = 8
/** Lines of a text of which each is looked for by itself. */
const mostLines = 4000
/** A word of a text of several lines that could be a key: long, and of the letters of base64. */
const opaque = /[A-Za-z0-9+/=_-]{20,}/g
/** The value of a line whose name says that it is a secret. */
const namedValue =
  /(?:passw(?:or)?d|passphrase|secret|credential|token|key|pin)["']?\s*[:=]\s*["']?([^\s"']{4,})/gi
/** Lines that all files of a kind share. */
const commonLine = /^-+(?:BEGIN|END) [A-Z0-9 ]+-+$|^\[[\w. -]+\]$|^[^A-Za-z0-9]*$/

/**
 * The forms in which a host may echo a secret: as it is; in quotes of a shell; in JSON, HTML or an address, by the habits of the usual
 * writers of each; in hex; in base64, also as a part of a longer text. Of one with several lines, the same of each line, of its opaque
 * words, and of the values that it names as secrets.
 */
export function encodedForms(text: string): ReadonlySet<string> {
  const forms = new Set<string>()
  // Files end in a line end that an echo may lack.
  const whole = text.trim()
  addForms(forms, whole)
  if (!whole.includes('\n')) return forms
  forms.add(whole.replaceAll('\n', '\r\n'))
  for (const part of partsOf(whole))
    if (whole.length > longest) forms.add(part).add(usualJson(part))
    else addForms(forms, part)
  return forms
}

function partsOf(text: string): ReadonlySet<string> {
  const lines = text.split(/\r?\n/, mostLines).map((line) => line.trim())
  return new Set([
    ...lines.filter((line) => line.length >= shortestLine && !commonLine.test(line)),
    ...(text.match(opaque) ?? []).filter((word) => /\d/.test(word) && /[a-z]/i.test(word)),
    ...[...text.matchAll(namedValue)].map((match) => match[1]!),
  ])
}

function addForms(forms: Set<string>, text: string): void {
  forms.add(text)
  if (text.length > longest) {
    for (const form of [text.replaceAll("'", "'\\''"), usualJson(text), escapedHtml(text)])
      forms.add(form)
    return
  }
  // A text of such letters alone is the same in all of these.
  if (/[^A-Za-z0-9_.-]/.test(text))
    for (const form of [
      ...shellForms(text),
      ...jsonForms(text),
      ...htmlForms(text),
      ...urlForms(text),
    ])
      forms.add(form)
  const bytes = utf8(text)
  for (const piece of base64Pieces(bytes)) {
    forms.add(piece)
    forms.add(piece.replaceAll('+', '-').replaceAll('/', '_'))
  }
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (hex.length >= shortestPiece) forms.add(hex).add(hex.toUpperCase())
}

/** As `'…'`, `"…"` and printf's %q write it. */
function shellForms(text: string): readonly string[] {
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/[^A-Za-z0-9_./:=@%+,~\n-]/g, (letter) =>
      letter > '\x7f' ? letter : `\\${letter}`,
    ),
  ]
}

/** As JavaScript, Go, Python, PHP and .NET write it. */
function jsonForms(text: string): readonly string[] {
  const plain = usualJson(text)
  const go = escaped(plain, /[<>&\u2028\u2029]/g)
  const ascii = escaped(plain, /[\x7f-\uffff]/g)
  const forms = [
    plain,
    go,
    ascii,
    escaped(go, /[\x7f-\uffff]/g),
    escaped(plain.replaceAll('\\"', '\\u0022'), /[<>&'+\x7f-\uffff]/g),
    plain.replaceAll('/', '\\/'),
  ]
  return [
    ...forms,
    ...forms.map((form) => form.replace(/\\u[0-9a-f]{4}/g, (escape) => upperDigits(escape))),
  ]
}

function usualJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function upperDigits(escape: string): string {
  return `\\u${escape.slice(2).toUpperCase()}`
}

function escaped(text: string, letters: RegExp): string {
  return text.replace(
    letters,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** As Python, Go and XML write it, and in the text between tags. */
function htmlForms(text: string): readonly string[] {
  const inner = escapedHtml(text)
  const withQuotes = (double: string, single: string): string =>
    inner.replaceAll('"', () => double).replaceAll("'", () => single)
  return [
    inner,
    withQuotes('&quot;', "'"),
    withQuotes('&quot;', '&#x27;'),
    withQuotes('&quot;', '&#39;'),
    withQuotes('&#34;', '&#39;'),
    withQuotes('&quot;', '&apos;'),
  ]
}

function escapedHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** As encodeURIComponent, `quote` and `quote_plus` write it, with large and small digits. */
function urlForms(text: string): readonly string[] {
  let plain: string
  try {
    plain = encodeURIComponent(text)
  } catch {
    // Half a pair of UTF-16 has no such form.
    return []
  }
  const strict = plain.replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const forms = [plain, strict, strict.replaceAll('~', '%7E')].flatMap((form) => [
    form,
    form.replaceAll('%20', '+'),
    form.replaceAll('%2F', '/'),
  ])
  return [
    ...forms,
    ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
  ]
}

/** What base64 makes of a text wherever it stands in a longer one: the letters that depend on nothing beside it. */
function base64Pieces(bytes: Uint8Array): readonly string[] {
  const pieces = [0, 1, 2].map((offset) => {
    const bits = (offset * 8) % 6
    const skipped = bits === 0 ? 0 : (6 - bits) % 6
    let piece = ''
    for (let at = skipped; at + 6 <= bytes.length * 8; at += 6) {
      const pair = (bytes[at >> 3]! << 8) | (bytes[(at >> 3) + 1] ?? 0)
      piece += digits[(pair >> (10 - (at & 7))) & 63]!
    }
    return piece
  })
  return pieces.filter((piece) => piece.length >= shortestPiece)
}

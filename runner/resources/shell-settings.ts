/** One `KEY=value` of a file that a shell reads. */
interface Assignment {
  readonly key: string
  readonly value: string
  /** Where the key begins, and where its value ends. */
  readonly start: number
  readonly end: number
  /** Whether it is one word whose end is known: not what a shell would compute, and no list. */
  readonly isPlain: boolean
  /** Whether a quote in it stays open: then all that follows is in it. */
  readonly isOpen: boolean
}

/** The settings of a file that a shell reads (`KEY="value"`); of a key that is there twice the last one counts. Nothing is expanded. */
export function settingsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(assignmentsOf(text).map(({ key, value }) => [key, value]))
}

/** The text with these settings: the last line of a key is changed where it stands, a new one goes to the end, all else is kept. */
export function withSettings(text: string, wanted: Readonly<Record<string, string>>): string {
  const last = new Map(assignmentsOf(text).map((each) => [each.key, each]))
  const changed = Object.entries(wanted).flatMap(([key, value]) =>
    last.has(key) ? [{ ...last.get(key)!, value }] : [],
  )
  const added = Object.entries(wanted)
    .filter(([key]) => !last.has(key))
    .map(([key, value]) => `${key}=${quoted(value)}\n`)
  let edited = text
  for (const { key, value, start, end } of changed.sort((a, b) => b.start - a.start))
    edited = `${edited.slice(0, start)}${key}=${quoted(value)}${edited.slice(end)}`
  const gap = added.length > 0 && edited !== '' && !edited.endsWith('\n') ? '\n' : ''
  return `${edited}${gap}${added.join('')}`
}

/** The place in the text of a setting that cannot be replaced, because where its value ends is for a shell to say; null where all can be. */
export function unclearSetting(
  text: string,
  wanted: Readonly<Record<string, string>>,
): { readonly key: string; readonly line: number } | null {
  const all = assignmentsOf(text)
  const last = new Map(all.map((each) => [each.key, each]))
  const unclear = all.find(
    (each) => each.isOpen || (!each.isPlain && each.key in wanted && last.get(each.key) === each),
  )
  return unclear
    ? { key: unclear.key, line: text.slice(0, unclear.start).split('\n').length }
    : null
}

function assignmentsOf(text: string): readonly Assignment[] {
  const found: Assignment[] = []
  const start = /(?:^|\n)[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=/g
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const word = valueAt(text, start.lastIndex)
    found.push({ key: match[1]!, start: start.lastIndex - match[1]!.length - 1, ...word })
    // A quoted value may go over several lines, in which nothing is an assignment.
    start.lastIndex = word.end
  }
  return found
}

/** The word that begins here, as a shell reads it: quotes and backslashes taken away, variables left as they are written. */
function valueAt(text: string, from: number): Omit<Assignment, 'key' | 'start'> {
  let value = ''
  let at = from
  let isPlain = true
  let isOpen = false
  while (at < text.length && !/[ \t\n;&|]/.test(text[at]!)) {
    const quote = text[at] === '"' || text[at] === "'" ? text[at]! : ''
    if (quote === '') {
      const isEscaped = text[at] === '\\' && at + 1 < text.length
      if (!isEscaped && (/[()`]/.test(text[at]!) || text.startsWith('${', at))) isPlain = false
      if (!isEscaped || text[at + 1] !== '\n') value += isEscaped ? text[at + 1]! : text[at]!
      at += isEscaped ? 2 : 1
      continue
    }
    at += 1
    while (at < text.length && text[at] !== quote) {
      const isEscaped = quote === '"' && text[at] === '\\' && /["\\$`\n]/.test(text[at + 1] ?? '')
      if (
        quote === '"' &&
        !isEscaped &&
        (text[at] === '`' || /^\$[({]/.test(text.slice(at, at + 2)))
      )
        isPlain = false
      if (!isEscaped || text[at + 1] !== '\n') value += isEscaped ? text[at + 1]! : text[at]!
      at += isEscaped ? 2 : 1
    }
    if (at >= text.length) isOpen = true
    at += 1
  }
  return { value, end: Math.min(at, text.length), isPlain, isOpen }
}

function quoted(value: string): string {
  return `"${value.replace(/["\\$`]/g, '\\$&')}"`
}

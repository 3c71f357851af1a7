import { encodedForms } from './secret-encodings.ts'

/** Texts of secrets that are looked for in what is put out. */
export interface SecretTable {
  /** Looks for a text from now on, in all of its forms of at least `shortest` letters. */
  add(text: string, name: string, shortest: number): void
  /** Looks for this one text alone. */
  addExactly(text: string, name: string): void
  isEmpty(): boolean
  /** The text with the name of a secret in place of each secret in it. */
  hide(text: string): string
}

/** Letters below which a text would be found in every second word, and would name nothing. */
export const shortestSecret = 4
/** Letters below which a text is not looked for across line ends. */
const shortestAcross = 8

interface Bucket {
  /** By its text, the name of a secret. */
  readonly names: Map<string, string>
  /** The lengths of the texts, the longest first: where one secret begins another, nothing of the other may stay. */
  readonly lengths: number[]
}
interface Found {
  readonly length: number
  readonly name: string
}

/** An empty table. */
export function createSecretTable(): SecretTable {
  /** By their first letters. */
  const buckets = new Map<string, Bucket>()
  const added = new Set<string>()
  /** Which letters a text that is looked for can begin with: most of an output is passed over by this alone. */
  const begins = new Uint8Array(65_536)

  function addForm(form: string, name: string): void {
    const start = form.slice(0, shortestSecret)
    let bucket = buckets.get(start)
    if (!bucket) buckets.set(start, (bucket = { names: new Map(), lengths: [] }))
    if (bucket.names.has(form)) return
    begins[form.charCodeAt(0)] = 1
    bucket.names.set(form, name)
    if (bucket.lengths.includes(form.length)) return
    bucket.lengths.push(form.length)
    bucket.lengths.sort((a, b) => b - a)
  }

  function findAt(text: string, at: number): Found | null {
    if (begins[text.charCodeAt(at)] === 0) return null
    const bucket = buckets.get(text.slice(at, at + shortestSecret))
    if (!bucket) return null
    for (const length of bucket.lengths) {
      const name =
        at + length <= text.length ? bucket.names.get(text.slice(at, at + length)) : undefined
      if (name !== undefined) return { length, name }
    }
    return null
  }

  return {
    add(text, name, shortest) {
      if (added.has(text)) return
      added.add(text)
      for (const form of encodedForms(text)) if (form.length >= shortest) addForm(form, name)
    },
    addExactly(text, name) {
      if (text.length >= shortestSecret) addForm(text, name)
    },
    isEmpty: () => buckets.size === 0,
    hide(text) {
      if (buckets.size === 0) return text
      return hideAcross(hideWithin(text, findAt), findAt)
    },
  }
}

type Finder = (text: string, at: number) => Found | null

function hideWithin(text: string, findAt: Finder): string {
  let hidden = ''
  let from = 0
  for (let at = 0; at + shortestSecret <= text.length; at++) {
    const found = findAt(text, at)
    if (!found) continue
    hidden += `${text.slice(from, at)}(secret ${found.name})`
    from = at + found.length
    at = from - 1
  }
  return hidden + text.slice(from)
}

/** A line end, as it is or as JSON writes it, with the blanks that a block begins its lines with. */
const lineEnd = /(?:\r|\n|\\r|\\n)+[ \t]*/g

/** Hides what stands on several lines: base64, hex and `fold` break theirs anywhere. */
function hideAcross(text: string, findAt: Finder): string {
  const breaks = [...text.matchAll(lineEnd)]
  if (breaks.length === 0) return text
  let joined = ''
  /** Where each run of letters that was joined begins, there and here. */
  const starts: { readonly joined: number; readonly original: number }[] = []
  let from = 0
  for (const found of [...breaks, null]) {
    starts.push({ joined: joined.length, original: from })
    joined += text.slice(from, found?.index ?? text.length)
    if (found) from = found.index + found[0].length
  }
  let hidden = ''
  let done = 0
  let run = 0
  for (let at = 0; at + shortestAcross <= joined.length; at++) {
    while (run + 1 < starts.length && starts[run + 1]!.joined <= at) run++
    const next = starts[run + 1]?.joined ?? Infinity
    const found = findAt(joined, at)
    if (!found || found.length < shortestAcross || at + found.length <= next) continue
    let last = run
    while (last + 1 < starts.length && starts[last + 1]!.joined < at + found.length) last++
    const begin = starts[run]!.original + at - starts[run]!.joined
    const end = starts[last]!.original + at + found.length - starts[last]!.joined
    hidden += `${text.slice(done, begin)}(secret ${found.name})`
    done = end
    at += found.length - 1
  }
  return hidden + text.slice(done)
}

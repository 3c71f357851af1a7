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

/** Letters behind which the texts of a bucket that are longer part again: many begin with the same four. */
const anchor = 16
/** Letters that may be compared for each letter of a text, before the rest of it is not shown. */
const patience = 400
/** Stands for the rest of a text that begins like secrets at every letter, so that to look for all of them has no end. */
const unsearched = '(the rest is not shown: it is too much like a secret)'

/** Texts that are looked for, which begin alike. */
interface Texts {
  /** By its text, the name of a secret. */
  readonly names: Map<string, string>
  /** The lengths of the texts, the longest first: where one secret begins another, nothing of the other may stay. */
  readonly lengths: number[]
}
interface Bucket {
  /** By their first letters, the texts that are longer than these. */
  readonly long: Map<string, Texts>
  readonly short: Texts
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
    if (!bucket) buckets.set(start, (bucket = { long: new Map(), short: noTexts() }))
    begins[form.charCodeAt(0)] = 1
    if (form.length <= anchor) return addText(bucket.short, form, name)
    const more = form.slice(0, anchor)
    let texts = bucket.long.get(more)
    if (!texts) bucket.long.set(more, (texts = noTexts()))
    addText(texts, form, name)
  }

  function findAt(text: string, at: number, budget: Budget): Found | null {
    if (begins[text.charCodeAt(at)] === 0) return null
    const bucket = buckets.get(text.slice(at, at + shortestSecret))
    if (!bucket) return null
    const long = bucket.long.size === 0 ? undefined : bucket.long.get(text.slice(at, at + anchor))
    return (long && longestAt(long, text, at, budget)) ?? longestAt(bucket.short, text, at, budget)
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

function noTexts(): Texts {
  return { names: new Map(), lengths: [] }
}

function addText({ names, lengths }: Texts, form: string, name: string): void {
  if (names.has(form)) return
  names.set(form, name)
  if (lengths.includes(form.length)) return
  lengths.push(form.length)
  lengths.sort((a, b) => b - a)
}

function longestAt(
  { names, lengths }: Texts,
  text: string,
  at: number,
  budget: Budget,
): Found | null {
  for (const length of lengths) {
    if (at + length > text.length) continue
    budget.left -= length
    if (budget.left < 0) return null
    const name = names.get(text.slice(at, at + length))
    if (name !== undefined) return { length, name }
  }
  return null
}

/** How many letters may still be compared; below zero, the search has ended. */
interface Budget {
  left: number
}

/** The budget of one pass: a pass that ends early leaves a beginning, which the next pass must look through too. */
function budgetFor(text: string): Budget {
  return { left: patience * (text.length + 4096) }
}

type Finder = (text: string, at: number, budget: Budget) => Found | null

function hideWithin(text: string, findAt: Finder): string {
  const budget = budgetFor(text)
  let hidden = ''
  let from = 0
  for (let at = 0; at + shortestSecret <= text.length; at++) {
    const found = findAt(text, at, budget)
    if (budget.left < 0) return `${hidden}${text.slice(from, at)}${unsearched}`
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
  const budget = budgetFor(joined)
  let hidden = ''
  let done = 0
  let run = 0
  for (let at = 0; at + shortestAcross <= joined.length; at++) {
    while (run + 1 < starts.length && starts[run + 1]!.joined <= at) run++
    const next = starts[run + 1]?.joined ?? Infinity
    const found = findAt(joined, at, budget)
    if (budget.left < 0)
      return `${hidden}${text.slice(done, starts[run]!.original + at - starts[run]!.joined)}${unsearched}`
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

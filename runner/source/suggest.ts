import { distance } from 'fastest-levenshtein'

/** The known word that was probably meant, or null when none is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const lower = word.toLowerCase()
  let best: string | null = null
  let least = (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1
  for (const candidate of known) {
    const steps = distance(lower, candidate.toLowerCase())
    if (steps < least) [best, least] = [candidate, steps]
  }
  return best
}

/** The question whether another word is meant. */
export function meantText(word: string): string {
  return `did you mean '${word}'?`
}

/** The word that a hint of `meantText` asks about; null of another hint. */
export function meantIn(hint: string | undefined): string | null {
  return /^did you mean '(.*)'\?$/.exec(hint ?? '')?.[1] ?? null
}

/** `did you mean 'x'?`, or the known words where none is near (all of them when they are few). */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = [...known]
  const near = nearest(word, words)
  if (near !== null) return meantText(near)
  if (words.length === 0) return 'none exist here'
  return words.length <= 16
    ? `known are: ${words.join(', ')}`
    : `known are, among others: ${words.slice(0, 12).join(', ')}`
}

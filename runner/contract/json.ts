import { Rejection } from './reject.ts'
import { Secret } from './secret.ts'
import type { Value } from './value.ts'

/**
 * How deeply lists and maps of foreign data may nest. Real answers stay below 30; comparing, printing and hiding go into
 * a value by recursion, which 5,000 levels would end for every host at once.
 */
export const deepest = 200

/** What is said of data that nests deeper. */
export const tooDeep = `it nests deeper than ${deepest} levels`

/** The value of a JSON text; `none` where the text is not JSON, `too-deep` where it nests too deeply to be handled. */
export type ReadJson =
  { readonly value: Value } | { readonly fault: 'none' | 'too-deep'; readonly value?: undefined }

/** Reads a text that may be JSON and may be hostile. */
export function readJson(text: string): ReadJson {
  // What cannot begin a value need not be thrown at: most of what commands print is not JSON.
  if (!/^\s*[[{"\d\-tfn]/.test(text)) return { fault: 'none' }
  if (nestsTooDeeply(text)) return { fault: 'too-deep' }
  try {
    return { value: JSON.parse(text) as Value }
  } catch {
    return { fault: 'none' }
  }
}

/** The value of a JSON text. Undefined when the text is not JSON: such a body is an answer too. A text that nests too deeply is a failed read. */
export function parseJson(text: string): Value | undefined {
  const read = readJson(text)
  if (read.value !== undefined || read.fault !== 'too-deep') return read.value
  throw deepFault()
}

/** Refuses a value that nests too deeply to be compared and printed. */
export function boundDepth<T>(value: T): T {
  // The levels are walked one after another, for recursion is what must not happen.
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw deepFault()
    const below = level.flatMap((each) =>
      typeof each !== 'object' || each === null || each instanceof Secret
        ? []
        : Object.values(each).filter((held) => typeof held === 'object' && held !== null),
    )
    level = [...new Set(below)]
  }
  return value
}

function deepFault(): Rejection {
  return new Rejection(
    'too-deep',
    `this answer is not handled: ${tooDeep}`,
    'read the part that is needed, for example with jq, or ask the service for less',
  )
}

const quote = 34
const backslash = 92

function nestsTooDeeply(text: string): boolean {
  if (text.length <= 2 * deepest) return false
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (inText) {
      if (letter === backslash) i++
      else if (letter === quote) inText = false
    } else if (letter === quote) inText = true
    // [ and {, then ] and }.
    else if (letter === 91 || letter === 123) {
      if (++depth > deepest) return true
    } else if (letter === 93 || letter === 125) depth--
  }
  return false
}
